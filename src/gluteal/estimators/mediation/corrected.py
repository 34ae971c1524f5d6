"""Mediation through columns measured with error of known size: corrected cross-products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import Bootstrap, solve_equations, summarise_draws, take_moments
from gluteal.estimators.bootstrap.draws import Seed, resample_totals
from gluteal.estimators.bootstrap.linear import check_equations
from gluteal.estimators.bootstrap.moments import Moments, place
from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.mediation.paths import Arrows, as_columns, lay_paths
from gluteal.estimators.mediation.products import evaluate


def mediate_corrected(
    exposure: ArrayLike,
    mediators: ArrayLike,
    outcome: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    sem: Sequence[float],
    arrows: Literal["parallel", "serial"] | Arrows = "parallel",
    names: Sequence[str] | None = None,
    covariate_names: Sequence[str] | None = None,
    resamples: int = 2000,
    seed: Seed = 1,
    level: float = 0.95,
    cluster: ArrayLike | None = None,
) -> dict[str, Estimate]:
    """Estimate what ``mediate`` does, as if measured without error.

    The error's variance is taken out of the squares of each column before the equations are
    solved, in the sample and in every resample (the classical errors-in-variables estimator). The
    error must be independent of the true values, of the other columns and between columns; its
    size counts as known.

    Parameters
    ----------
    exposure, mediators, outcome, covariates, arrows, names, resamples, seed, level, cluster
        See ``mediate``; intervals are percentiles.
    covariate_names : sequence of str, optional
        For messages.
    sem : sequence of float
        Standard error of measurement of each column in the order covariates, exposure, mediators;
        0 where there is none.

    Returns
    -------
    dict of str to Estimate
        By the names of ``mediate``'s effects.

    Raises
    ------
    UserError
        If the error is as large as what it should leave of a column, or for a fault of the data.

    References
    ----------
    Fuller 1987, Measurement error models, section 2.2; Carroll et al. 2006, chapter 3.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> arm = rng.integers(0, 2, 2000)
    >>> strength = 0.5 * arm + rng.normal(size=2000)
    >>> pain = -0.4 * strength + rng.normal(size=2000)
    >>> seen = strength + rng.normal(0, 0.8, 2000)
    >>> found = mediate_corrected(arm, seen, pain, sem=(0, 0.8), resamples=200)
    >>> round(found["M → Y"].estimate, 1)
    -0.4
    """
    columns, labels, m = as_columns(exposure, mediators, outcome, covariates, names)
    if covariate_names is not None:
        labels[: len(covariate_names)] = covariate_names
    error = np.append(np.asarray(sem, dtype=float), 0.0)
    if error.shape != (columns.shape[1],) or not (np.isfinite(error) & (error >= 0)).all():
        raise ValueError("sem must name a finite number, 0 or more, for each column but the last")
    equations, effects = lay_paths(labels, m, arrows)
    moments = take_moments(columns, cluster=cluster, names=labels)
    check_equations(moments, equations, labels)
    whole = solve_equations(_without_error(moments.total, moments, error), moments, equations)
    if whole.singular[0]:
        noisy = ", ".join(label for label, one in zip(labels, error, strict=True) if one)
        raise UserError(f"the error of measurement leaves nothing reliable of {noisy}")
    totals = resample_totals(moments.packed, moments.units.sizes, resamples, seed)
    solved = solve_equations(_without_error(totals, moments, error), moments, equations)
    draws = np.where(solved.singular[:, None], np.nan, evaluate(effects, solved.coef))
    found = summarise_draws(evaluate(effects, whole.coef)[0], draws, "percentile", level)
    return {name: _at(found, k) for k, name in enumerate(effects)}


def _without_error(totals: Floats, moments: Moments, error: Floats) -> Floats:
    """Take the error's part out of the sums of squares."""
    out = totals.copy()
    for j in np.flatnonzero(error).tolist():
        out[place(j + 1, j + 1)] -= out[0] * (error[j] / moments.scale[j]) ** 2
    return out


def _at(found: Bootstrap, k: int) -> Estimate:
    keys = ("estimate", "se", "low", "high", "p")
    value, se, low, high, p = (float(getattr(found, key)[k]) for key in keys)
    return Estimate(value, se, np.inf, low, high, p, found.level)
