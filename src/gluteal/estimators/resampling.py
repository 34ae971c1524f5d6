"""Resamples of people, and the area under the ROC curve in each of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.accuracy import as_two_by_two

Array = NDArray[np.float64]
CHUNK = 400_000  # weights made at once: they stay in the processor's cache


def resample_people(people: int, repeats: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Draw people with replacement; yield how often each was drawn, some resamples at a time."""
    rng = np.random.default_rng(seed)
    step = max(1, min(repeats, CHUNK // people))
    for start in range(0, repeats, step):
        size = min(step, repeats - start)
        drawn = rng.integers(0, people, size=(size, people))
        yield np.array([np.bincount(row, minlength=people) for row in drawn])


def bootstrap_area(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None = None,
    repeats: int = 2000,
    seed: int = 1,
) -> Array:
    """Resample people and compute the area of each resample; NaN where a group is empty.

    Returns
    -------
    array of shape (repeats,)
        Areas; their quantiles are a percentile interval.
    """
    s, r, who = as_two_by_two(score, reference, person)
    up, down = np.flatnonzero(r == 1), np.flatnonzero(r == 0)
    up, down = up[np.argsort(s[up])], down[np.argsort(s[down])]
    high, low = s[up], s[down]
    left, right = np.searchsorted(high, low, "left"), np.searchsorted(high, low, "right")
    # People are alike to the draw: number them as they come, so that memory is read in order.
    who = _in_order(who, np.concatenate([up, down]))
    whose_high, whose_low = _as_slice(who[up]), _as_slice(who[down])
    found: list[Array] = []
    for weights in resample_people(int(who.max()) + 1, repeats, seed):
        below = np.zeros((len(weights), high.size + 1), dtype=np.int32)
        np.cumsum(weights[:, whose_high], axis=1, out=below[:, 1:])
        drawn = weights[:, whose_low]
        beaten = below[:, left]
        beaten += below[:, right]
        sums = np.einsum("ij,ij->i", drawn, beaten, dtype=float)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(1 - sums / 2 / (below[:, -1] * drawn.sum(1, dtype=float)))
    return np.concatenate(found)


def _in_order(who: NDArray[np.intp], order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give people the numbers 0, 1, 2 ... as they first appear in ``order``."""
    first = np.full(int(who.max()) + 1, who.size)
    np.minimum.at(first, who[order], np.arange(who.size))
    return np.argsort(np.argsort(first, kind="stable"))[who]


def _as_slice(index: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """Write an index without jumps as a slice, which needs no copy."""
    if index.size and (np.diff(index) == 1).all():
        return slice(int(index[0]), int(index[-1]) + 1)
    return index
