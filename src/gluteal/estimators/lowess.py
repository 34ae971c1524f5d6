"""Locally weighted straight lines (Cleveland's LOWESS without robustness steps)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats


def smooth(
    x: ArrayLike, y: ArrayLike, share: float = 2 / 3, skip: float = 0.01
) -> tuple[Floats, Floats]:
    """Smooth y over x.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    share : float
        Share of the points that each line is fitted to, nearest first, with tricube weights.
    skip : float
        Share of the range of x between fitted points; between them values are interpolated, so
        that time grows with n and not with its square.

    Returns
    -------
    x, fitted : ndarray, shape (n,)
        Sorted by x.

    Raises
    ------
    UserError
        With fewer than two points or values that are not finite.

    References
    ----------
    Cleveland 1979, doi:10.1080/01621459.1979.10481038. Equal to R's ``lowess(iter = 0)``.

    Examples
    --------
    >>> smooth([1, 2, 3, 4], [2, 4, 6, 8])[1]
    array([2., 4., 6., 8.])
    """
    across, value = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if across.ndim != 1 or across.shape != value.shape or across.size < 2:
        raise UserError(f"a smooth curve needs two points or more, found {across.size}")
    if not (np.isfinite(across).all() and np.isfinite(value).all()):
        raise UserError("a smooth curve needs finite values")
    order = np.argsort(across, kind="stable")
    across, value = across[order], value[order]
    n = across.size
    size = max(2, min(n, int(share * n + 1e-7)))
    span = float(across[-1] - across[0])
    anchors = _place_anchors(across, skip * span)
    at = across[anchors]
    starts = _nearest(across, at, size)
    fitted = np.array(
        [_line(across, value, x0, i, size, span) for x0, i in zip(at, starts, strict=True)]
    )
    known = np.isfinite(fitted)
    fitted = np.where(known, fitted, value[anchors])
    keep = np.concatenate([[True], at[1:] > at[:-1]])
    return across, np.interp(across, at[keep], fitted[keep])


def _place_anchors(x: Floats, gap: float) -> list[int]:
    """Choose the points to fit: the last within ``gap`` of the one before, at least the next."""
    found, n = [0], x.size
    while True:
        last = found[-1]
        past = int(np.searchsorted(x, x[last], "right"))  # equal values share a fit
        if past >= n:
            return found
        reach = int(np.searchsorted(x, x[last] + gap, "right"))
        found.append(max(past, reach - 1))


def _nearest(x: Floats, at: Floats, size: int) -> list[int]:
    """Find where the window of the nearest points to each anchor begins."""
    first, last = np.zeros(at.size, dtype=np.intp), np.full(at.size, x.size - size)
    while (first < last).any():  # bisection over all anchors at once
        middle = (first + last) // 2
        right = np.minimum(middle + size, x.size - 1)
        move = (at - x[middle] > x[right] - at) & (first < last)
        first, last = np.where(move, middle + 1, first), np.where(move, last, middle)
    return first.tolist()


def _line(x: Floats, y: Floats, at: float, start: int, size: int, span: float) -> float:
    """Fit one weighted line and read it off at its anchor."""
    width = max(at - x[start], x[start + size - 1] - at)
    end = max(start + size, int(np.searchsorted(x, at + 0.999 * width, "right")))
    far = np.abs(x[start:end] - at)
    weight = np.where(far > 0.999 * width, 0.0, 1.0)
    if width > 0:
        inner = np.where(far > 0.001 * width, (1 - (far / width) ** 3) ** 3, 1.0)
        weight = weight * inner
    else:
        weight = np.where(far == 0, 1.0, 0.0)
    total = weight.sum()
    if total <= 0:
        return float("nan")
    weight = weight / total
    middle = float(weight @ x[start:end])
    away = x[start:end] - middle
    spread = float(weight @ away**2)
    if width > 0 and np.sqrt(spread) > 0.001 * span:
        weight = weight * (1 + (at - middle) / spread * away)
    return float(weight @ y[start:end])
