"""What a figure of asymmetry shows: aggregates of ten people or more, never single people."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from gluteal.estimators.inference import Floats, quantile

FEWEST = 10
FEWEST_FOR_DENSITY = 40
GRID = 32
MOST_SOUNDED = 600


def summarise_levels(
    groups: Sequence[tuple[str, Floats]], level: float = 0.95
) -> list[dict[str, Any]]:
    """Describe ln(right / left) in groups, in %: mean with interval, quartiles.

    Parameters
    ----------
    groups : sequence of (str, ndarray)
        A label and the values; groups of fewer than ten people are left out.

    Examples
    --------
    >>> summarise_levels([("few", np.zeros(3))])
    []
    """
    found: list[dict[str, Any]] = []
    for label, values in groups:
        known = values[np.isfinite(values)]
        n = len(known)
        if n < FEWEST:
            continue
        pct = 100 * known
        half = quantile(level, n - 1) * float(pct.std(ddof=1)) / sqrt(n)
        mean = float(pct.mean())
        low, high = np.quantile(pct, [0.25, 0.75])
        row = {"label": label, "n": n, "mean": mean, "low": mean - half, "high": mean + half}
        found.append(row | {"q25": float(low), "q75": float(high)})
    return found


def smooth_pairs(left: Floats, right: Floats) -> list[dict[str, float]]:
    """Smooth left against right over a grid, as the share of people in denser places.

    Parameters
    ----------
    left, right : ndarray, shape (n,)

    Returns
    -------
    list of dict
        ``left``, ``right``, and ``outside``: the share of people in places at least as dense, so
        that the line of 0.5 holds half of them. Empty with fewer than forty people.
    """
    kept = np.isfinite(left) & np.isfinite(right)
    x, y = left[kept], right[kept]
    if len(x) < FEWEST_FOR_DENSITY or np.ptp(x) == 0 or np.ptp(y) == 0:
        return []
    # Along mean and difference the cloud is round: one bandwidth an axis suits it.
    middle, gap = (x + y) / 2, y - x
    widths = [float(v.std(ddof=1)) * len(x) ** (-1 / 6) for v in (middle, gap)]
    if min(widths) <= 0:
        return []
    low, high = np.quantile(np.r_[x, y], [0.001, 0.999])
    pad = 0.08 * (high - low)
    axis = np.linspace(low - pad, high + pad, GRID)
    at = np.array([(a, b) for a in axis for b in axis])

    def density(a: Floats, b: Floats) -> Floats:
        total = np.zeros(len(a))
        for start in range(0, len(x), 500):
            part = slice(start, start + 500)
            one = ((a + b)[:, None] / 2 - middle[part]) / widths[0]
            two = ((b - a)[:, None] - gap[part]) / widths[1]
            total += np.exp(-(one**2 + two**2) / 2).sum(1)
        return total

    # Some people, evenly along the mean, tell how dense the places of all are.
    some = np.argsort(middle, kind="stable")[:: max(1, len(x) // MOST_SOUNDED)]
    own = np.sort(density(x[some], y[some]))
    share = 1 - np.searchsorted(own, density(at[:, 0], at[:, 1])) / len(own)
    return [
        {"left": round(float(a), 5), "right": round(float(b), 5), "outside": round(float(z), 4)}
        for (a, b), z in zip(at, share, strict=True)
    ]
