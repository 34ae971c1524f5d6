"""Fit every specification of a multiverse and flag those that have no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.glm import SE, fit_glm
from gluteal.estimators.inference import Floats, Model, quantile
from gluteal.estimators.inputs import as_groups, dependent_columns
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.multiverse.least_squares import cross_products, slopes_of
from gluteal.estimators.multiverse.likelihood import newton_slopes
from gluteal.estimators.multiverse.specifications import (
    FAMILIES,
    Flags,
    Ints,
    Plan,
    Specification,
    make_plan,
)

PROBLEMS = (
    "",
    "too few rows",
    "outcome constant",
    "collinear",
    "separated",
    "no maximum",
    "too few clusters",
)
FINE, FEW, CONSTANT, COLLINEAR, SEPARATED, NO_MAXIMUM, FEW_CLUSTERS = range(len(PROBLEMS))


@dataclass(frozen=True, slots=True)
class Multiverse:
    """One row a specification, arrays of shape (k,).

    Attributes
    ----------
    estimate : ndarray
        Slope of the exposure: difference in means, log odds ratio or log rate ratio per unit.
    se, df, statistic, p, low, high : ndarray
        t with ``df`` degrees of freedom for linear models, normal (``df`` inf) for the others.
    n : ndarray of int
        Rows used.
    converged : ndarray of bool
    problem : tuple of str
        Why a specification has no answer; empty where it has one. Its numbers are NaN.
    se_type : str
    level : float
    warnings : tuple of str
    """

    estimate: Floats
    se: Floats
    df: Floats
    statistic: Floats
    p: Floats
    low: Floats
    high: Floats
    n: Ints
    converged: Flags
    problem: tuple[str, ...]
    se_type: str
    level: float
    warnings: tuple[str, ...]


def run_multiverse(
    columns: ArrayLike,
    specifications: Sequence[Specification],
    subsets: ArrayLike | None = None,
    *,
    se: SE = "classical",
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Multiverse:
    """Fit all specifications; each uses the rows of its subset that are complete in its columns.

    Linear models come from cross-products that are made once per set of rows, logistic and Poisson
    models from Newton steps of many at once. Columns that depend on each other, and models that do
    not settle, are looked at one by one. Robust errors need a pass through the data each.

    Parameters
    ----------
    columns : array_like, shape (n, m)
        All variables as numbers; missing values are NaN. Another way to deal with missing values
        is another column.
    specifications : sequence of Specification
    subsets : array_like of bool, shape (s, n), optional
        Who belongs to each subset; everybody without.
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
    cluster : array_like, shape (n,), optional
        The person of each row; needed for CR2.
    level : float

    Returns
    -------
    Multiverse
        A specification without an answer is flagged in ``problem``, never dropped.

    Raises
    ------
    UserError
        If values are infinite or an outcome does not fit its family.
    ValueError
        If a specification names a column or subset that there is not, or one column twice.

    References
    ----------
    Steegen, Tuerlinckx, Gelman and Vanpaemel 2016, doi:10.1177/1745691616658637; Simonsohn,
    Simmons and Nelson 2020, doi:10.1038/s41562-020-0912-z.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 50))
    >>> columns = np.column_stack([x + z, x, z])
    >>> grid = [Specification(0, 1), Specification(0, 1, (2,))]
    >>> run_multiverse(columns, grid).estimate.round(2)
    array([0.96, 1.  ])
    """
    plan = make_plan(columns, specifications, subsets)
    k = len(plan)
    people = None if cluster is None else as_groups(cluster, len(plan.columns))[0]
    if se == "CR2" and people is None:
        raise ValueError("CR2 needs the clusters")
    estimate, error = np.full(k, nan), np.full(k, nan)
    df = np.full(k, inf)
    n = plan.rows.sum(1)[plan.of_rows]
    problem = np.where(n < plan.size + 3, FEW, FINE)
    ready = problem == FINE
    products = cross_products(plan.columns, plan.rows)
    linear = np.flatnonzero(ready & (plan.family == 0))
    every = np.flatnonzero(ready)
    slopes = slopes_of(plan, every, products)
    doubtful = np.zeros(k, dtype=bool)
    doubtful[every] = slopes.doubtful
    inside = plan.family[every] == 0
    estimate[linear], error[linear] = slopes.estimate[inside], slopes.se[inside]
    df[linear] = n[linear] - plan.size[linear] - 2.0
    for code in (1, 2):
        which = np.flatnonzero(ready & (plan.family == code) & ~doubtful)
        if which.size:
            newton = newton_slopes(plan, which)
            estimate[which], error[which] = newton.estimate, newton.se
            doubtful[which[~newton.settled]] = True
    again = np.flatnonzero(doubtful & ready) if se == "classical" else every
    for i in again:
        estimate[i], error[i], df[i], problem[i] = _fit_alone(plan, int(i), se, people)
    bad = problem != FINE
    estimate[bad], error[bad], df[bad] = nan, nan, nan
    return _finish(plan, estimate, error, df, problem, se, level, n)


def _fit_alone(plan: Plan, i: int, se: SE, people: Ints | None) -> tuple[float, float, float, int]:
    """Fit one specification on the data themselves, or say why it has no answer."""
    x, y = plan.design(i), plan.response(i)
    who = None if people is None else people[plan.rows[plan.of_rows[i]]]
    if np.ptp(y) == 0:
        return nan, nan, nan, CONSTANT
    if se == "CR2" and who is not None and len(np.unique(who)) < 2:
        return nan, nan, nan, FEW_CLUSTERS
    if dependent_columns(x):
        return nan, nan, nan, COLLINEAR
    family = FAMILIES[plan.family[i]]
    # Standardised columns: the cross-products of age and torque stay well conditioned.
    middle, spread = x.mean(0), x.std(0)
    middle[0], spread[0] = 0.0, 1.0
    design = (x - middle) / spread
    fit: Model = (
        fit_linear(design, y, se, who)
        if family == "linear"
        else fit_glm(design, y, family, se, who)
    )
    if not fit.converged:
        return nan, nan, nan, SEPARATED if fit.extra.get("separated") else NO_MAXIMUM
    found = fit.coefficient(x.shape[1] - 1)
    return found.estimate / spread[-1], found.se / spread[-1], found.df, FINE


def _finish(
    plan: Plan,
    estimate: Floats,
    error: Floats,
    df: Floats,
    problem: Ints,
    se: str,
    level: float,
    n: Ints,
) -> Multiverse:
    from scipy import special

    known = np.isfinite(df)
    some = np.where(known, df, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    tail = -np.abs(statistic)
    p = 2 * (special.stdtr(some, tail) if known.all() else special.ndtr(tail))
    if known.any() and not known.all():
        p[known] = 2 * special.stdtr(df[known], tail[known])
    # Few values of df are shared by many specifications.
    values, place = np.unique(df, return_inverse=True)
    half = error * np.array([quantile(level, value) for value in values])[place]
    counts = np.bincount(problem, minlength=len(PROBLEMS))
    warnings = [f"{counts[j]} of {len(plan)}: {PROBLEMS[j]}" for j in range(1, len(PROBLEMS))]
    warnings = [text for j, text in enumerate(warnings, start=1) if counts[j]]
    return Multiverse(
        estimate,
        error,
        df,
        statistic,
        p,
        estimate - half,
        estimate + half,
        n,
        problem == FINE,
        tuple(PROBLEMS[j] for j in problem.tolist()),
        se,
        level,
        tuple(warnings),
    )
