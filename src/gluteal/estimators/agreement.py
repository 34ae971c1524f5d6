"""Agreement of two measurements in their own unit: bias and limits of agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.auc import of_kept
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, chi2_quantile, t_quantile, z_quantile

CITED = (
    "Limits of agreement are the mean difference ± 1.96 SD (Bland and Altman 1999, "
    "doi:10.1177/096228029900800204) with exact intervals (Carkeet 2015, "
    "doi:10.1097/OPX.0000000000000513)"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Bias and limits of agreement of pairs, in the unit of the measurement.

    ``lower`` and ``upper`` carry exact intervals, ``lower_approximate`` and ``upper_approximate``
    those of Bland and Altman (1999). ``proportional`` is the slope of the difference on the mean,
    ``spread`` the slope of the absolute residual on the mean: 0 where error is the same at all
    sizes. ``p_proportional`` and ``p_spread`` are their tests.
    """

    bias: Interval
    sd: float
    lower: Interval
    upper: Interval
    lower_approximate: Interval
    upper_approximate: Interval
    proportional: Interval
    p_proportional: float
    spread: Interval
    p_spread: float
    n: int


def as_pairs(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Keep the pairs without a missing member.

    Raises
    ------
    UserError
        With fewer than three pairs.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    kept = np.isfinite(a) & np.isfinite(b)
    if kept.sum() < 3:
        raise UserError(f"limits of agreement need at least three pairs, found {int(kept.sum())}")
    return a[kept], b[kept]


def compare_columns(
    scores: ArrayLike, level: float = 0.95
) -> Iterator[tuple[int, int, Agreement, NDArray[np.float64]]]:
    """Compare the columns of a persons × raters table two by two; with many, each with the first.

    Pairs of columns with fewer than three people in common are left out. Yields both columns,
    their agreement and the pairs of values.
    """
    table = np.asarray(scores, dtype=float)
    pairs = list(combinations(range(table.shape[1]), 2))
    for first, second in pairs if len(pairs) <= 3 else [pair for pair in pairs if not pair[0]]:
        values = table[:, [first, second]]
        values = values[np.isfinite(values).all(1)]
        if len(values) >= 3:
            yield first, second, compare(values[:, 0], values[:, 1], level), values


def sample_points(
    values: NDArray[np.float64], seed: int, fewest: int = 10, most: int = 1000
) -> list[tuple[float, float]]:
    """Give mean and difference of pairs for a figure; none where fewer than ``fewest`` people.

    Rounded to four digits and in an order without meaning, so that a point is nobody's row.
    """
    if len(values) < fewest:
        return []
    order = np.random.default_rng(seed).permutation(len(values))[:most]
    return [(float(f"{(a + b) / 2:.4g}"), float(f"{a - b:.4g}")) for a, b in values[order]]


def slope(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> tuple[Interval, float]:
    """Fit y on x by least squares; return the slope with its interval, and its p-value."""
    from scipy.special import stdtr

    across = x - x.mean()
    spread = float(across @ across)
    df = x.size - 2
    if spread <= 0 or df < 1:
        return Interval(nan, nan, nan), nan
    value = float(across @ y) / spread
    rest = y - y.mean() - value * across
    se = sqrt(float(rest @ rest) / df / spread)
    half = t_quantile(level, df) * se
    p = 2 * float(stdtr(df, -abs(value) / se)) if se > 0 else nan
    return Interval(value, value - half, value + half, se, df), p


def compare(
    first: ArrayLike, second: ArrayLike, level: float = 0.95, share: float = 0.95
) -> Agreement:
    """Estimate bias (first minus second) and limits of agreement, with intervals.

    Parameters
    ----------
    first, second : array of shape (n,)
        One pair a person, in the same unit. Pairs with a missing member are left out. Two legs of
        one person are not two pairs: see ``compare_repeated``.
    level : float
        Level of the intervals.
    share : float
        Share of differences that the limits hold: 0.95 gives bias ± 1.96 SD.

    Returns
    -------
    Agreement
        Exact limits' intervals rest on the noncentral t distribution.

    Raises
    ------
    UserError
        With fewer than three pairs.

    References
    ----------
    Bland & Altman (1986), doi:10.1016/S0140-6736(86)90837-8; (1999),
    doi:10.1177/096228029900800204; Carkeet (2015), doi:10.1097/OPX.0000000000000513.

    Examples
    --------
    >>> found = compare([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.3, 4.1])
    >>> round(found.bias.value, 3), round(found.upper.value, 3)
    (-0.1, 0.22)
    """
    from scipy.special import nctdtrit

    a, b = as_pairs(first, second)
    difference, middle = a - b, (a + b) / 2
    n = difference.size
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    z, t, df = z_quantile(share), t_quantile(level, n - 1), n - 1
    half = t * sd / sqrt(n)
    near, far = (
        float(nctdtrit(df, z * sqrt(n), 0.5 + side * level / 2)) / sqrt(n) for side in (-1, 1)
    )
    se = sd * sqrt(1 / n + z * z / (2 * df))
    low, high = mean - z * sd, mean + z * sd
    proportional, p_proportional = slope(middle, difference, level)
    line = 0.0 if proportional.value != proportional.value else proportional.value
    rest = np.abs(difference - mean - line * (middle - middle.mean()))
    spread, p_spread = slope(middle, rest, level)
    return Agreement(
        bias=Interval(mean, mean - half, mean + half, sd / sqrt(n), df),
        sd=sd,
        lower=Interval(low, mean - far * sd, mean - near * sd, se, df),
        upper=Interval(high, mean + near * sd, mean + far * sd, se, df),
        lower_approximate=Interval(low, low - t * se, low + t * se, se, df),
        upper_approximate=Interval(high, high - t * se, high + t * se, se, df),
        proportional=proportional,
        p_proportional=p_proportional,
        spread=spread,
        p_spread=p_spread,
        n=n,
    )


def compare_repeated(
    first: ArrayLike,
    second: ArrayLike,
    person: ArrayLike,
    level: float = 0.95,
    share: float = 0.95,
) -> tuple[Interval, Interval, Interval]:
    """Estimate bias and limits of agreement from several pairs a person (two legs, say).

    The variance of a difference is that between people plus that within; the true value may
    differ from pair to pair. Intervals of the limits by MOVER.

    Returns
    -------
    tuple of Interval
        Bias, lower limit, upper limit.

    Raises
    ------
    UserError
        With fewer than two people, no person with two pairs, or a pair without a person.

    References
    ----------
    Bland & Altman (2007), doi:10.1080/10543400701329422; Zou (2013),
    doi:10.1177/0962280211402548.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    kept = np.isfinite(a) & np.isfinite(b)
    difference = (a - b)[kept]
    who = as_groups(of_kept(person, kept), difference.size)[0]
    size = np.bincount(who).astype(float)
    n, people = difference.size, size.size
    if people < 2 or n == people:
        raise UserError("repeated limits of agreement need two people, and one with two pairs")
    means = np.bincount(who, difference) / size
    within = float(((difference - means[who]) ** 2).sum()) / (n - people)
    # Unweighted means: exact in balanced data, and what MOVER is built on elsewhere.
    bias, harmonic = float(means.mean()), people / float((1 / size).sum())
    between = float(means.var(ddof=1))
    inner = (1 - 1 / harmonic) * within
    return mover_limits(bias, between, people, ((inner, n - people),), level, share)


def mover_limits(
    bias: float,
    between: float,
    people: int,
    inner: Sequence[tuple[float, int]],
    level: float = 0.95,
    share: float = 0.95,
) -> tuple[Interval, Interval, Interval]:
    """Put limits of agreement around a bias from components of variance, intervals by MOVER.

    Parameters
    ----------
    bias : float
        Mean over people of their mean differences.
    between : float
        Variance of these means.
    people : int
    inner : sequence of (variance, df)
        What single measurements add to it, with the degrees of freedom of each part.
    level, share : float
        Of the intervals; of the differences that the limits hold.

    Returns
    -------
    tuple of Interval
        Bias, lower limit, upper limit.

    References
    ----------
    Zou (2013), doi:10.1177/0962280211402548; Graybill & Wang (1980),
    doi:10.1080/01621459.1980.10477565.
    """
    parts = ((between, people - 1), *inner)
    total = sum(v for v, _ in parts)
    tail = (1 - level) / 2
    below = sum((v * (1 - d / chi2_quantile(1 - tail, d))) ** 2 for v, d in parts)
    above = sum((v * (d / chi2_quantile(tail, d) - 1)) ** 2 for v, d in parts)
    low, high = max(total - sqrt(below), 0.0), total + sqrt(above)
    z, z_mean = z_quantile(share), z_quantile(level)
    se = sqrt(between / people)
    sd, half = sqrt(total), t_quantile(level, people - 1) * se
    narrow = sqrt((z_mean * se) ** 2 + (z * (sd - sqrt(low))) ** 2)
    wide = sqrt((z_mean * se) ** 2 + (z * (sqrt(high) - sd)) ** 2)
    lower, upper = bias - z * sd, bias + z * sd
    return (
        Interval(bias, bias - half, bias + half, se, people - 1),
        Interval(lower, lower - wide, lower + narrow),
        Interval(upper, upper - narrow, upper + wide),
    )
