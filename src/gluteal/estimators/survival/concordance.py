"""How often the one with the higher risk has the event first: Harrell's C."""

from __future__ import annotations

from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, z_quantile
from gluteal.estimators.survival.times import as_times

Whole = NDArray[np.intp]


class Wavelet:
    """Ranks in a fixed order, laid out so that many counts over stretches cost log(n) passes.

    Parameters
    ----------
    ranks : ndarray of int, shape (n,)
        Whole numbers from 0.
    """

    def __init__(self, ranks: Whole) -> None:
        self.bits = max(int(ranks.max(initial=0)).bit_length(), 1)
        self.zeros: list[Whole] = []
        now = ranks
        for bit in reversed(range(self.bits)):
            low = ((now >> bit) & 1) == 0
            self.zeros.append(np.concatenate([[0], np.cumsum(low)]))
            now = np.concatenate([now[low], now[~low]])

    def count_below(self, left: Whole, right: Whole, rank: Whole) -> Whole:
        """Count, for each query, members of positions left ... right-1 with a smaller rank."""
        # A rank past the last bit would wrap around: everything is below it.
        over = rank >= (1 << self.bits)
        value = np.where(over, 0, rank)
        found, first, last = np.zeros(rank.size, dtype=np.intp), left.copy(), right.copy()
        for level, zeros in enumerate(self.zeros):
            one = ((value >> (self.bits - 1 - level)) & 1) == 1
            from_, to = zeros[first], zeros[last]
            found += np.where(one, to - from_, 0)
            first = np.where(one, zeros[-1] + first - from_, from_)
            last = np.where(one, zeros[-1] + last - to, to)
        return np.where(over, right - left, found)


def _number(layer: Whole, time: Floats) -> Whole:
    """Give the distinct pairs of sorted strata and times the numbers 0, 1, 2 ..."""
    fresh = (layer[1:] != layer[:-1]) | (time[1:] != time[:-1])
    return np.concatenate([[0], np.cumsum(fresh)]).astype(np.intp)


class Concordance(NamedTuple):
    """Harrell's C with its interval, and the pairs behind it."""

    c: Interval
    concordant: int
    discordant: int
    tied: int
    warnings: tuple[str, ...] = ()


def concordance(
    risk: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    *,
    stratum: ArrayLike | None = None,
) -> Concordance:
    """Estimate the share of comparable pairs in which the higher risk had the event first.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Higher values speak for an earlier event: a linear predictor, say.
    time, event : array_like, shape (n,)
        End of follow-up; 1 where the event ended it, 0 where censored.
    cluster : array_like, shape (n,), optional
        The person of each row, for the standard error.
    level : float
    stratum : array_like, shape (n,), optional
        Pairs are compared within strata only, as for a stratified model.

    Returns
    -------
    Concordance
        Pairs with equal risk count half; pairs whose order is unknown do not count. The standard
        error is the infinitesimal jackknife, as in R's ``survival::concordance``.

    Raises
    ------
    UserError
        For faults of the arrays, or where no pair can be compared.

    References
    ----------
    Harrell et al. 1982, doi:10.1001/jama.1982.03320430047030.

    Examples
    --------
    >>> concordance([3, 2, 1, 2], [1, 2, 3, 4], [1, 1, 0, 1]).c.value
    0.9
    """
    found = as_times(time, event)
    score = np.asarray(risk, dtype=float)
    n = found.time.size
    if score.shape != (n,) or not np.isfinite(score).all():
        raise UserError(f"{n} times need a finite risk each")
    layer = np.zeros(n, dtype=np.intp) if stratum is None else as_groups(stratum, n, "stratum")[0]
    order = np.lexsort((-found.event, found.time, layer))
    dead, layer = found.event[order] > 0, layer[order]
    # One number for stratum and time, so that a stratum's times follow one another.
    t = _number(layer, found.time[order])
    opened = np.searchsorted(layer, layer, "left")
    closed = np.searchsorted(layer, layer, "right")
    ranks = np.unique(score[order], return_inverse=True)[1].astype(np.intp)
    # Comparable with an event: whoever ends later, or is censored at that very time.
    begin = np.searchsorted(t, t, "left")
    ties = np.concatenate([[0], np.cumsum(dead)])
    end = np.searchsorted(t, t, "right")
    after = begin + ties[end] - ties[begin]
    every, none = Wavelet(ranks), np.zeros(n, dtype=np.intp)
    at = np.flatnonzero(dead)
    stop = closed[at]
    below = every.count_below(after[at], stop, ranks[at])
    upto = every.count_below(after[at], stop, ranks[at] + 1)
    better, worse = none.copy(), none.copy()
    better[at], worse[at] = below, stop - after[at] - upto
    pairs = none.copy()
    pairs[at] = stop - after[at]
    # The other side of the same pairs: events before, or at the time of a censoring.
    events = Wavelet(ranks[at])
    since, until = ties[opened], np.where(dead, ties[begin], ties[end])
    before = until - since
    low = events.count_below(since, until, ranks)
    upper = events.count_below(since, until, ranks + 1)
    good, bad = int(better.sum()), int(worse.sum())
    total = int(pairs.sum())
    if not total:
        raise UserError("no two people can be compared: nobody is followed past an event")
    tied = total - good - bad
    c = (good + tied / 2) / total
    net = better - worse + (before - upper) - low
    count = pairs + before
    influence: Floats = (net / total - (2 * c - 1) * count / total) / 2
    if cluster is not None:
        who = as_groups(cluster, n)[0][order]
        influence = np.bincount(who, influence).astype(float)
    se = sqrt(float(influence @ influence))
    if se < 1e-12:
        text = "all comparable pairs say the same: the error of C cannot be seen"
        return Concordance(Interval(c, nan, nan), good, bad, tied, (text,))
    half = z_quantile(level) * se
    interval = Interval(c, max(c - half, 0.0), min(c + half, 1.0), se)
    return Concordance(interval, good, bad, tied)
