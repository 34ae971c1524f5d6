"""Areas under ROC curves in resamples of people: intervals, and differences of paired tests.

Scores are sorted once. A resample is then how often each unit was drawn, and its area one
cumulative sum over the positives, read off at the negatives. Where a score has few levels,
resamples are drawn level by level, so that a million people cost what a thousand do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.auc import areas
from gluteal.estimators.bootstrap.draws import draw_counts
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import Interval

Whole = NDArray[np.intp]
FEW_LEVELS = 24  # units per level from which drawing level by level is cheaper
ROWS = 1 << 18  # weights worked on at once: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class _Curve:
    """Where the weights of one score's positives and negatives stand, in the order of the score.

    ``left`` and ``right`` count positives below, and not above, each negative.
    """

    up: Whole | slice
    down: Whole | slice
    left: Whole
    right: Whole | None

    def areas(self, weights: Floats) -> Floats:
        """Compute the area of each row of weights; NaN where a group was not drawn."""
        up, drawn = weights[:, self.up].astype(np.int32), weights[:, self.down]
        # Whole numbers add up several times faster than floats, which wait for one another.
        sums = np.zeros((len(weights), up.shape[1] + 1), dtype=np.int32)
        np.cumsum(up, axis=1, out=sums[:, 1:])
        below = sums.astype(float)
        beaten = np.einsum("ij,ij->i", drawn, np.take(below, self.left, axis=1))
        if self.right is None:
            beaten *= 2
        else:
            beaten += np.einsum("ij,ij->i", drawn, np.take(below, self.right, axis=1))
        pairs = below[:, -1] * drawn.sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(pairs > 0, 1 - beaten / 2 / pairs, np.nan)


def _trace(score: Floats, reference: Floats, column: Whole) -> _Curve:
    """Sort a score once; ``column`` says where the weight of each unit stands."""
    up, down = np.flatnonzero(reference == 1), np.flatnonzero(reference == 0)
    up, down = up[np.argsort(score[up])], down[np.argsort(score[down])]
    left = np.searchsorted(score[up], score[down], "left")
    right = np.searchsorted(score[up], score[down], "right")
    tied = not np.array_equal(left, right)
    return _Curve(_as_slice(column[up]), _as_slice(column[down]), left, right if tied else None)


def _as_slice(index: Whole) -> Whole | slice:
    """Write an index without jumps as a slice, which needs no copy."""
    if index.size and (np.diff(index) == 1).all():
        return slice(int(index[0]), int(index[-1]) + 1)
    return index


def _draw_people(
    reference: Floats, first: Floats, who: Whole | None, stratified: bool, resamples: int, seed: int
) -> tuple[Iterator[Floats], Whole]:
    """Draw people; return weights, and the column in which each unit finds its own.

    Columns follow the first score, within positives and negatives, so that memory is read in order.
    """
    order = np.lexsort((first, -reference))
    n = reference.size
    if who is not None:
        people = int(who.max()) + 1
        seen = np.full(people, n)
        np.minimum.at(seen, who[order], np.arange(n))
        place = np.argsort(np.argsort(seen, kind="stable"))
        return draw_counts([people], resamples, seed, ROWS // people), place[who].astype(np.intp)
    column = np.empty(n, dtype=np.intp)
    column[order] = np.arange(n)
    positives = int(reference.sum())
    sizes = [positives, n - positives] if stratified else [n]
    return draw_counts(sizes, resamples, seed, ROWS // n), column


def _draw_levels(
    reference: Floats, score: Floats, stratified: bool, resamples: int, seed: int
) -> Iterator[tuple[Floats, _Curve]]:
    """Draw how many positives and negatives fall on each level of a score."""
    levels, place = np.unique(score, return_inverse=True)
    size = levels.size
    up = np.bincount(place, reference, size)
    down = np.bincount(place, 1 - reference, size)
    curve = _Curve(slice(0, size), slice(size, 2 * size), np.arange(size), np.arange(1, size + 1))
    rng = np.random.default_rng(seed)
    step = max(1, ROWS // (2 * size))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        if stratified:
            drawn = [rng.multinomial(int(c.sum()), c / c.sum(), size=rows) for c in (up, down)]
            weights = np.concatenate(drawn, axis=1)
        else:
            both = np.concatenate([up, down])
            weights = rng.multinomial(reference.size, both / both.sum(), size=rows)
        yield weights.astype(float), curve


def bootstrap_areas(
    reference: ArrayLike,
    *scores: ArrayLike,
    person: ArrayLike | None = None,
    stratified: bool = True,
    resamples: int = 2000,
    seed: int = 1,
) -> Floats:
    """Resample people and compute the areas of all tests in each resample.

    Parameters
    ----------
    reference : array_like, shape (n,)
        0 or 1.
    *scores : array_like, shape (n,)
        One test each, given to the same people; higher values speak for a positive reference.
        Units missing the reference or any score are left out of all.
    person : array_like, shape (n,), optional
        Who the leg belongs to. People are then drawn with all their legs, and without strata.
    stratified : bool
        Draw as many positives and as many negatives as there are, as R's pROC does by default;
        without, all are drawn together and their numbers vary too.
    resamples, seed : int

    Returns
    -------
    ndarray, shape (resamples, tests)
        Areas; NaN where a resample has no positive or no negative.

    Raises
    ------
    UserError
        Without a test, for a reference that is not 0 or 1, or with fewer than two of either.

    References
    ----------
    Efron and Tibshirani 1993, doi:10.1201/9780429246593; Carpenter and Bithell 2000,
    doi:10.1002/(SICI)1097-0258(20000515)19:9<1141::AID-SIM479>3.0.CO;2-F.

    Examples
    --------
    >>> found = bootstrap_areas([0, 0, 0, 1, 1, 1], [1, 2, 3, 2, 4, 5], resamples=1000)
    >>> found.shape, bool(found.max() <= 1)
    ((1000, 1), True)
    """
    r, values, who = _as_units(reference, scores, person)
    if values.shape[1] == 1 and who is None:
        score = values[:, 0]
        # Rows are sorted for the curve anyway; so many equal neighbours are few levels.
        if np.unique(score).size * FEW_LEVELS < r.size:
            drawn = _draw_levels(r, score, stratified, resamples, seed)
            return np.concatenate([curve.areas(weights) for weights, curve in drawn])[:, None]
    draws, column = _draw_people(r, values[:, 0], who, stratified, resamples, seed)
    curves = [_trace(one, r, column) for one in values.T]
    found = [np.column_stack([curve.areas(weights) for curve in curves]) for weights in draws]
    return np.concatenate(found)


def _as_units(
    reference: ArrayLike, scores: tuple[ArrayLike, ...], person: ArrayLike | None
) -> tuple[Floats, Floats, Whole | None]:
    if not scores:
        raise UserError("an area under the ROC curve needs a test")
    r = np.asarray(reference, dtype=float)
    values = np.column_stack([np.asarray(score, dtype=float) for score in scores])
    if r.ndim != 1 or len(values) != len(r):
        raise UserError(f"{len(values)} values of a test do not fit a reference of shape {r.shape}")
    kept = np.isfinite(r) & np.isfinite(values).all(1)
    r, values = r[kept], values[kept]
    if odd := sorted(set(np.unique(r).tolist()) - {0.0, 1.0}):
        raise UserError(f"the reference must be 0 or 1, found {odd[0]:g}")
    m = int(r.sum())
    if min(m, r.size - m) < 2:
        raise UserError(
            f"an area under the ROC curve needs at least two positive and two negative units by "
            f"the reference, found {m} and {r.size - m}"
        )
    if person is None:
        return r, values, None
    who = np.unique(np.asarray(person)[kept], return_inverse=True)[1]
    if int(who.max()) < 1:
        raise UserError("all legs belong to one person: nobody can be resampled")
    return r, values, who.astype(np.intp)


def bootstrap_area(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 2000,
    seed: int = 1,
    stratified: bool = True,
) -> Floats:
    """Resample people and compute the area of one test; see ``bootstrap_areas``.

    Returns
    -------
    ndarray, shape (resamples,)
        Areas; their quantiles are a percentile interval.
    """
    found = bootstrap_areas(
        reference, score, person=person, stratified=stratified, resamples=resamples, seed=seed
    )
    return found[:, 0]


def bootstrap_difference(
    reference: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
    stratified: bool = True,
) -> tuple[Interval, float]:
    """Compare two tests of the same people by a bootstrap of people.

    Returns
    -------
    difference : Interval
        Area of the first less that of the second, percentile limits.
    p : float
        Two-sided, of the difference over its bootstrap standard error, as R's pROC gives it; NaN
        where the tests order people alike.

    References
    ----------
    Hanley and McNeil 1983, doi:10.1148/radiology.148.3.6878708; Robin et al. 2011,
    doi:10.1186/1471-2105-12-77.

    Examples
    --------
    >>> y, a, b = [0, 0, 0, 1, 1, 1], [1, 2, 3, 2, 4, 5], [3, 1, 2, 2, 1, 5]
    >>> round(bootstrap_difference(y, a, b)[0].value, 4)
    0.2778
    """
    from scipy.special import ndtr

    both = bootstrap_areas(
        reference,
        first,
        second,
        person=person,
        stratified=stratified,
        resamples=resamples,
        seed=seed,
    )
    spread = both[:, 0] - both[:, 1]
    spread = spread[np.isfinite(spread)]
    own = areas(reference, first, second).values
    value = float(own[0] - own[1])
    low, high = np.quantile(spread, [0.5 - level / 2, 0.5 + level / 2])
    se = float(spread.std(ddof=1))
    p = 2 * float(ndtr(-abs(value) / se)) if se > 1e-12 else nan
    return Interval(value, float(low), float(high), se), p
