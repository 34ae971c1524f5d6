"""How strong the working correlation is, from Pearson residuals: by moments, or as geepack does."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gluteal.estimators.gee.working import Layout, Working
from gluteal.estimators.inference import Floats

AlphaBy = Literal["moment", "estimating_equation"]
MOST_STEPS = 100
EDGE = 1e-8
"""A correlation this near to its bound counts as on it."""


def bounds_of(layout: Layout, working: Working) -> tuple[float, float]:
    """Return the open interval of correlations that make every cluster's matrix positive."""
    if working == "exchangeable":
        return -1.0 / max(int(layout.sizes.max()) - 1, 1), 1.0
    if working == "ar1" and not _alternates(layout.lags):
        return 0.0, 1.0
    return -1.0, 1.0


def _alternates(lags: Floats) -> bool:
    """Say whether a negative AR(1) can be told: whole lags, neighbours an odd step apart."""
    return bool(np.all(lags == np.round(lags)) and (not len(lags) or lags[0] % 2 == 1))


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
    off = p if by == "moment" else 0
    share = 1 - off / len(residual)
    heavy = residual if weights is None else weights * residual
    mass = float(len(residual)) if weights is None else float(weights.sum())
    scale = float(heavy @ residual) / (mass * share)
    if working == "independence" or scale <= 0:
        return scale, 0.0
    if working == "exchangeable":
        totals = layout.totals(heavy)
        sums = float(totals @ totals - heavy @ heavy) / 2
        count = float((layout.sizes * (layout.sizes - 1)).sum()) / 2
        twos = count
        if weights is not None:
            twos = float((layout.totals(weights) ** 2).sum() - (weights**2).sum()) / 2
        room = twos * (1 - off / count) if count > off else float("nan")
        return scale, sums / scale / room if room > 0 else 0.0
    size = len(layout.lags)
    if not size:
        return scale, 0.0
    product = heavy[layout.left] * heavy[layout.right] / scale
    a = np.ones(len(residual)) if weights is None else weights
    z: Floats = np.bincount(layout.lag, product, size).astype(np.float64)
    pairs: Floats = np.bincount(layout.lag, a[layout.left] * a[layout.right], size).astype(float)
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
