"""Bootstrap of any function of the coefficients of linear equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.draws import Seed, resample_totals
from gluteal.estimators.bootstrap.equations import Equation, Solved, solve_equations
from gluteal.estimators.bootstrap.intervals import Kind, draw_intervals, draw_p
from gluteal.estimators.bootstrap.moments import Moments, take_moments
from gluteal.estimators.inference import Floats

Statistic = Callable[[Solved], Floats]
MOST_SINGULAR, EXACT = 0.05, 1e-12


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Estimates with their bootstrap standard errors, intervals and draws.

    Attributes
    ----------
    estimate, se, low, high, p : ndarray, shape (k,)
        ``se`` is the standard deviation of the draws; ``p`` counts the draws beyond 0.
    draws : ndarray, shape (resamples, k)
        NaN in singular resamples, which no interval uses.
    singular : int
        Resamples without an estimate.
    converged : bool
        False if more than 5 % of the resamples have no estimate or an interval is missing.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    draws: Floats
    singular: int
    kind: Kind
    level: float
    converged: bool
    warnings: tuple[str, ...]


def summarise_draws(
    estimate: Floats,
    draws: Floats,
    kind: Kind,
    level: float,
    influence: Floats | None = None,
    warnings: Sequence[str] = (),
) -> Bootstrap:
    """Summarise draws by their spread and interval; count resamples without an estimate.

    Parameters
    ----------
    estimate : ndarray, shape (k,)
    draws : ndarray, shape (resamples, k)
    influence : ndarray, shape (units, k), optional
        For BCa.
    """
    said = list(warnings)
    whole = np.isfinite(draws).all(1)
    singular = int((~whole).sum())
    if singular:
        said.append(f"{singular} of {len(draws)} resamples have no estimate and are left out")
    low, high, more = draw_intervals(draws, estimate, kind, level, influence)
    sound = draws[whole]
    se = sound.std(0, ddof=1) if len(sound) > 1 else np.full(estimate.shape, np.nan)
    converged = singular <= MOST_SINGULAR * len(draws) and bool(np.isfinite(low + high).all())
    p = draw_p(draws)
    return Bootstrap(
        estimate, se, low, high, p, draws, singular, kind, level, converged, (*said, *more)
    )


def bootstrap_linear(
    columns: ArrayLike,
    equations: Sequence[Equation],
    statistic: Statistic,
    *,
    resamples: int = 5000,
    seed: Seed = 1,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    kind: Kind = "percentile",
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> Bootstrap:
    """Resample rows or clusters and re-estimate functions of least-squares coefficients.

    Every resample is the sum of its units' cross-products; no row is touched again.

    Parameters
    ----------
    columns : array_like, shape (n, p)
        All outcomes and predictors, without a constant.
    equations : sequence of Equation
        List predictors in causal order, so that equations share their elimination.
    statistic : callable
        Takes ``Solved`` with any number of resamples, returns shape (resamples, k): products of
        paths, sums, ratios.
    resamples : int
    seed : int, or several that together name the stream
        The first resamples are the same however many are asked for.
    weights : array_like, shape (n,), optional
        Weights of the rows.
    cluster : array_like, shape (n,), optional
        Draw whole clusters: the legs or visits of a person.
    strata : array_like, shape (n,), optional
        Draw within strata.
    kind : {"percentile", "bca", "bias-corrected", "normal"}
    level : float

    Returns
    -------
    Bootstrap

    Raises
    ------
    UserError
        For missing or infinite values, columns without spread, collinear predictors, outcomes
        fitted exactly, fewer rows than coefficients, fewer than two units.

    References
    ----------
    Davison and Hinkley 1997, Bootstrap methods and their application; Efron 1987 for BCa,
    doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200)
    >>> m = 0.5 * x + rng.normal(size=200)
    >>> y = 0.4 * m + rng.normal(size=200)
    >>> found = bootstrap_linear(
    ...     np.column_stack([x, m, y]),
    ...     [Equation(1, (0,)), Equation(2, (0, 1))],
    ...     lambda solved: (solved.coef[0][:, 1] * solved.coef[1][:, 2])[:, None],
    ...     resamples=1000,
    ... )
    >>> found.estimate.round(3), bool(found.low[0] > 0)
    (array([0.093]), True)
    """
    if resamples < 2:
        raise ValueError("a bootstrap needs at least 2 resamples")
    moments = take_moments(columns, weights=weights, cluster=cluster, strata=strata, names=names)
    check_equations(moments, equations, names)
    whole = solve_equations(moments.total, moments, equations)
    estimate = statistic(whole)[0]
    totals = resample_totals(moments.packed, moments.units.sizes, resamples, seed)
    draws = np.where(
        (solved := solve_equations(totals, moments, equations)).singular[:, None],
        np.nan,
        statistic(solved),
    )
    influence = jackknife(moments, equations, statistic, estimate) if kind == "bca" else None
    return summarise_draws(estimate, draws, kind, level, influence, moments.units.warnings)


def jackknife(
    moments: Moments, equations: Sequence[Equation], statistic: Statistic, estimate: Floats
) -> Floats:
    """Return influence values by leaving out each unit, shape (units, k).

    (units of the stratum - 1) times (estimate - estimate without the unit), as R's ``boot`` has
    them. Units without which some equation cannot be solved count 0.
    """
    solved = solve_equations(moments.left_out, moments, equations)
    sizes = np.array(moments.units.sizes)
    factor = np.repeat(sizes - 1, sizes)[:, None]
    values = factor * (estimate - statistic(solved))
    return np.where(np.isfinite(values), values, 0.0)


def check_equations(
    moments: Moments, equations: Sequence[Equation], names: Sequence[str] | None = None
) -> None:
    """Raise a UserError unless each equation can be solved on the whole sample."""
    faults: list[str] = []
    for equation in equations:
        label = names[equation.outcome] if names else f"column {equation.outcome}"
        needed = 1 + len(equation.predictors)
        if equation.outcome in equation.predictors:
            raise ValueError(f"{label} cannot predict itself")
        if len(set(equation.predictors)) < len(equation.predictors):
            raise ValueError(f"the equation of {label} names a predictor twice")
        if moments.rows <= needed:
            faults.append(f"{moments.rows} rows cannot carry the {needed} coefficients of {label}")
            continue
        solved = solve_equations(moments.total, moments, [equation, Equation(equation.outcome)])
        if solved.singular.any():
            faults.append(f"the predictors of {label} are (nearly) combinations of one another")
        elif solved.rss[0][0] < EXACT * solved.rss[1][0]:
            faults.append(f"{label} is an exact combination of its predictors: nothing is random")
    if faults:
        raise UserError("; ".join(faults))
