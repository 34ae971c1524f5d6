"""Monotone association of two measures: Spearman's correlation and Somers' D."""

from __future__ import annotations

from dataclasses import replace
from math import atanh, inf, isfinite, nan, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, interval

CITED_SPEARMAN = (
    "Spearman's rank correlation has an interval on Fisher's z scale with Bonett and Wright's "
    "standard error (2000, doi:10.1007/BF02294183)"
)
CITED_SOMERS = (
    "Somers' D (1962, doi:10.2307/2090408) counts pairs of people; its interval is a jackknife of "
    "people on Fisher's z scale"
)
FEWEST = 5
ALMOST_ONE = 1 - 1e-12


def as_two(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Keep pairs without a missing member.

    Raises
    ------
    UserError
        With fewer than five pairs, or where one of the two does not vary.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise UserError("a rank correlation needs two columns of one length")
    kept = np.isfinite(a) & np.isfinite(b)
    a, b = a[kept], b[kept]
    if len(a) < FEWEST:
        raise UserError(f"a rank correlation needs {FEWEST} pairs, found {len(a)}")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise UserError("a rank correlation needs two measures that vary; one has one value only")
    return a, b


def mean_ranks(values: Floats) -> Floats:
    """Rank from 1; tied values share the mean of their ranks.

    Examples
    --------
    >>> mean_ranks(np.array([3.0, 1.0, 3.0]))
    array([2.5, 1. , 2.5])
    """
    order = np.sort(values)
    sides = np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right")
    return (sides + 1) / 2


def _by_fisher(value: float, se_z: float, level: float) -> Estimate:
    """Put the interval around atanh(value) and take it back; ``se`` stays on that scale.

    An order without exception has no spread to build an interval on: it gets none.
    """
    if abs(value) >= ALMOST_ONE or not isfinite(se_z):
        value = min(max(value, -1.0), 1.0)
        return Estimate(value, nan, inf, nan, nan, nan, level)
    z = atanh(value)
    found = interval(z, se_z, inf, level)
    return replace(found, estimate=value, low=tanh(found.low), high=tanh(found.high))


def spearman(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate Spearman's rank correlation; tied values share their mean rank.

    Returns
    -------
    Estimate
        ``se`` and ``p`` on Fisher's z scale: sqrt((1 + r²/2) / (n - 3)); NaN for a perfect order.

    Raises
    ------
    UserError
        As ``as_two``.

    References
    ----------
    Bonett & Wright (2000), doi:10.1007/BF02294183.

    Examples
    --------
    >>> found = spearman([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])
    >>> round(found.estimate, 4), round(found.low, 4)
    (0.8286, -0.1272)
    """
    a, b = as_two(x, y)
    value = float(np.corrcoef(mean_ranks(a), mean_ranks(b))[0, 1])
    return _by_fisher(value, sqrt((1 + value**2 / 2) / (len(a) - 3)), level)


def somers_d(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate Somers' D of ``y`` given ``x``, people independent.

    Of two people who differ in ``x``: the chance that the one with more ``x`` has more ``y``, less
    the chance that he has less. Ties in ``y`` count for neither.

    Returns
    -------
    Estimate
        ``se`` of a delete-one jackknife on Fisher's z scale; NaN where one person decides all.

    Raises
    ------
    UserError
        As ``as_two``.

    References
    ----------
    Somers (1962), doi:10.2307/2090408; Newson (2006), Stata Journal 6:309-334.

    Examples
    --------
    >>> round(somers_d([0, 0, 1, 1, 2, 2], [1, 2, 3, 2, 4, 5]).estimate, 4)
    0.9167
    """
    a, b = as_two(x, y)
    levels, group = np.unique(a, return_inverse=True)
    lower, higher = np.zeros(len(b)), np.zeros(len(b))
    n = len(b)
    apart = np.zeros(n)
    for level_of_x in range(len(levels)):
        inside = np.sort(b[group == level_of_x])
        # How many of this level lie below each value, less how many lie above it.
        lead = (
            np.searchsorted(inside, b, "left") + np.searchsorted(inside, b, "right") - len(inside)
        )
        above, below = group > level_of_x, group < level_of_x
        lower[above] += lead[above]
        higher[below] -= lead[below]
        apart[above | below] += len(inside)
    agreed = lower + higher
    value = float(agreed.sum() / apart.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        without = (agreed.sum() - 2 * agreed) / (apart.sum() - 2 * apart)
    if not (np.abs(without) < ALMOST_ONE).all():
        return _by_fisher(value, nan, level)
    z = np.arctanh(without)
    se = sqrt(float((n - 1) / n * ((z - z.mean()) ** 2).sum()))
    return _by_fisher(value, se, level)
