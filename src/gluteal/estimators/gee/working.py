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
AlphaBy = Literal["moment", "estimating_equation"]
Ints = NDArray[np.intp]
MOST_STEPS = 100
EDGE = 1e-8
"""A correlation this near to its bound counts as on it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows sorted by cluster (and time), and where clusters start.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Rows as given, in the order worked in.
    starts, sizes : ndarray of int, shape (clusters,)
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
    gap: Floats
    left: Ints
    right: Ints
    lags: Floats
    lag: Ints

    def totals(self, values: Floats) -> Floats:
        """Add up rows by cluster, shape (clusters, ...)."""
        return np.add.reduceat(values, self.starts, axis=0)

    def spread(self, values: Floats) -> Floats:
        """Give each row its cluster's value."""
        return np.repeat(values, self.sizes, axis=0)


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
    none: Ints = np.empty(0, dtype=np.intp)
    if not chain:
        empty: Floats = np.empty(0)
        return Layout(order, starts, sizes, empty, none, none, empty, none)
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
    return Layout(order, starts, sizes, gap, before, after, lags, lag.astype(np.intp))


def bounds_of(layout: Layout, working: Working) -> tuple[float, float]:
    """Return the open interval of correlations that make every cluster's matrix positive."""
    if working == "exchangeable":
        return -1.0 / max(int(layout.sizes.max()) - 1, 1), 1.0
    if working == "ar1" and not _alternates(layout.lags):
        return 0.0, 1.0
    return -1.0, 1.0


def _alternates(lags: Floats) -> bool:
    """Say whether a negative AR(1) can be told: no broken powers, and neighbours an odd step apart."""
    return bool(np.all(lags == np.round(lags)) and (not len(lags) or lags[0] % 2 == 1))


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
        return values * apart + layout.spread(whole)
    tie = np.where(layout.gap > 0, np.power(alpha, layout.gap), 0.0)
    room = np.sqrt(1 - tie**2)
    before = np.roll(values, 1, axis=0)
    if tall:
        return (values - tie[:, None] * before) / room[:, None]
    return (values - tie * before) / room


def estimate_alpha(
    residual: Floats,
    weights: Floats | None,
    p: int,
    layout: Layout,
    working: Working,
    by: AlphaBy,
    last: float,
) -> tuple[float, float]:
    """Estimate scale and correlation from Pearson residuals.

    Parameters
    ----------
    residual : ndarray, shape (n,)
        (y - mean) / root of the variance function, in the layout's order.
    weights : ndarray, shape (n,), optional
    p : int
        Coefficients, which the moment estimator takes off its counts.
    by : {"moment", "estimating_equation"}
    last : float
        Correlation of the step before.

    Returns
    -------
    scale, alpha : float
    """
    a = np.ones(len(residual)) if weights is None else weights
    off = p if by == "moment" else 0
    mass = float(a.sum())
    scale = float((a * residual**2).sum()) / (mass * (1 - off / len(residual)))
    if working == "independence" or scale <= 0:
        return scale, 0.0
    if working == "exchangeable":
        sums = float((layout.totals(a * residual) ** 2).sum() - ((a * residual) ** 2).sum()) / 2
        mass = float((layout.totals(a) ** 2).sum() - (a**2).sum()) / 2
        count = float((layout.sizes * (layout.sizes - 1)).sum()) / 2
        room = mass * (1 - off / count) if count > off else float("nan")
        return scale, sums / scale / room if room > 0 else 0.0
    shared = a[layout.left] * a[layout.right]
    product = shared * residual[layout.left] * residual[layout.right] / scale
    size = len(layout.lags)
    z: Floats = np.bincount(layout.lag, product, size).astype(np.float64)
    pairs: Floats = np.bincount(layout.lag, shared, size).astype(np.float64)
    if not size:
        return scale, 0.0
    if by == "moment":
        count = int((layout.lag == 0).sum())
        if count <= off:
            return scale, 0.0
        value = float(z[0] / (pairs[0] * (1 - off / count)))
        return scale, float(np.sign(value) * abs(value) ** (1 / layout.lags[0]))
    return scale, _solve_ar1(layout.lags, z, pairs, last)


def _solve_ar1(lags: Floats, z: Floats, pairs: Floats, last: float) -> float:
    """Solve sum of lag alpha^(lag-1) (z - pairs alpha^lag) = 0 by Gauss-Newton steps."""
    low = -1 + EDGE if _alternates(lags) else EDGE
    nearest = float(z[0] / pairs[0])
    alpha = last if last else float(np.sign(nearest) * abs(nearest) ** (1 / lags[0]))
    alpha = min(max(alpha, low), 1 - EDGE)
    for _ in range(MOST_STEPS):
        slope = lags * np.power(alpha, lags - 1)
        bend = float(pairs @ slope**2)
        move = float(slope @ (z - pairs * np.power(alpha, lags))) / bend if bend > 0 else 0.0
        new = min(max(alpha + move, low), 1 - EDGE)
        if abs(new - alpha) < 1e-12:
            return new
        alpha = new
    return alpha
