"""Omitted variables in least squares: robustness values, bounds by benchmark, contours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, quantile
from gluteal.estimators.inputs import as_design
from gluteal.estimators.linear import fit_linear


@dataclass(frozen=True, slots=True)
class Robustness:
    """How much of what is left unexplained a confounder must explain to change the answer.

    Attributes
    ----------
    partial_r2 : float
        Of the exposure with the outcome: what a confounder that explains all of the outcome must
        explain of the exposure.
    rv : float
        Partial R² with both exposure and outcome that takes away the share ``q`` of the estimate.
    rv_alpha : float
        The same, until the interval of level 1 - alpha holds what is left; 0 if it does already.
    """

    estimate: float
    se: float
    df: float
    t: float
    partial_r2: float
    rv: float
    rv_alpha: float
    q: float
    alpha: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Estimates were there an omitted variable of given strength; arrays of one shape."""

    r2_exposure: Floats
    r2_outcome: Floats
    estimate: Floats
    se: Floats
    t: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Bound:
    """The estimate, were there a confounder ``times`` as strong as the named covariates."""

    benchmark: str
    times: float
    r2_exposure: float
    r2_outcome: float
    estimate: float
    se: float
    t: float
    low: float
    high: float
    warnings: tuple[str, ...]


def _refuse(estimate: float, se: float, df: float) -> None:
    if not (isfinite(estimate) and isfinite(se) and se > 0):
        raise UserError("the estimate must be finite and its standard error above zero")
    if not df > 1:
        raise UserError(f"{df:g} degrees of freedom leave nothing for an omitted variable")


def _robustness(f: float) -> float:
    return 2 / (1 + sqrt(1 + 4 / f**2)) if f > 0 else 0.0


def compute_robustness(
    estimate: float, se: float, df: float, *, q: float = 1.0, alpha: float = 0.05
) -> Robustness:
    """Compute the robustness value of a coefficient of least squares.

    Parameters
    ----------
    estimate, se, df : float
        Coefficient, classical standard error, degrees of freedom left.
    q : float
        Share of the estimate to be explained away.
    alpha : float
        1 - level of the interval for ``rv_alpha``.

    Raises
    ------
    UserError
        If the standard error is not above zero or no degrees of freedom are left.

    References
    ----------
    Cinelli and Hazlett 2020, doi:10.1111/rssb.12348. Equal to the R package sensemakr 0.1.6.

    Examples
    --------
    >>> found = compute_robustness(0.09731582, 0.02325654, 783)
    >>> round(found.rv, 4), round(found.rv_alpha, 4)
    (0.1388, 0.0763)
    """
    _refuse(estimate, se, df)
    if not q > 0 or not 0 < alpha < 1:
        raise ValueError("q must be above 0 and alpha between 0 and 1")
    t = estimate / se
    f = q * abs(t) / sqrt(df)
    critical = quantile(1 - alpha, df - 1) / sqrt(df - 1)
    value = _robustness(f - critical)
    if f > critical and f > 1 / critical:
        # The confounder explains all of the outcome before the bound on the exposure binds.
        value = (f**2 - critical**2) / (1 + f**2)
    r2 = t**2 / (t**2 + df)
    return Robustness(estimate, se, df, t, r2, _robustness(f), value, q, alpha)


def adjust_estimate(
    estimate: float,
    se: float,
    df: float,
    r2_exposure: ArrayLike,
    r2_outcome: ArrayLike,
    *,
    reduce: bool = True,
    interval_df: float | None = None,
    level: float = 0.95,
) -> Adjusted:
    """Adjust a coefficient of least squares for an omitted variable of given strength.

    Parameters
    ----------
    estimate, se, df : float
        Coefficient, classical standard error, degrees of freedom left.
    r2_exposure, r2_outcome : array_like
        Partial R² of the omitted variable with the exposure (below 1) and with the outcome given
        the exposure; broadcast against each other, for a contour.
    reduce : bool
        Whether it hides part of the estimate's distance from 0 (False: adds to it).
    interval_df : float, optional
        Of the interval; df - 1 if not given, since one more variable is adjusted for.
    level : float

    Raises
    ------
    UserError
        If a partial R² lies outside 0 to 1.

    References
    ----------
    Cinelli and Hazlett 2020, doi:10.1111/rssb.12348.

    Examples
    --------
    >>> float(adjust_estimate(0.09731582, 0.02325654, 783, 0.05, 0.05).estimate.round(4))
    0.0639
    """
    _refuse(estimate, se, df)
    d, y = np.broadcast_arrays(np.asarray(r2_exposure, float), np.asarray(r2_outcome, float))
    if not ((d >= 0) & (d < 1) & (y >= 0) & (y <= 1)).all():
        raise UserError("a partial R² must lie between 0 and 1, that of the exposure below 1")
    bias = np.sqrt(y * d / (1 - d)) * se * sqrt(df)
    new = np.sign(estimate) * (abs(estimate) - bias if reduce else abs(estimate) + bias)
    error = np.sqrt((1 - y) / (1 - d)) * se * sqrt(df / (df - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = new / error
    half = quantile(level, df - 1 if interval_df is None else interval_df) * error
    return Adjusted(d, y, new, error, t, new - half, new + half)


def contour_estimate(
    estimate: float,
    se: float,
    df: float,
    *,
    most: tuple[float, float] = (0.4, 0.4),
    points: int = 41,
) -> Adjusted:
    """Adjust over a grid of strengths, rows by outcome and columns by exposure, for a contour."""
    d, y = (np.linspace(0, top, points) for top in most)
    return adjust_estimate(estimate, se, df, d[None, :], y[:, None])


def group_r2(model: Model, columns: Sequence[int], df: float) -> float:
    """Return the partial R² of columns of a least-squares fit with classical covariance."""
    f = model.wald(columns)
    return f.statistic * f.df / (f.statistic * f.df + df)


def bound_by_benchmarks(
    x: ArrayLike,
    y: ArrayLike,
    exposure: int,
    benchmarks: Mapping[str, Sequence[int]],
    *,
    times: Sequence[float] = (1.0, 2.0, 3.0),
    times_outcome: Sequence[float] | None = None,
    level: float = 0.95,
) -> tuple[Robustness, tuple[Bound, ...]]:
    """Bound the effect of an omitted confounder by how much observed covariates matter.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with intercept, exposure and covariates.
    y : array_like, shape (n,)
    exposure : int
        Its column.
    benchmarks : mapping of str to sequence of int
        Columns of each benchmark: one covariate, the dummies of one, or several covariates.
    times : sequence of float
        How many times as strongly as the benchmark the confounder goes with the exposure.
    times_outcome : sequence of float, optional
        The same for the outcome; ``times`` if not given.
    level : float

    Returns
    -------
    robustness : Robustness
    bounds : tuple of Bound
        Benchmarks in order, ``times`` in order within each. Intervals use the degrees of freedom
        of the model, as sensemakr's table of bounds does.

    Raises
    ------
    UserError
        If an array has a fault, or a benchmark is so strong that no such confounder can exist.

    References
    ----------
    Cinelli and Hazlett 2020, doi:10.1111/rssb.12348, section 4.
    """
    design, outcome = as_design(x, y, least_df=2)
    n, p = design.shape
    df = float(n - p)
    model = fit_linear(design, outcome, "classical")
    own = model.coefficient(exposure)
    robustness = compute_robustness(own.estimate, own.se, df, alpha=1 - level)
    others = [j for j in range(p) if j != exposure]
    of_exposure = fit_linear(design[:, others], design[:, exposure], "classical")
    bounds: list[Bound] = []
    faults: list[str] = []
    for name, columns in benchmarks.items():
        with_y = group_r2(model, columns, df)
        with_d = group_r2(of_exposure, [others.index(j) for j in columns], df + 1)
        for k, ky in zip(times, times_outcome or times, strict=True):
            made = _strength(with_d, with_y, k, ky)
            if made is None:
                faults.append(f"no confounder can be {k:g} times as strong as {name}")
                continue
            r2_d, r2_y, said = made
            at = adjust_estimate(own.estimate, own.se, df, r2_d, r2_y, interval_df=df, level=level)
            numbers = (float(v) for v in (at.estimate, at.se, at.t, at.low, at.high))
            bounds.append(Bound(name, k, r2_d, r2_y, *numbers, warnings=said))
    if faults:
        raise UserError("; ".join(faults))
    return robustness, tuple(bounds)


def _strength(
    with_d: float, with_y: float, k: float, ky: float
) -> tuple[float, float, tuple[str, ...]] | None:
    """Partial R² of a confounder ``k`` and ``ky`` times as strong as a benchmark."""
    r2_d = k * with_d / (1 - with_d)
    if r2_d >= 1 or k * with_d >= 1:
        return None
    shared = k * with_d**2 / ((1 - k * with_d) * (1 - with_d))
    if shared >= 1:
        return None
    r2_y = ((sqrt(ky) + sqrt(shared)) / sqrt(1 - shared)) ** 2 * with_y / (1 - with_y)
    if r2_y > 1:
        return r2_d, 1.0, ("the bound on the outcome passed 1 and was set to it",)
    return r2_d, r2_y, ()
