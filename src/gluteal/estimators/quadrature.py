"""Gauss-Hermite points laid around the mode of each cluster's random intercept, all at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

MOST_STEPS = 200
MODE = 1e-12
MOST_CELLS = 500_000
"""Rows times points worked at once: what fits in a processor's cache."""


def points_of(count: int) -> tuple[Floats, Floats]:
    """Return z and log w + z², so that the sum of w exp(z²) f(z) integrates f over the line.

    Examples
    --------
    >>> z, weight = points_of(5)
    >>> round(float((np.exp(weight - z**2)).sum() ** 2), 6)
    3.141593
    """
    if count < 1:
        raise ValueError("quadrature needs at least one point")
    z, w = np.polynomial.hermite.hermgauss(count)
    return z.astype(np.float64), (np.log(w) + z**2).astype(np.float64)


def find_modes(
    slope: Callable[[Floats], tuple[Floats, Floats]], start: Floats, reach: Floats
) -> Floats:
    """Find the root of a falling function of each cluster, by Newton steps kept in a bracket.

    Parameters
    ----------
    slope : callable
        Of values, shape (clusters,), to the function and minus its derivative (positive).
    start : ndarray, shape (clusters,)
    reach : ndarray, shape (clusters,)
        The root lies within plus and minus this.
    """
    low, high = -reach, reach
    at = np.clip(start, low, high)
    for _ in range(MOST_STEPS):
        value, bend = slope(at)
        low, high = np.where(value > 0, at, low), np.where(value < 0, at, high)
        after = at + value / bend
        lost = (after < low) | (after > high)
        after = np.where(lost, (low + high) / 2, after)
        moved = float(np.abs(after - at).max())
        at = after
        if moved < MODE * (1 + float(np.abs(at).max())):
            break
    return at


def chunks(starts: NDArray[np.intp], rows: int, points: int) -> list[tuple[int, int, int, int]]:
    """Cut clusters into runs that fit the cache: first and last cluster, first and last row.

    Examples
    --------
    >>> chunks(np.array([0, 300_000, 600_000]), 900_000, 1)
    [(0, 1, 0, 300000), (1, 2, 300000, 600000), (2, 3, 600000, 900000)]
    """
    ends = np.r_[starts[1:], rows]
    found: list[tuple[int, int, int, int]] = []
    first, most = 0, max(MOST_CELLS // points, 1)
    while first < len(starts):
        last = int(np.searchsorted(ends, starts[first] + most, side="right"))
        last = max(last, first + 1)
        found.append((first, last, int(starts[first]), int(ends[last - 1])))
        first = last
    return found
