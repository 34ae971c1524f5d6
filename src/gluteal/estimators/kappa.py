"""Agreement of two raters on categories: kappa and its kin, for people and for legs of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.intervals import Interval, z_quantile

Weights = Literal["none", "linear", "quadratic"]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of one table, with what it takes to read it.

    ``agreement`` is the observed (weighted) share, ``by_chance`` the expected one;
    ``prevalence_index`` and ``bias_index`` are those of a 2 × 2 table, else NaN.
    """

    kappa: Interval
    agreement: float
    by_chance: float
    pabak: float
    ac1: Interval
    prevalence_index: float
    bias_index: float
    n: int


def cross(first: ArrayLike, second: ArrayLike, categories: int) -> Array:
    """Count pairs of codes 0 ... categories-1 into a square table; missing pairs are left out."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    kept = np.isfinite(a) & np.isfinite(b)
    _refuse_codes(np.concatenate([a[kept], b[kept]]), categories)
    codes = a[kept].astype(int) * categories + b[kept].astype(int)
    return np.bincount(codes, minlength=categories**2).reshape(categories, -1).astype(float)


def _refuse_codes(codes: Array, categories: int) -> None:
    """Refuse codes that would be counted in a cell of other categories."""
    if ((codes < 0) | (codes >= categories) | (codes != np.floor(codes))).any():
        raise UserError(f"ratings must be codes 0 to {categories - 1}")


def weight_matrix(categories: int, weights: Weights = "none") -> Array:
    """Return agreement weights: 1 on the diagonal, 0 in the far corners."""
    if weights == "none" or categories < 2:
        return np.eye(categories)
    steps = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories)))
    return 1 - (steps / (categories - 1)) ** (1 if weights == "linear" else 2)


def kappas(tables: Array, weights: Array) -> Array:
    """Compute kappa of many tables of shape (..., q, q) at once; NaN where chance is certain."""
    total = tables.sum((-2, -1), keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = tables / total
        seen = (share * weights).sum((-2, -1))
        rows, columns = share.sum(-1), share.sum(-2)
        chance = np.einsum("...i,ij,...j->...", rows, weights, columns)
        return np.where(1 - chance > 1e-12, (seen - chance) / (1 - chance), np.nan)


def cohen_kappa(table: ArrayLike, weights: Weights = "none", level: float = 0.95) -> Kappa:
    """Estimate Cohen's kappa from a square table, with its large-sample interval.

    Parameters
    ----------
    table : array of shape (q, q)
        Counts; row = first rater, column = second, the same categories in the same order.
    weights : {"none", "linear", "quadratic"}
        Weights of agreement between ordered categories.
    level : float
        Level of the intervals.

    Returns
    -------
    Kappa
        No unit. ``ac1`` is Gwet's AC1, which bears extreme prevalence; ``pabak`` is kappa had
        prevalence and bias been even.

    Raises
    ------
    UserError
        If the table is empty, not square, or all pairs lie in one category.

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104; Fleiss, Cohen & Everitt (1969),
    doi:10.1037/h0028106; Byrt, Bishop & Carlin (1993), doi:10.1016/0895-4356(93)90018-V; Gwet
    (2008), doi:10.1348/000711006X126600. Unweighted equal to R's ``psych::cohen.kappa``, whose
    weighted standard error (2.2.9) takes row sums where the formula has weighted means.

    Examples
    --------
    >>> found = cohen_kappa([[20, 5], [10, 15]]).kappa
    >>> [round(x, 4) for x in found[:3]]
    [0.4, 0.1511, 0.6489]
    """
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.shape[0] < 2:
        raise UserError("kappa needs a square table of at least two categories")
    n, q = float(counts.sum()), counts.shape[0]
    if n < 1:
        raise UserError("kappa needs at least one pair of ratings, found none")
    share, w = counts / n, weight_matrix(q, weights)
    rows, columns = share.sum(1), share.sum(0)
    seen, chance = float((share * w).sum()), float(rows @ w @ columns)
    if 1 - chance < 1e-12:
        raise UserError("kappa is undefined: both raters used one and the same category only")
    value = (seen - chance) / (1 - chance)
    mean_weight = (w @ columns)[:, None] + (rows @ w)[None, :]
    inner = float((share * (w * (1 - chance) - mean_weight * (1 - seen)) ** 2).sum())
    variance = (inner - (seen * chance - 2 * chance + seen) ** 2) / (n * (1 - chance) ** 4)
    se = sqrt(max(variance, 0.0))
    half = z_quantile(level) * se
    exact = float(np.trace(share))
    small = q == 2
    return Kappa(
        kappa=Interval(value, max(value - half, -1.0), min(value + half, 1.0), se),
        agreement=seen,
        by_chance=chance,
        pabak=(q * exact - 1) / (q - 1),
        ac1=gwet_ac1(counts, level),
        prevalence_index=abs(float(share[0, 0] - share[1, 1])) if small else nan,
        bias_index=abs(float(share[0, 1] - share[1, 0])) if small else nan,
        n=int(n),
    )


def gwet_ac1(table: ArrayLike, level: float = 0.95) -> Interval:
    """Estimate Gwet's AC1 from a square table of counts of two raters.

    References
    ----------
    Gwet (2008), doi:10.1348/000711006X126600.

    Examples
    --------
    >>> round(gwet_ac1([[118, 5], [2, 0]]).value, 4)
    0.9408
    """
    counts = np.asarray(table, dtype=float)
    n, q = float(counts.sum()), counts.shape[0]
    share = counts / n
    used = (share.sum(0) + share.sum(1)) / 2
    seen, chance = float(np.trace(share)), float((used * (1 - used)).sum()) / (q - 1)
    value = (seen - chance) / (1 - chance)
    if n < 2:
        return Interval(value, nan, nan)
    # What one pair contributes (the linear part of the statistic), by cell of the table.
    mean_use = 1 - np.add.outer(used, used) / 2
    own = (np.eye(q) - chance) / (1 - chance)
    own = own - 2 * (1 - value) * (mean_use / (q - 1) - chance) / (1 - chance)
    se = sqrt(float((share * (own - value) ** 2).sum()) / (n - 1))
    half = z_quantile(level) * se
    return Interval(value, max(value - half, -1.0), min(value + half, 1.0), se)


def bootstrap_people(
    cells: ArrayLike,
    statistic: Callable[[Array], Array],
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Interval:
    """Bootstrap people (not legs, not ratings) for a statistic of summed counts.

    People with the same counts are alike, so that a resample of people is one multinomial draw
    over the kinds of people: exact, and as fast for a hundred thousand people as for a hundred.

    Parameters
    ----------
    cells : array of shape (people, cells)
        Counts of one person a row.
    statistic : callable
        Takes an array of shape (resamples, cells) of sums, returns one value a row.
    resamples, seed, level
        Of the percentile interval.

    Returns
    -------
    Interval
        ``se`` is the standard deviation of the resamples; those without a value are left out.

    References
    ----------
    Field & Welsh (2007), doi:10.1111/j.1467-9868.2007.00593.x, on resampling clusters.
    """
    counts = np.asarray(cells, dtype=float)
    kinds, how_many = np.unique(counts, axis=0, return_counts=True)
    people = counts.shape[0]
    value = float(statistic(counts.sum(0)[None])[0])
    draws = np.random.default_rng(seed).multinomial(people, how_many / people, size=resamples)
    found = statistic(draws.astype(float) @ kinds)
    found = found[np.isfinite(found)]
    if people < 2 or found.size < resamples / 2:
        return Interval(value, nan, nan)
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(value, float(low), float(high), float(found.std(ddof=1)))


def mean_kappa(
    ratings: ArrayLike,
    categories: int,
    weights: Weights = "none",
    person: ArrayLike | None = None,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Interval:
    """Estimate kappa between raters, averaged over pairs of raters, by a bootstrap of people.

    Parameters
    ----------
    ratings : array of shape (n, k)
        Codes 0 ... categories-1, NaN where missing; a pair needs both of its ratings.
    categories : int
        Number of categories.
    weights : {"none", "linear", "quadratic"}
        As in ``cohen_kappa``.
    person : array of shape (n,), optional
        Who the row belongs to; rows of one person (two legs) are drawn together.

    Returns
    -------
    Interval
        Kappa with its percentile interval; with two raters it is Cohen's, with more, Light's.

    Raises
    ------
    UserError
        With fewer than two raters, other codes, or no row rated twice.

    References
    ----------
    Light (1971), doi:10.1037/h0031643; Vanbelle & Albert (2008), doi:10.1348/000711007X249603.
    """
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or table.shape[1] < 2:
        raise UserError("kappa needs at least two raters")
    who = np.arange(table.shape[0]) if person is None else np.asarray(person)
    who = np.unique(who, return_inverse=True)[1]
    _refuse_codes(table[np.isfinite(table)], categories)
    q, pairs = categories, [(i, j) for i in range(table.shape[1]) for j in range(i)]
    people, width = int(who.max(initial=-1)) + 1, len(pairs) * q * q
    cells = np.zeros((people, width))
    for index, (i, j) in enumerate(pairs):
        both = np.isfinite(table[:, i]) & np.isfinite(table[:, j])
        code = table[both, j].astype(int) * q + table[both, i].astype(int)
        place = who[both] * width + index * q * q + code
        cells += np.bincount(place, minlength=cells.size).reshape(cells.shape)
    if not cells.any():
        raise UserError("kappa needs at least one pair of ratings, found none")
    w = weight_matrix(q, weights)

    def average(sums: Array) -> Array:
        return kappas(sums.reshape(len(sums), len(pairs), q, q), w).mean(-1)

    return bootstrap_people(cells[cells.any(1)], average, resamples, seed, level)
