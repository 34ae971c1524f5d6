"""Predictive mean matching: draw an observed value among the nearest predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
INDEX_BITS = 29
"""Bits of a double that a single-precision value leaves free: room for a position."""
INDEX = np.int64((1 << INDEX_BITS) - 1)


def draw_donors(predicted: Singles, wanted: Floats, k: int, u: Floats) -> Ints:
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
        Uniform draws in [0, 1).

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
    >>> draw_donors(predicted, np.array([9.0, 0.4]), 2, np.array([0.0, 0.9]))
    array([3, 1])
    """
    count = predicted.size
    k = min(k, count)
    # The position rides in the low bits of the value, so that one plain sort, many times faster
    # than an argsort, orders both.
    keys = predicted.astype(np.float64)
    keys.view(np.int64)[:] |= np.arange(count)
    keys.sort()
    bits = keys.view(np.int64)
    position = bits & INDEX
    ranked = np.empty(count + 2 * k)
    ranked[:k], ranked[count + k :] = -np.inf, np.inf
    np.bitwise_and(bits, ~INDEX, out=ranked[k : count + k].view(np.int64))
    above = ranked[k : count + k].searchsorted(wanted)
    # The k nearest are k neighbours in rank. Move the window up while its lowest donor is
    # farther away than the next one above it.
    first = above
    for step in range(k):
        low, high = ranked.take(above + step), ranked.take(above + (k + step))
        first = first + (wanted - low > high - wanted)
    # Rank in ``ranked`` of the lowest of the window is ``first``: its padding made up for -k.
    scaled = u * k
    rank = scaled.astype(np.int64)
    chosen = first + rank
    value = ranked.take(chosen)
    tied = (ranked.take(chosen - 1) == value) | (ranked.take(chosen + 1) == value)
    if tied.any():
        start = ranked.searchsorted(value[tied], "left")
        size = ranked.searchsorted(value[tied], "right") - start
        chosen[tied] = start + ((scaled - rank)[tied] * size).astype(np.int64)
    return position.take(chosen - k)
