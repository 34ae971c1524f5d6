"""How different two groups are, in standard deviations: numbers, proportions, several levels."""

from __future__ import annotations

from math import isfinite, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators import checks
from gluteal.estimators.inference import quantile


def difference_of_means(first: ArrayLike, second: ArrayLike) -> float:
    """Return (mean of second - mean of first) / sqrt(average of both variances).

    Parameters
    ----------
    first, second : array_like, shapes (n1,), (n2,)
        NaN counts as missing.

    Returns
    -------
    float
        NaN if a group has fewer than two values, or if neither varies and the means differ.

    References
    ----------
    Yang and Dalton 2012, SAS Global Forum, paper 335-2012.

    Examples
    --------
    >>> round(difference_of_means([1, 2, 3], [2, 3, 4]), 3)
    1.0
    """
    a, b = (v[~np.isnan(v)] for v in (np.asarray(x, dtype=float) for x in (first, second)))
    if len(a) < 2 or len(b) < 2:
        return nan
    found = checks.smd(b, a)
    return found if isfinite(found) else nan


def difference_of_levels(first: ArrayLike, second: ArrayLike) -> float:
    """Return the standardised difference of two samples of counts over the same levels.

    With two levels it has the sign of (share of the last level in second - in first); with more
    it is a Mahalanobis distance and never negative.

    Parameters
    ----------
    first, second : array_like, shape (k,)
        Counts by level. Levels that occur in neither group do not matter.

    Returns
    -------
    float
        0 if only one level occurs; NaN if a group is empty, or if levels part the groups so
        cleanly that the covariance of the shares is singular (some tools print a number there).

    References
    ----------
    Yang and Dalton 2012, SAS Global Forum, paper 335-2012.

    Examples
    --------
    >>> round(difference_of_levels([50, 50], [30, 70]), 4)
    0.417
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.sum() == 0 or b.sum() == 0:
        return nan
    seen = (a + b) > 0
    p, q = (a / a.sum())[seen][1:], (b / b.sum())[seen][1:]
    if len(p) == 0:
        return 0.0
    gap = q - p
    spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    if np.linalg.matrix_rank(spread, tol=1e-12) < len(gap):
        return nan
    if len(gap) == 1:
        return float(gap[0] / sqrt(spread[0, 0]))
    return sqrt(max(float(gap @ np.linalg.solve(spread, gap)), 0.0))


def difference_interval(
    d: float, n_first: int, n_second: int, level: float = 0.95
) -> tuple[float, float, float]:
    """Return (standard error, low, high) of a standardised difference.

    The large-sample variance (n1 + n2) / (n1 n2) + d² / (2 (n1 + n2)).

    References
    ----------
    Hedges and Olkin 1985; Yang and Dalton 2012, SAS Global Forum, paper 335-2012.

    Examples
    --------
    >>> tuple(round(v, 4) for v in difference_interval(0.5, 50, 50))
    (0.2031, 0.1019, 0.8981)
    """
    if n_first < 1 or n_second < 1 or not isfinite(d):
        return nan, nan, nan
    n = n_first + n_second
    se = sqrt(n / (n_first * n_second) + d * d / (2 * n))
    half = quantile(level) * se
    return se, d - half, d + half
