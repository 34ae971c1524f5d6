"""Differences between two groups on scales that travel, each with its interval."""

from __future__ import annotations

from math import exp, inf, lgamma, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, interval, quantile


def _two(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(a) < 2 or len(b) < 2:
        raise ValueError("each group needs at least two values")
    if lost := int((~np.isfinite(a)).sum() + (~np.isfinite(b)).sum()):
        raise UserError(f"{lost} values of the groups are missing or infinite")
    return a, b


def pooled_sd(x: ArrayLike, y: ArrayLike) -> float:
    """Return the standard deviation within groups, pooled over both."""
    a, b = _two(x, y)
    squares = a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)
    return sqrt(float(squares) / (len(a) + len(b) - 2))


def noncentral_t_interval(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the noncentrality parameter of a t statistic.

    Its ends are the parameters under which the observed ``t`` lies at the upper and lower tail.

    References
    ----------
    Steiger 2004, doi:10.1037/1082-989X.9.2.164.
    """
    from scipy import special
    from scipy.optimize import brentq

    ends: list[float] = []
    for tail in ((1 + level) / 2, (1 - level) / 2):

        def gap(ncp: float, tail: float = tail) -> float:
            # Mirrored where t is negative: the algorithm is accurate for positive t.
            if t < 0:
                return 1 - float(special.nctdtr(df, -ncp, -t)) - tail
            return float(special.nctdtr(df, ncp, t)) - tail

        width = 4.0
        while gap(t - width) < 0 or gap(t + width) > 0:
            width *= 2
        end: Any = brentq(gap, t - width, t + width, xtol=1e-13)
        ends.append(float(end))
    return ends[0], ends[1]


def hedges_g(x: ArrayLike, y: ArrayLike, level: float = 0.95, *, correct: bool = True) -> Estimate:
    """Estimate the standardised mean difference, ``x`` minus ``y``, in pooled SDs.

    Parameters
    ----------
    x, y : array_like
        Values of the two groups, without missing ones.
    level : float
    correct : bool
        True for Hedges' g (exact small-sample correction), False for Cohen's d.

    Returns
    -------
    Estimate
        Interval from the noncentral t distribution; ``p`` that of the equal-variance t test,
        ``se`` the large-sample standard error.

    References
    ----------
    Hedges 1981, doi:10.3102/10769986006002107; Steiger 2004, doi:10.1037/1082-989X.9.2.164.
    Equal to ``effectsize::hedges_g``.

    Examples
    --------
    >>> found = hedges_g([1, 2, 3, 4], [2, 3, 4, 6])
    >>> round(found.estimate, 4), round(found.low, 3), round(found.high, 3)
    (-0.7172, -1.959, 0.576)
    """
    a, b = _two(x, y)
    na, nb = len(a), len(b)
    df = na + nb - 2
    root = sqrt(1 / na + 1 / nb)
    sd = pooled_sd(a, b)
    if sd == 0:
        raise ValueError("no spread within the groups")
    d = float(a.mean() - b.mean()) / sd
    shrink = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2) if correct else 1.0
    low, high = noncentral_t_interval(d / root, df, level)
    se = sqrt(1 / na + 1 / nb + d * d / (2 * (na + nb)))
    p = interval(d, root, df).p
    return Estimate(
        shrink * d, shrink * se, df, shrink * root * low, shrink * root * high, p, level
    )


def welch(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate the mean difference, ``x`` minus ``y``, allowing unequal variances.

    References
    ----------
    Welch 1947, doi:10.1093/biomet/34.1-2.28.

    Examples
    --------
    >>> round(welch([1, 2, 3, 4], [2, 3, 4, 6]).df, 3)
    5.585
    """
    a, b = _two(x, y)
    va, vb = float(a.var(ddof=1)) / len(a), float(b.var(ddof=1)) / len(b)
    if va + vb == 0:
        raise ValueError("no spread within the groups")
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return interval(float(a.mean() - b.mean()), sqrt(va + vb), df, level)


def variance_ratio(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate the ratio of variances, ``x`` over ``y``; equal to R's ``var.test``.

    Returns
    -------
    Estimate
        ``se`` is on the log scale. Interval and p assume normal values; ``df`` is that of ``x``.
    """
    from scipy import special

    a, b = _two(x, y)
    if a.var() == 0 or b.var() == 0:
        raise ValueError("no spread within the groups")
    ratio = float(a.var(ddof=1)) / float(b.var(ddof=1))
    da, db = len(a) - 1, len(b) - 1
    low = ratio / float(special.fdtri(da, db, (1 + level) / 2))
    high = ratio * float(special.fdtri(db, da, (1 + level) / 2))
    below = float(special.fdtr(da, db, ratio))
    return Estimate(ratio, sqrt(2 / da + 2 / db), da, low, high, 2 * min(below, 1 - below), level)


def rank_biserial(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate P(x > y) - P(x < y) for a random pair; ties count half.

    Returns
    -------
    Estimate
        Interval by Fisher's z transform, as ``effectsize::rank_biserial``; ``se`` is on the z
        scale.

    References
    ----------
    Kerby 2014, doi:10.2466/11.IT.3.1.

    Examples
    --------
    >>> round(rank_biserial([1, 2, 3, 4], [2, 3, 4, 6]).estimate, 4)
    -0.4375
    """
    a, b = _two(x, y)
    low_b = np.searchsorted(np.sort(b), a, "left").sum()
    high_b = len(b) * len(a) - np.searchsorted(np.sort(b), a, "right").sum()
    r = float(low_b - high_b) / (len(a) * len(b))
    se = sqrt((len(a) + len(b) + 1) / (3 * len(a) * len(b)))
    if abs(r) == 1:
        return Estimate(r, se, inf, r, r, float("nan"), level)
    z = interval(float(np.arctanh(r)), se, inf, level)
    return Estimate(r, se, inf, float(np.tanh(z.low)), float(np.tanh(z.high)), z.p, level)


def equivalence(
    estimate: float, se: float, df: float, bound: float, level: float = 0.95
) -> Estimate:
    """Test that a difference lies within ±``bound`` (two one-sided tests).

    Parameters
    ----------
    estimate, se, df
        The difference, its standard error and degrees of freedom (inf for normal).
    bound : float
        Smallest difference that matters, above zero.
    level : float
        1 - level is the size of each one-sided test.

    Returns
    -------
    Estimate
        ``p`` is the larger of both one-sided p; ``level`` and the interval are those of the
        interval that lies within the bounds exactly when p is below 1 - level (90 % for 95 %).

    References
    ----------
    Schuirmann 1987, doi:10.1007/BF01068419.

    Examples
    --------
    >>> round(equivalence(0.0, 0.1, float("inf"), 0.2).p, 5)
    0.02275
    """
    from scipy import special

    if not se > 0:
        raise UserError(f"equivalence needs a standard error above zero, found {se:g}")

    def tail(t: float) -> float:
        return float(special.ndtr(t) if df == inf else special.stdtr(df, t))

    p = max(tail(-(estimate + bound) / se), tail((estimate - bound) / se))
    narrow = 2 * level - 1
    half = quantile(narrow, df) * se
    return Estimate(estimate, se, df, estimate - half, estimate + half, p, narrow)


def log_ratio(found: Estimate) -> Estimate:
    """Turn an estimate on the log scale into a ratio; ``se`` stays on the log scale."""
    low, high = (exp(v) if v < log(1e300) else inf for v in (found.low, found.high))
    return Estimate(exp(found.estimate), found.se, found.df, low, high, found.p, found.level)
