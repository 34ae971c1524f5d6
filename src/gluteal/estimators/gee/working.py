"""Working correlations: how residuals of one cluster are thought to hang together.

No correlation matrix is built. Multiplying rows by a root of its inverse costs one pass: an
exchangeable matrix has two eigenvalues, an AR(1) matrix whitens by innovations, over any gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

Working = Literal["independence", "exchangeable", "ar1"]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows sorted by cluster (and time), and where clusters start.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows as given, in the order worked in.
    starts, sizes : ndarray of int, shape (clusters,)
    even : bool
        Whether all clusters have as many rows.
    gap : ndarray, shape (n,)
        Time since the row before; 0 at the first row of a cluster. Empty unless AR(1).
    left, right : ndarray of int, shape (pairs,)
        Pairs of rows of one cluster, for AR(1).
    lags, lag : ndarray
        The distinct distances in time, and the number of each pair's distance.
    """

    order: Ints
    starts: Ints
    sizes: Ints
    even: bool
    gap: Floats
    left: Ints
    right: Ints
    lags: Floats
    lag: Ints

    def totals(self, values: Floats) -> Floats:
        """Add up rows by cluster, shape (clusters, ...)."""
        if self.even:
            block = values.reshape(len(self.starts), -1, *values.shape[1:])
            return np.einsum("gm...->g...", block)
        return np.add.reduceat(values, self.starts, axis=0)


def lay_out(codes: Ints, time: Floats | None, working: Working) -> Layout:
    """Sort the rows and prepare what the correlation needs.

    Raises
    ------
    UserError
        If two rows of a cluster share a time of an AR(1).
    """
    n = len(codes)
    chain = working == "ar1"
    sorted_already = not (np.diff(codes) < 0).any()
    if chain:
        order = (
            np.arange(n)
            if time is None and sorted_already
            else np.lexsort((np.arange(n) if time is None else time, codes))
        )
    else:
        order = np.arange(n) if sorted_already else np.argsort(codes, kind="stable")
    ranked = codes[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, n])
    even = int(sizes.min()) == int(sizes.max())
    none: Ints = np.empty(0, dtype=np.intp)
    if not chain:
        empty: Floats = np.empty(0)
        return Layout(order, starts, sizes, even, empty, none, none, empty, none)
    when = np.arange(n, dtype=float) if time is None else time[order]
    gap = np.diff(when, prepend=when[0])
    gap[starts] = 0.0
    first = np.zeros(n, dtype=bool)
    first[starts] = True
    if bad := int((gap[~first] <= 0).sum()):
        raise UserError(
            f"{bad} rows have the time of another row of their cluster: no order in time"
        )
    left: list[Ints] = []
    right: list[Ints] = []
    for step in range(1, int(sizes.max())):
        near = np.flatnonzero(ranked[step:] == ranked[:-step])
        left.append(near)
        right.append(near + step)
    before = np.concatenate(left) if left else none
    after = np.concatenate(right) if right else none
    lags, lag = np.unique(np.round(when[after] - when[before], 9), return_inverse=True)
    return Layout(order, starts, sizes, even, gap, before, after, lags, lag.astype(np.intp))


def whiten(values: Floats, alpha: float, layout: Layout, working: Working) -> Floats:
    """Multiply the rows of each cluster by a root W of its inverse correlation, W'W = R⁻¹.

    Parameters
    ----------
    values : ndarray, shape (n,) or (n, k)

    Examples
    --------
    >>> layout = lay_out(np.zeros(3, dtype=int), None, "ar1")
    >>> root = whiten(np.eye(3), 0.5, layout, "ar1")
    >>> np.linalg.inv(root.T @ root).round(6)
    array([[1.  , 0.5 , 0.25],
           [0.5 , 1.  , 0.5 ],
           [0.25, 0.5 , 1.  ]])
    """
    if working == "independence" or alpha == 0:
        return values
    tall = values.ndim == 2
    if working == "exchangeable":
        apart = 1 / np.sqrt(1 - alpha)
        mean = (1 / np.sqrt(1 + (layout.sizes - 1) * alpha) - apart) / layout.sizes
        whole = layout.totals(values) * (mean[:, None] if tall else mean)
        if layout.even:
            block = (len(whole), -1, values.shape[1]) if tall else (len(whole), -1)
            return (values.reshape(block) * apart + whole[:, None]).reshape(values.shape)
        return values * apart + np.repeat(whole, layout.sizes, axis=0)
    tie = np.where(layout.gap > 0, np.power(alpha, layout.gap), 0.0)
    room = np.sqrt(1 - tie**2)
    before = np.roll(values, 1, axis=0)
    if tall:
        return (values - tie[:, None] * before) / room[:, None]
    return (values - tie * before) / room


@dataclass(frozen=True, slots=True)
class Parts:
    """What an exchangeable correlation needs of the derivatives D: D'D, and their cluster sums."""

    cross: Floats
    sums: Floats


def parts_of(slope: Floats, layout: Layout) -> Parts:
    """Take both from one pass."""
    return Parts(slope.T @ slope, layout.totals(slope))


def normal_equations(
    slope: Floats,
    residual: Floats,
    alpha: float,
    layout: Layout,
    working: Working,
    parts: Parts | None = None,
) -> tuple[Floats, Floats]:
    """Return D'R⁻¹D and D'R⁻¹e.

    An exchangeable R has the inverse (I - c 11')/(1 - alpha) with c = alpha/(1 + (m-1) alpha), so
    that sums over clusters suffice; ``parts`` saves making them again where D stays the same.
    """
    if working == "ar1":
        slope = whiten(slope, alpha, layout, working)
        return slope.T @ slope, slope.T @ whiten(residual, alpha, layout, working)
    if working == "independence":
        return slope.T @ slope, slope.T @ residual
    known = parts or parts_of(slope, layout)
    share = (alpha / (1 + (layout.sizes - 1) * alpha))[:, None] * known.sums
    cross = known.cross - share.T @ known.sums
    return cross / (1 - alpha), (slope.T @ residual - share.T @ layout.totals(residual)) / (
        1 - alpha
    )
