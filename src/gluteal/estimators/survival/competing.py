"""Cumulative incidence where other events compete (Aalen and Johansen)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import z_quantile
from gluteal.estimators.survival.kaplan_meier import product_limit
from gluteal.estimators.survival.times import as_times, count_at_times


@dataclass(frozen=True, slots=True)
class Incidence:
    """Share of people with the event by each time; the interval is on the log(-log) scale."""

    times: Floats
    at_risk: Floats
    incidence: Floats
    se: Floats
    low: Floats
    high: Floats
    level: float

    def at(self, times: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        """Return incidence, standard error and limits at given times; NaN past follow-up."""
        wanted = np.asarray(times, dtype=float)
        place = np.searchsorted(self.times, wanted, "right")
        gone = wanted > self.times[-1]
        a, b, c, d = (
            np.where(gone, np.nan, np.concatenate([[0.0], curve])[place])
            for curve in (self.incidence, self.se, self.low, self.high)
        )
        return a, b, c, d


def cumulative_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    of: int = 1,
    entry: ArrayLike | None = None,
    level: float = 0.95,
) -> Incidence:
    """Estimate how many have had one event by each time, while others take people out.

    One less Kaplan-Meier with the other events as censored would say more than can happen.

    Parameters
    ----------
    time : array_like, shape (n,)
        End of follow-up.
    cause : array_like, shape (n,)
        0 censored; 1, 2 ... the event that ended it.
    of : int
        The event of interest.
    entry : array_like, shape (n,), optional
        When people came under observation.
    level : float

    Returns
    -------
    Incidence
        With Aalen's variance, as in R's ``cmprsk::cuminc``.

    Raises
    ------
    UserError
        For faults of the arrays, or where nobody has the event of interest.

    References
    ----------
    Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141-150; Gray 1988,
    doi:10.1214/aos/1176350951.

    Examples
    --------
    >>> cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1]).incidence
    array([0.25, 0.25, 0.25, 0.75])
    """
    found = as_times(time, cause, entry, causes=True)
    if not (found.event == of).any():
        raise UserError(f"nobody has event {of}")
    counts = count_at_times(found, found.event > 0)
    own = count_at_times(found, found.event == of).events
    other = counts.events - own
    n = counts.at_risk
    after = product_limit(counts)
    before = np.concatenate([[1.0], after[:-1]])
    safe = np.maximum(n, 1)
    incidence = np.cumsum(before * own / safe)

    def unit(events: Floats) -> Floats:
        tie = np.where(events > 1, 1 - (events - 1) / np.maximum(n - 1, 1), 1.0)
        return before**2 * tie * events / safe**2

    alive = after > 0
    back = np.where(alive, 1 / np.where(alive, after, 1.0), 0.0)
    ahead = incidence * back
    by_other, by_own = np.where(alive, unit(other), 0.0), unit(own)
    first = np.cumsum(ahead**2 * by_other + (1 + ahead) ** 2 * by_own)
    second = np.cumsum(back * (ahead * by_other + (1 + ahead) * by_own))
    third = np.cumsum(back**2 * (by_other + by_own))
    variance = first + incidence**2 * third - 2 * incidence * second
    se = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        turn = np.exp(z_quantile(level) * se / (incidence * np.log(incidence)))
        low, high = incidence ** (1 / turn), incidence**turn
    inner = (incidence > 0) & (incidence < 1)
    low = np.where(inner, low, incidence)
    high = np.where(inner, high, incidence)
    return Incidence(counts.times, n, incidence, se, low, high, level)
