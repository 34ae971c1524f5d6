"""Predictive mean matching: draw an observed value among the nearest predictions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
INDEX_BITS = 29
"""Bits of a double that a single-precision value leaves free: room for a position."""
INDEX = np.int64((1 << INDEX_BITS) - 1)


def draw_donors(predicted: Singles, wanted: Floats | Singles, k: int, u: Floats) -> Ints:
    """Draw for each wanted prediction one of the k donors whose predictions are nearest.

    Parameters
    ----------
    predicted : ndarray of float32, shape (donors,)
        Predictions of the rows observed.
    wanted : ndarray, shape (r,)
        Predictions of the rows missing.
    k : int
        Nearest donors to draw from; all of them where there are fewer.
    u : ndarray, shape (r,)
        Uniform draws in [0, 1), used in the order of ``wanted`` sorted.

    Returns
    -------
    ndarray of int, shape (r,)
        Positions of donors. Where several donors have one prediction and only some of them are
        among the k nearest, each has the same chance.

    References
    ----------
    van Buuren 2018, Flexible imputation of missing data, 3.4, doi:10.1201/9780429492259.

    Examples
    --------
    >>> predicted = np.array([0, 1, 2, 10, 11], dtype=np.float32)
    >>> draw_donors(predicted, np.array([9.0, 0.4]), 2, np.array([0.0, 0.0]))
    array([3, 0])
    """
    count = predicted.size
    k = min(k, count)
    ranked, position = _ranked(predicted)
    goal, place = _ranked(wanted.astype(np.float32))
    # The k nearest are k neighbours in rank. Their window starts above every donor that is
    # farther away than the donor k ranks higher: above all sums below twice the goal.
    # Goals in order let the search run through memory once.
    first = (ranked[: count - k] + ranked[k:]).searchsorted(2 * goal)
    scaled = u * k
    rank = scaled.astype(np.int64)
    chosen = first + rank
    value = ranked.take(chosen)
    tied = ranked.take(chosen - 1, mode="clip") == value
    tied |= ranked.take(chosen + 1, mode="clip") == value
    at = tied.nonzero()[0]
    if at.size:
        value = value.take(at)
        start = ranked.searchsorted(value, "left")
        size = ranked.searchsorted(value, "right") - start
        chosen[at] = start + ((scaled.take(at) - rank.take(at)) * size).astype(np.int64)
    drawn = np.empty(wanted.size, dtype=np.int64)
    drawn[place] = position.take(chosen)
    return drawn


@lru_cache(maxsize=4)
def _positions(bits: int) -> Ints:
    """Return 0, 1, 2 ... below a power of two; made once, it stays in the cache."""
    return np.arange(1 << bits)


def _ranked(values: Singles) -> tuple[Floats, Ints]:
    """Sort values; return them and where each stood.

    The position rides in the low bits of the value, so that one plain sort, many times faster
    than an argsort, orders both.
    """
    keys = values.astype(np.float64)
    bits = keys.view(np.int64)
    bits |= _positions(values.size.bit_length())[: values.size]
    keys.sort()
    position = bits & INDEX
    bits &= ~INDEX
    return keys, position
