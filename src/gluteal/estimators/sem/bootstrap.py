"""Bootstrap of people: all resamples fitted side by side from their moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.bootstrap import Bootstrap, draw_counts, resample_totals, summarise_draws
from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.covariance import invert
from gluteal.estimators.sem.fit import derive_values
from gluteal.estimators.sem.likelihood import evaluate, score_and_information
from gluteal.estimators.sem.maximum import fill_intercepts
from gluteal.estimators.sem.moments import Moments, Pattern
from gluteal.estimators.sem.result import SemFit
from gluteal.estimators.sem.scoring import search, take
from gluteal.estimators.sem.structure import Structure

TOGETHER = 128  # resamples fitted at once: their matrices stay in the processor's cache
EXACT = 1e-10
FIRST_TURNS, MOST_TURNS = 4, 100


def bootstrap_sem(
    fit: SemFit, *, resamples: int = 2000, seed: int = 1, level: float = 0.95
) -> Bootstrap:
    """Resample people and fit the model to each resample.

    Parameters
    ----------
    fit : SemFit
        Where each search begins.
    resamples : int
    seed : int
    level : float
        Of the percentile intervals.

    Returns
    -------
    Bootstrap
        Of all quantities in ``fit.names``. Resamples whose search fails are counted and left out.

    Examples
    --------
    >>> from gluteal.estimators.sem.fit import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200); m = 0.5 * x + rng.normal(size=200)
    >>> y = 0.4 * m + rng.normal(size=200)
    >>> data = np.column_stack([x, m, y])
    >>> fit = fit_sem("m ~ a*x; y ~ b*m; ab := a*b", data, ("x", "m", "y"))
    >>> found = bootstrap_sem(fit, resamples=500)
    >>> bool(found.low[fit.names.index("ab")] > 0), found.singular
    (True, 0)
    """
    if resamples < 2:
        raise ValueError("a bootstrap needs at least 2 resamples")
    patterns = resample_patterns(fit.moments, resamples, seed)
    theta, good = _fit_all(fit, patterns, resamples)
    draws = np.full((resamples, len(fit.names)), np.nan)
    draws[good] = derive_values(fit.specification, fit.structure, theta[good])
    flags = () if fit.converged else fit.warnings
    return summarise_draws(fit.model.coef, draws, "percentile", level, warnings=flags)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _fit_all(
    fit: SemFit, patterns: tuple[Pattern, ...], resamples: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Fit all resamples from the estimate of the whole sample; tell which searches ended well."""
    structure, kept = fit.structure, np.arange(fit.free)
    free_means = fit.moments.complete and structure.has_means and structure.means_are_free
    if free_means:
        structure, kept = structure.without_means()
    theta = np.repeat(fit.theta[None, kept], resamples, axis=0)
    good = np.zeros(resamples, dtype=bool)
    # The few that need many turns go on together, not each with its chunk.
    for limit, rows in ((FIRST_TURNS, np.arange(resamples)), (MOST_TURNS, None)):
        left = np.flatnonzero(~good) if rows is None else rows
        for start in range(0, left.size, TOGETHER):
            some = left[start : start + TOGETHER]
            parts = take(patterns, some)
            own = _with_covariates(structure, parts)
            begin = theta[some]
            if rows is not None:
                begin = _first_step(own, fit.moments, parts, fit.theta[kept])
            found = search(own, parts, begin, EXACT, limit)
            theta[some], good[some] = found.theta, found.converged
    if free_means:
        theta = fill_intercepts(
            _with_covariates(fit.structure, patterns), kept, theta, patterns[0].mean
        )
    return theta, good


def _with_covariates(structure: Structure, patterns: tuple[Pattern, ...]) -> Structure:
    """Fix covariates at the moments of each resample; they are seen in every pattern."""
    if not structure.x:
        return structure
    x, p = np.array(structure.x), structure.p
    count = np.sum([part.n for part in patterns], axis=0)
    first = np.zeros((len(patterns[0].n), x.size))
    second = np.zeros((*first.shape, x.size))
    for part in patterns:
        at = np.searchsorted(part.seen, x)
        mean = part.mean[:, at]
        first += part.n[:, None] * mean
        cross = part.cov[:, at[:, None], at] + mean[:, :, None] * mean[:, None, :]
        second += part.n[:, None, None] * cross
    first /= count[:, None]
    mean, cov = np.zeros((len(first), p)), np.zeros((len(first), p, p))
    mean[:, x] = first
    cov[:, x[:, None], x] = second / count[:, None, None] - first[:, :, None] * first[:, None, :]
    return structure.with_x(mean, cov)


def _first_step(
    structure: Structure, moments: Moments, patterns: tuple[Pattern, ...], theta: Floats
) -> Floats:
    """Take the first step of all resamples with one model matrix and one information."""
    b = len(patterns[0].n)
    if structure.constraints or structure.x:
        return np.repeat(theta[None], b, axis=0)
    state = evaluate(structure, moments.patterns, theta[None])
    _, information = score_and_information(structure, moments.patterns, theta[None], state)
    ahead = evaluate(structure, patterns, theta[None])
    score, _ = score_and_information(structure, patterns, theta[None], ahead)
    inverse, fault = invert(information[0])
    if fault:
        return np.repeat(theta[None], b, axis=0)
    trial = theta + score @ inverse
    worse = ~(evaluate(structure, patterns, trial).value <= ahead.value)
    trial[worse] = theta
    return trial


def resample_patterns(moments: Moments, resamples: int, seed: int) -> tuple[Pattern, ...]:
    """Return the moments of each pattern in each resample of people.

    Returns
    -------
    tuple of Pattern
        With leading dimension ``resamples``; a pattern that a resample lacks has n = 0.
    """
    features: list[Floats] = []
    centres: list[Floats] = []
    for part in moments.patterns:
        block = moments.data[part.rows][:, part.seen]
        centre = part.mean[0]
        apart = block - centre
        rows, cols = np.tril_indices(part.seen.size)
        features.append(
            np.concatenate([np.ones((1, len(block))), apart.T, apart.T[rows] * apart.T[cols]])
        )
        centres.append(centre)
    if len(features) == 1:
        totals = [resample_totals(features[0], [moments.n], resamples, seed).T]
    else:
        ends = np.cumsum([f.shape[1] for f in features])
        parts: list[list[Floats]] = [[] for _ in features]
        for counts in draw_counts([moments.n], resamples, seed):
            for kept, own, end in zip(parts, features, ends, strict=True):
                kept.append(counts[:, end - own.shape[1] : end] @ own.T)
        totals = [np.concatenate(kept) for kept in parts]
    return tuple(
        _summarise(part, total, centre)
        for part, total, centre in zip(moments.patterns, totals, centres, strict=True)
    )


def _summarise(part: Pattern, totals: Floats, centre: Floats) -> Pattern:
    """Turn sums of counts, values and products into moments."""
    o = part.seen.size
    n = totals[:, 0]
    size = np.maximum(n, 1.0)[:, None]
    shift = totals[:, 1 : 1 + o] / size
    rows, cols = np.tril_indices(o)
    cov = np.empty((len(totals), o, o))
    cov[:, rows, cols] = totals[:, 1 + o :] / size
    cov[:, cols, rows] = cov[:, rows, cols]
    cov -= shift[:, :, None] * shift[:, None, :]
    return replace(part, n=n, mean=centre + shift, cov=cov)
