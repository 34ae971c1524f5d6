"""Survival by product limit (Kaplan and Meier): curves with intervals, medians, mean times."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import Interval, z_quantile
from gluteal.estimators.survival.times import Counts, as_times, count_at_times

Scale = Literal["log-log", "log", "plain"]


@dataclass(frozen=True, slots=True)
class Survival:
    """A survival curve at its distinct times; before the first it is 1.

    ``se`` is Greenwood's standard error of survival. ``converged`` and ``warnings`` tell where the
    curve cannot be trusted.
    """

    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    survival: Floats
    se: Floats
    low: Floats
    high: Floats
    level: float
    warnings: tuple[str, ...] = ()

    def at(self, times: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return survival with its limits at given times; NaN past the end of follow-up."""
        wanted = np.asarray(times, dtype=float)
        place = np.searchsorted(self.times, wanted, "right")
        gone = wanted > self.times[-1]
        both = ((1.0, self.survival), (1.0, self.low), (1.0, self.high))
        found = [np.concatenate([[start], curve])[place] for start, curve in both]
        a, b, c = (np.where(gone, np.nan, one) for one in found)
        return a, b, c

    def quantile(self, share: float = 0.5) -> Interval:
        """Return the time by which ``share`` of people have had the event, NaN if not reached.

        Limits are where the limits of the curve cross (Brookmeyer and Crowley 1982,
        doi:10.2307/2530286).
        """

        def cross(curve: Floats) -> float:
            below = np.flatnonzero(curve < 1 - share - 1e-12)
            equal = np.flatnonzero(np.abs(curve - (1 - share)) <= 1e-12)
            if equal.size:  # flat at the level: the middle of the stretch, as R has it
                end = self.times[below[0]] if below.size else self.times[equal[-1]]
                return float((self.times[equal[0]] + end) / 2)
            return float(self.times[below[0]]) if below.size else nan

        return Interval(cross(self.survival), cross(self.low), cross(self.high))

    def restricted_mean(self, until: float) -> Interval:
        """Return the mean time without the event up to a horizon: the area under the curve.

        References
        ----------
        Royston and Parmar 2013, doi:10.1186/1471-2288-13-152.
        """
        if not 0 < until <= self.times[-1]:
            raise UserError(
                f"a restricted mean needs a horizon within follow-up, 0 to {self.times[-1]:g}, "
                f"found {until:g}"
            )
        if self.times[0] < 0:
            raise UserError(f"a restricted mean counts from 0, found a time of {self.times[0]:g}")
        use = self.times < until
        times, survival = self.times[use], self.survival[use]
        edges = np.concatenate([[0.0], times, [until]])
        areas = np.concatenate([[1.0], survival]) * np.diff(edges)
        rest = areas[1:][::-1].cumsum()[::-1]
        d, n = self.events[use], self.at_risk[use]
        spread = np.where(n > d, d / (n * np.maximum(n - d, 1)), 0.0)
        se = sqrt(float((rest**2 * spread).sum()))
        value, half = float(areas.sum()), z_quantile(self.level) * se
        return Interval(value, value - half, value + half, se)


def product_limit(counts: Counts) -> Floats:
    """Multiply the shares that pass each time."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(counts.at_risk > 0, 1 - counts.events / counts.at_risk, 1.0)
    return np.cumprod(share).astype(float)


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    level: float = 0.95,
    scale: Scale = "log-log",
) -> Survival:
    """Estimate survival with Greenwood's standard error.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        End of follow-up; 1 where the event ended it, 0 where censored.
    entry : array_like, shape (n,), optional
        When people came under observation.
    level : float
    scale : {"log-log", "log", "plain"}
        On which the interval is symmetric; log-log keeps it between 0 and 1.

    Returns
    -------
    Survival

    Raises
    ------
    UserError
        For faults of the times, and where nobody has the event.

    References
    ----------
    Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452; Kalbfleisch and Prentice 2002,
    doi:10.1002/9781118032985.

    Examples
    --------
    >>> kaplan_meier([1, 2, 3, 4], [1, 0, 1, 1]).survival
    array([0.75 , 0.75 , 0.375, 0.   ])
    """
    found = as_times(time, event, entry)
    counts = count_at_times(found, found.event > 0)
    survival = product_limit(counts)
    n, d = counts.at_risk, counts.events
    with np.errstate(invalid="ignore", divide="ignore"):
        sum_ = np.cumsum(np.where(d > 0, d / (n * (n - d)), 0.0))
        root = np.sqrt(sum_)
        z = z_quantile(level)
        if scale == "plain":
            half = z * root * survival
            low, high = np.maximum(survival - half, 0), np.minimum(survival + half, 1)
        elif scale == "log":
            low, high = survival * np.exp(-z * root), np.minimum(survival * np.exp(z * root), 1)
        else:
            line = np.log(survival)
            turn = np.exp(z * root / line)
            low, high = survival ** (1 / turn), survival**turn
    still = sum_ == 0
    over = survival <= 0
    low = np.where(still, 1.0, np.where(over, np.nan, low))
    high = np.where(still, 1.0, np.where(over, np.nan, high))
    se = np.where(over, np.nan, np.where(over, 0.0, root) * survival)
    warnings: list[str] = []
    if over.any():
        warnings.append("the last person followed had the event: survival 0 has no interval")
    if (early := over & (counts.times < counts.times[-1])).any():
        when = counts.times[np.flatnonzero(early)[0]]
        warnings.append(f"all at risk at {when:g} had the event: later entries cannot count")
    return Survival(
        counts.times, n, d, counts.censored, survival, se, low, high, level, tuple(warnings)
    )
