"""Fit a grid of specifications, resample people for its median, and test it jointly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import dependent_columns
from gluteal.estimators.m_estimation import fit_huber
from gluteal.estimators.multiverse import Multiverse, run_multiverse
from gluteal.estimators.multiverse.bootstrap import bootstrap_curves
from gluteal.estimators.multiverse.specifications import make_plan
from gluteal.frames.multiverse import Grid

LEAST_ROWS = 1
FAILED = "no maximum"


def fit_grid(grid: Grid, level: float, which: slice | None = None) -> Multiverse:
    """Fit the specifications: least squares with HC3 errors, Huber's estimator one by one.

    Parameters
    ----------
    grid : Grid
    level : float
    which : slice, optional
        Some of the specifications only, such as the primary one.
    """
    taken = which or slice(None)
    chosen = grid.specifications[taken]
    found = run_multiverse(grid.columns, chosen, grid.subsets, se="HC3", level=level)
    robust = [i for i, wanted in enumerate(grid.robust[taken]) if wanted]
    if not robust:
        return found
    numbers = {
        name: getattr(found, name).copy()
        for name in ("estimate", "se", "df", "statistic", "p", "low", "high", "n", "converged")
    }
    problem = list(found.problem)
    for i in robust:
        one = chosen[i]
        used = [*one.covariates, one.exposure]
        rows = grid.subsets[one.subset] & np.isfinite(grid.columns[:, [*used, one.outcome]]).all(1)
        x = np.column_stack([np.ones(int(rows.sum())), grid.columns[np.ix_(rows, used)]])
        answer = dict.fromkeys(("estimate", "se", "df", "statistic", "p", "low", "high"), nan)
        said = problem[i]
        if not said:
            said = FAILED
            if len(x) >= x.shape[1] + LEAST_ROWS and not dependent_columns(x):
                try:
                    model = fit_huber(x, grid.columns[rows, one.outcome])
                except UserError:
                    model = None
                if model is not None and model.converged:
                    weights = np.zeros(x.shape[1])
                    weights[-1] = 1.0
                    best = model.contrast(weights, level)
                    answer = {
                        "estimate": best.estimate, "se": best.se, "df": best.df, "p": best.p,
                        "statistic": best.estimate / best.se, "low": best.low, "high": best.high,
                    }  # fmt: skip
                    said = ""
        problem[i] = said
        for name, value in answer.items():
            numbers[name][i] = value
        numbers["converged"][i] = not said
    return replace(found, **numbers, problem=tuple(problem))


@dataclass(frozen=True)
class Resampled:
    """What people resampled say of the curve of least-squares specifications.

    Attributes
    ----------
    median, se, low, high : float
        Of the median over specifications, from resampled people.
    p_median, p_stouffer : float
        Share of curves under the null (no association in any specification; the observed curve
        counted among them) with a median, or a sum of test statistics, at least as far from 0.
    band : ndarray, shape (2, specifications)
        Pointwise limits of the sorted curve under the null.
    specifications, resamples : int
    """

    median: float
    se: float
    low: float
    high: float
    p_median: float
    p_stouffer: float
    band: Floats
    specifications: int
    resamples: int


def resample_grid(grid: Grid, resamples: int, seed: int, level: float) -> Resampled | None:
    """Resample people for an interval of the median, and test all specifications jointly.

    One estimate's interval says nothing of a median over many: they share their people, so that
    people must be resampled and the whole curve estimated again. The same curves, less the
    observed one, are those of data without any association. Returns None where no specification
    by least squares has an answer.

    References
    ----------
    Simonsohn, Simmons and Nelson 2020, doi:10.1038/s41562-020-0912-z.
    """
    linear = [one for one, huber in zip(grid.specifications, grid.robust, strict=True) if not huber]
    plain = run_multiverse(grid.columns, linear, grid.subsets, level=level)
    which = np.flatnonzero(plain.converged)
    if not which.size:
        return None
    kept = [linear[i] for i in which]
    estimate, statistic = plain.estimate[which], plain.statistic[which]
    plan = make_plan(grid.columns, kept, grid.subsets)
    people, every = np.arange(len(grid.columns)), np.arange(len(kept))
    # The engine gives the resampled curve less the observed one.
    parts = list(bootstrap_curves(plan, every, estimate, people, resamples, seed))
    null, t = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    moved = _medians(null + estimate)
    moved = moved[np.isfinite(moved)]
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(moved, ends) if moved.size else (nan, nan)
    middle = float(np.median(estimate))
    whole = np.isfinite(null).all(1)
    ranked = np.sort(null[whole], axis=1) if whole.any() else np.full((1, len(kept)), nan)
    return Resampled(
        middle,
        float(moved.std(ddof=1)) if moved.size > 1 else nan,
        float(low),
        float(high),
        _share_beyond(_medians(null), middle),
        _share_beyond(np.nansum(t, axis=1), float(statistic.sum())),
        np.quantile(ranked, ends, axis=0),
        len(kept),
        len(null),
    )


def _share_beyond(null: Floats, seen: float) -> float:
    """Count the null values at least as far from 0; one that has no value counts against us."""
    far = np.where(np.isfinite(null), np.abs(null), inf)
    return float((1 + (far >= abs(seen) * (1 - 1e-12)).sum()) / (1 + len(null)))


def _medians(curves: Floats) -> Floats:
    """Take the median of each curve; NaN where no specification has an answer."""
    if np.isfinite(curves).all():
        return np.median(curves, axis=1)
    some = np.isfinite(curves).any(1)
    found = np.full(len(curves), nan)
    found[some] = np.nanmedian(curves[some], axis=1)
    return found
