"""Random-effects meta-analysis: one mean of estimates that differ beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, interval, quantile

Method = Literal["DL", "ML", "REML", "PM"]
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled estimate and how much the single ones differ.

    Attributes
    ----------
    found : Estimate
        Of the mean effect.
    tau2 : float
        Variance between studies.
    prediction : (float, float)
        Interval of the effect in a new setting.
    q, q_df, q_p
        Cochran's test that all effects are one.
    i2 : float
        Per cent of the variance of an estimate that is between studies.
    weights : ndarray, shape (k,)
        Shares of the studies, adding up to 1.
    """

    found: Estimate
    tau2: float
    prediction: tuple[float, float]
    q: float
    q_df: int
    q_p: float
    i2: float
    weights: Floats
    converged: bool
    warnings: tuple[str, ...]


def _as_estimates(estimates: ArrayLike, variances: ArrayLike) -> tuple[Floats, Floats]:
    y, v = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if y.ndim != 1 or y.shape != v.shape:
        raise UserError(f"{y.shape} estimates do not fit {v.shape} variances")
    faults: list[str] = []
    if len(y) < 2:
        faults.append(f"a meta-analysis needs two estimates, found {len(y)}")
    if wrong := int((~np.isfinite(y)).sum()):
        faults.append(f"{wrong} estimates are missing or infinite")
    if wrong := int((~np.isfinite(v) | (v <= 0)).sum()):
        faults.append(f"{wrong} variances are missing, infinite or not above zero")
    if faults:
        raise UserError("; ".join(faults))
    return y, v


def _centre(y: Floats, v: Floats, tau2: float) -> tuple[Floats, float, float]:
    """Weights, mean and weighted squares about it."""
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    return w, mean, float(w @ (y - mean) ** 2)


def moment_tau2(y: Floats, v: Floats) -> float:
    """Estimate the variance between studies by moments.

    References
    ----------
    DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2.

    Examples
    --------
    >>> moment_tau2(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    1.0
    """
    w, _mean, q = _centre(y, v, 0.0)
    return max(0.0, (q - (len(y) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def _score(y: Floats, v: Floats, tau2: float, method: Method) -> float:
    """Evaluate the equation whose root is the variance between studies."""
    w, mean, q = _centre(y, v, tau2)
    if method == "PM":
        return q - (len(y) - 1)
    squares = float(w**2 @ (y - mean) ** 2)
    if method == "ML":
        return squares - float(w.sum())
    return squares - float(w.sum() - (w**2).sum() / w.sum())


def estimate_tau2(y: Floats, v: Floats, method: Method = "REML") -> tuple[float, bool]:
    """Estimate the variance between studies; 0 where the data show none.

    Parameters
    ----------
    y, v : ndarray, shape (k,)
        Estimates and their variances, above zero.
    method : {"DL", "ML", "REML", "PM"}
        Moments, (restricted) maximum likelihood, or Paule and Mandel.

    Returns
    -------
    tau2 : float
    converged : bool

    References
    ----------
    Viechtbauer 2005, doi:10.3102/10769986030003261; Paule and Mandel 1982,
    doi:10.6028/jres.087.022.
    """
    from scipy.optimize import brentq

    if method == "DL":
        return moment_tau2(y, v), True
    top = float(np.ptp(y)) ** 2 + float(v.max())  # the spread of estimates bounds it
    # The likelihood may have a second peak: look over a grid, then solve where the slope turns.
    grid = np.r_[0.0, np.geomspace(1e-6, 1.0, 60) * top]
    slopes = np.array([_score(y, v, float(t), method) for t in grid])
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))
    roots = [0.0] if slopes[0] <= 0 else []
    for at in turns:
        ends = float(grid[at]), float(grid[at + 1])
        found = brentq(lambda t: _score(y, v, t, method), *ends, xtol=1e-15 * top)
        roots.append(float(found))  # pyright: ignore[reportArgumentType]
    if not roots:
        return float(top), False
    if method == "PM" or len(roots) == 1:
        return roots[-1], True
    return max(roots, key=lambda t: _likelihood(y, v, t, method)), True


def _likelihood(y: Floats, v: Floats, tau2: float, method: Method) -> float:
    w, _mean, q = _centre(y, v, tau2)
    restricted = np.log(w.sum()) if method == "REML" else 0.0
    return float(np.log(w).sum() - q - restricted) / 2


def pool_estimates(
    estimates: ArrayLike,
    variances: ArrayLike,
    method: Method = "REML",
    *,
    hartung_knapp: bool = True,
    level: float = 0.95,
) -> Pooled:
    """Pool estimates of one effect from several studies, centres or strata.

    Parameters
    ----------
    estimates : array_like, shape (k,)
        On the scale on which they are near normal (the log for ratios).
    variances : array_like, shape (k,)
        Squares of their standard errors.
    method : {"DL", "ML", "REML", "PM"}
        How the variance between studies is estimated.
    hartung_knapp : bool
        Interval by t with the error of the observed spread: right for few studies. False gives
        the normal one, which is too narrow there.
    level : float

    Returns
    -------
    Pooled

    Raises
    ------
    UserError
        If there are fewer than two estimates, or one has no finite value or variance.

    References
    ----------
    Viechtbauer 2010, doi:10.18637/jss.v036.i03; Hartung and Knapp 2001, doi:10.1002/sim.791;
    Higgins, Thompson and Spiegelhalter 2009 for the prediction interval,
    doi:10.1111/j.1467-985X.2008.00552.x. Equal to ``metafor::rma``.

    Examples
    --------
    >>> made = pool_estimates([0.1, 0.5, 0.9], [0.02, 0.03, 0.02], "DL", hartung_knapp=False)
    >>> round(made.found.estimate, 4), round(made.tau2, 4), round(made.i2, 1)
    (0.5, 0.16, 87.5)
    """
    from scipy import special

    y, v = _as_estimates(estimates, variances)
    k = len(y)
    tau2, converged = estimate_tau2(y, v, method)
    w, mean, spread = _centre(y, v, tau2)
    se, df = sqrt(1 / float(w.sum())), inf
    if hartung_knapp:
        se, df = se * sqrt(spread / (k - 1)), float(k - 1)
    found = interval(mean, se, df, level)
    half = quantile(level, df) * sqrt(tau2 + se**2)
    plain, _mean, q = _centre(y, v, 0.0)
    typical = (k - 1) * float(plain.sum()) / float(plain.sum() ** 2 - (plain**2).sum())
    warnings: list[str] = []
    if not converged:
        warnings.append("the variance between studies did not converge")
    if hartung_knapp and spread / (k - 1) < 1e-12:
        warnings.append("the estimates do not differ: the Hartung-Knapp error is zero")
    return Pooled(
        found,
        tau2,
        (mean - half, mean + half),
        q,
        k - 1,
        float(special.chdtrc(k - 1, q)),
        100 * tau2 / (tau2 + typical),
        w / w.sum(),
        converged,
        tuple(warnings),
    )
