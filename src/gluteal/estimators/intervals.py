"""Intervals that several estimators share: binomial proportions, plain and in clusters."""

from __future__ import annotations

from math import nan, sqrt
from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate, its interval, its standard error and the degrees of freedom behind it."""

    value: float
    low: float
    high: float
    se: float = nan
    df: float = nan


def z_quantile(level: float) -> float:
    """Return the two-sided normal quantile of a level: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def t_quantile(level: float, df: float) -> float:
    """Return the two-sided quantile of Student's t; the normal one without limit of ``df``."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2)) if df < 1e9 else z_quantile(level)


def chi2_quantile(p: float, df: float) -> float:
    """Return the quantile of chi-square."""
    from scipy.special import chdtri

    return float(chdtri(df, 1 - p))


def wilson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Estimate a proportion with Wilson's score interval.

    Parameters
    ----------
    successes, n : float
        Counts; may be fractions of a unit, as effective sample sizes are.
    level : float
        Level of the interval.

    Returns
    -------
    Interval
        Without a unit; ``se`` is the binomial one.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(x, 4) for x in wilson(15, 20)[:3]]
    [0.75, 0.5313, 0.8881]
    """
    if n <= 0:
        return Interval(nan, nan, nan)
    z = z_quantile(level)
    p = successes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(max(p * (1 - p), 0) / n + z * z / (4 * n * n))
    low = 0.0 if successes <= 0 else max(0.0, middle - half)
    high = 1.0 if successes >= n else min(1.0, middle + half)
    return Interval(p, low, high, sqrt(max(p * (1 - p), 0) / n))


def clopper_pearson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Estimate a proportion with the exact interval of Clopper and Pearson.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> [round(x, 4) for x in clopper_pearson(815, 1023)[:3]]
    [0.7967, 0.7707, 0.8209]
    """
    from scipy.special import betaincinv

    if n <= 0:
        return Interval(nan, nan, nan)
    tail, p = (1 - level) / 2, successes / n
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Interval(p, low, high, sqrt(max(p * (1 - p), 0) / n))


def clustered_proportion(p: float, se: float, n: float, level: float = 0.95) -> Interval:
    """Give a proportion with a cluster-robust standard error a score interval.

    Wilson's interval at the effective size p(1-p)/se², so that it stays inside 0 and 1. Where
    the standard error is 0 (nobody or everybody), ``n``, the number of clusters, is the size.

    References
    ----------
    Rao & Scott (1992), doi:10.2307/2532311; Korn & Graubard (1998), Survey Methodology 24:193.
    """
    spread = p * (1 - p)
    size = spread / se**2 if spread > 0 and se > 0 else n
    found = wilson(p * size, size, level)
    return Interval(p, found.low, found.high, se)
