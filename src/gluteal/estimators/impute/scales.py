"""Pool areas, proportions, correlations and ratios on the scale on which they are near normal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.impute.rubin import pool
from gluteal.estimators.inference import Estimate, Floats, p_value

Scale = Literal["identity", "log", "logit", "fisher_z"]
WITHIN: dict[Scale, tuple[float, float]] = {
    "identity": (-inf, inf),
    "log": (0.0, inf),
    "logit": (0.0, 1.0),
    "fisher_z": (-1.0, 1.0),
}
NULL: dict[Scale, float] = {"identity": 0.0, "log": 1.0, "logit": 0.5, "fisher_z": 0.0}


def to_scale(scale: Scale, values: ArrayLike) -> Floats:
    """Take values to the scale on which they are pooled."""
    x = np.asarray(values, dtype=float)
    if scale == "log":
        return np.log(x)
    if scale == "logit":
        return np.log(x) - np.log1p(-x)
    return np.arctanh(x) if scale == "fisher_z" else x


def from_scale(scale: Scale, values: ArrayLike) -> Floats:
    """Take pooled values back."""
    x = np.asarray(values, dtype=float)
    if scale == "log":
        return np.exp(x)
    if scale == "logit":
        return 1 / (1 + np.exp(-x))
    return np.tanh(x) if scale == "fisher_z" else x


def slope_of(scale: Scale, values: ArrayLike) -> Floats:
    """Return the derivative of the scale at values: standard errors there per ones here."""
    x = np.asarray(values, dtype=float)
    if scale == "log":
        return 1 / x
    if scale == "logit":
        return 1 / (x * (1 - x))
    return 1 / (1 - x**2) if scale == "fisher_z" else np.ones_like(x)


@dataclass(frozen=True, slots=True)
class PooledScalar:
    """One pooled quantity.

    Attributes
    ----------
    estimate : Estimate
        Back-transformed; its ``se`` by the delta method, its ``p`` against ``null``.
    on_scale : Estimate
        On the scale of the pooling; its ``p`` is against ``null`` too.
    riv, lambda_, fmi : float
        See ``Pooled``.
    scale : {"identity", "log", "logit", "fisher_z"}
    null : float
        The value tested: 0.5 for logit, 1 for log, 0 else.
    """

    estimate: Estimate
    on_scale: Estimate
    riv: float
    lambda_: float
    fmi: float
    scale: Scale
    null: float


def pool_on_scale(
    estimates: ArrayLike,
    se: ArrayLike,
    scale: Scale,
    *,
    df_complete: float = inf,
    se_on_scale: bool = False,
    null: float | None = None,
    level: float = 0.95,
) -> PooledScalar:
    """Pool one quantity on a scale on which it is near normal, and take it back.

    Parameters
    ----------
    estimates : array_like, shape (m,)
        Areas under the curve or proportions (``logit``), correlations, kappas or reliabilities
        (``fisher_z``), ratios (``log``), coefficients or indirect effects (``identity``).
    se : array_like, shape (m,)
        Their standard errors; from a bootstrap within each imputation for indirect effects.
    scale : {"identity", "log", "logit", "fisher_z"}
    df_complete : float
        Degrees of freedom that complete data would give.
    se_on_scale : bool
        The standard errors are those of the scale already, such as 1/√(n-3) of a correlation.
    null : float, optional
        Value that p is against; by default no discrimination, no association, no difference.
    level : float

    Returns
    -------
    PooledScalar

    Raises
    ------
    UserError
        If an imputation's estimate lies on or beyond the bounds of the scale.

    References
    ----------
    Marshall, Altman, Holder and Royston 2009, doi:10.1186/1471-2288-9-57.

    Examples
    --------
    >>> found = pool_on_scale([0.71, 0.74, 0.73], [0.04, 0.04, 0.05], "logit").estimate
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.727, 0.624, 0.81)
    """
    x, s = np.asarray(estimates, dtype=float), np.asarray(se, dtype=float)
    if x.ndim != 1 or x.shape != s.shape:
        raise ValueError("one estimate and one standard error for each imputation")
    low, high = WITHIN[scale]
    out = np.flatnonzero(~((x > low) & (x < high)))
    if out.size:
        named = ", ".join(f"{x[i]:g} in imputation {i}" for i in out[:5])
        raise UserError(f"not strictly between {low:g} and {high:g}, so not to be pooled: {named}")
    on = s if se_on_scale else s * slope_of(scale, x)
    found = pool(to_scale(scale, x), on**2, df_complete)
    null = NULL[scale] if null is None else null
    here = found.estimate(0, level)
    if here.se > 0:
        gap = here.estimate - float(to_scale(scale, null))
        here = replace(here, p=p_value(gap / here.se, here.df))
    centre = float(from_scale(scale, here.estimate))
    back = Estimate(
        centre,
        here.se / float(slope_of(scale, centre)),
        here.df,
        float(from_scale(scale, here.low)),
        float(from_scale(scale, here.high)),
        here.p,
        level,
    )
    riv, lambda_, fmi = (float(v[0]) for v in (found.riv, found.lambda_, found.fmi))
    return PooledScalar(back, here, riv, lambda_, fmi, scale, null)


def pool_correlation(correlations: ArrayLike, n: int, *, level: float = 0.95) -> PooledScalar:
    """Pool Pearson correlations of n people on Fisher's z.

    Examples
    --------
    >>> round(pool_correlation([0.30, 0.35, 0.28], 100).estimate.estimate, 3)
    0.31
    """
    r = np.asarray(correlations, dtype=float)
    if n < 4:
        raise UserError(f"a correlation of {n} people has no standard error")
    se = np.full(r.shape, 1 / np.sqrt(n - 3))
    return pool_on_scale(r, se, "fisher_z", df_complete=n - 2, se_on_scale=True, level=level)


def pool_icc(iccs: ArrayLike, people: int, ratings: int, *, level: float = 0.95) -> PooledScalar:
    """Pool intraclass correlations of ``people`` rated ``ratings`` times on Fisher's z.

    Fisher's z of an intraclass correlation is half the log of (1 + (k-1) ICC) / (1 - ICC), with
    variance k / (2 (k-1) (n-2)).

    References
    ----------
    Fisher 1925, Statistical methods for research workers, section 39; Donner 1986,
    doi:10.2307/1403259.

    Examples
    --------
    >>> found = pool_icc([0.80, 0.82, 0.78], people=40, ratings=2).estimate
    >>> round(found.estimate, 3), round(found.low, 3)
    (0.801, 0.63)
    """
    x, k = np.asarray(iccs, dtype=float), ratings
    if people < 3 or ratings < 2:
        raise UserError("a reliability needs at least 3 people and 2 ratings")
    floor = -1 / (k - 1)
    if not ((x > floor) & (x < 1)).all():
        raise UserError(f"an intraclass correlation of {k} ratings lies between {floor:g} and 1")
    z = 0.5 * np.log((1 + (k - 1) * x) / (1 - x))
    variance = np.full(x.shape, k / (2 * (k - 1) * (people - 2)))
    found = pool(z, variance, people - 1)
    here = found.estimate(0, level)

    def back(value: float) -> float:
        grown = np.exp(2 * value)
        return float((grown - 1) / (grown + k - 1))

    centre = back(here.estimate)
    slope = k / (2 * (1 + (k - 1) * centre) * (1 - centre))
    moved = Estimate(
        centre, here.se / slope, here.df, back(here.low), back(here.high), here.p, level
    )
    riv, lambda_, fmi = (float(v[0]) for v in (found.riv, found.lambda_, found.fmi))
    return PooledScalar(moved, here, riv, lambda_, fmi, "fisher_z", 0.0)
