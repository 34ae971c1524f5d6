"""Who changed by enough: thresholds of one person's change, and arms compared by them.

The minimal important change (MIC) says what a person notices, the minimal detectable change (MDC)
what the instrument can tell from its own noise. Both are for persons: a difference between the
means of two groups is never held against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from gluteal.constants import Constant, constant
from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, p_value, quantile
from gluteal.estimators.intervals import wilson

Flags = NDArray[np.bool_]
THRESHOLDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("nprs_avg", "nprs_now", "nprs_worst", "nprs_best"), ("mic_nprs", "mdc_nprs")),
    "odi_pct": ("mic_odi", "mdc_odi90"),
    "rmdq_0_24": ("mic_rmdq", "mdc_rmdq95"),
    "vas_mm": ("mic_vas", "mdc_vas_low"),
}
"""MIC and MDC of an outcome, by the names of their constants."""
FLOORS = {"mic_nprs": "floor_responder_nprs"}
CLASSES = (
    "improved beyond MIC and MDC",
    "beyond MIC only, within MDC",
    "beyond MDC only, below MIC",
    "within MDC: no change shown",
    "worse beyond MDC",
)


@dataclass(frozen=True)
class Threshold:
    """What counts as response of one person: a fall of so much, and of so many percent.

    ``floor`` is the baseline value below which people are not counted: there a percentage says
    little, and the fall cannot be reached.
    """

    mic: Constant
    mdc: Constant
    percent: Constant
    floor: float

    def responds(self, before: Floats, after: Floats, share: float | None = None) -> Flags:
        """Say who fell by the MIC and by 30 % (or another share) of their baseline."""
        fall = before - after
        part = self.percent.value / 100 if share is None else share
        return (fall >= self.mic.value - 1e-9) & (fall >= part * before - 1e-9)

    def detects(self, before: Floats, after: Floats) -> Flags:
        """Say who fell by more than the instrument's noise."""
        return before - after >= self.mdc.value - 1e-9

    def counted(self, before: Floats) -> Flags:
        """Say who had enough at the baseline to be counted."""
        return before >= self.floor

    def classify(self, before: Floats, after: Floats) -> NDArray[np.int64]:
        """Place each person in one of ``CLASSES``; a fall within the MDC is no improvement."""
        important, beyond = self.responds(before, after), self.detects(before, after)
        found = np.full(len(before), 3)
        found[beyond & ~important] = 2
        found[important & ~beyond] = 1
        found[important & beyond] = 0
        found[after - before >= self.mdc.value - 1e-9] = 4
        return found


def find_threshold(outcome: str) -> Threshold | None:
    """Return what counts as response on an outcome; None where no MIC is known for it.

    Examples
    --------
    >>> found = find_threshold("nprs_avg")
    >>> found.responds(np.array([8.0, 8.0, 3.0]), np.array([6.0, 5.0, 1.0])).tolist()
    [False, True, True]
    """
    names = THRESHOLDS.get(outcome)
    if names is None:
        return None
    mic, mdc = constant(names[0]), constant(names[1])
    # No person below the MIC can fall by it: they are left out of both arms alike.
    floor = constant(FLOORS[names[0]]).value if names[0] in FLOORS else mic.value
    return Threshold(mic, mdc, constant("mic_pct"), floor)


def risk_difference(response: Flags, arm: Floats, level: float) -> Estimate:
    """Share of responders in the programme minus that in the control arm.

    Newcombe's hybrid score interval; the standard error is the large-sample one.

    Raises
    ------
    UserError
        If an arm has nobody.

    References
    ----------
    Newcombe 1998, Statistics in Medicine 17:873-890, method 10.

    Examples
    --------
    >>> made = np.arange(100) < 60, np.repeat([1.0, 0.0], [70, 30])
    >>> found = risk_difference(*made, 0.95)
    >>> round(found.estimate, 4), found.low > 0.7
    (0.8571, True)
    """
    (k1, n1), (k0, n0) = _counts(response, arm)
    one, zero = wilson(k1, n1, level), wilson(k0, n0, level)
    p1, p0 = k1 / n1, k0 / n0
    gap = p1 - p0
    low = gap - sqrt((p1 - one.low) ** 2 + (zero.high - p0) ** 2)
    high = gap + sqrt((one.high - p1) ** 2 + (p0 - zero.low) ** 2)
    se = sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    p = p_value(gap / se) if se > 0 else float("nan")
    return Estimate(gap, se, float("inf"), low, high, p, level)


def risk_ratio(response: Flags, arm: Floats, level: float) -> Estimate | None:
    """Ratio of the shares of responders; None where an arm has no responder.

    ``se`` is of the logarithm, the interval Katz's.

    References
    ----------
    Katz, Baptista, Azen and Pike 1978, doi:10.2307/2530610.
    """
    (k1, n1), (k0, n0) = _counts(response, arm)
    if not k1 or not k0:
        return None
    at, se = log(k1 / n1) - log(k0 / n0), sqrt(1 / k1 - 1 / n1 + 1 / k0 - 1 / n0)
    half = quantile(level) * se
    p = p_value(at / se) if se > 0 else float("nan")
    return Estimate(exp(at), se, float("inf"), exp(at - half), exp(at + half), p, level)


def _counts(response: Flags, arm: Floats) -> tuple[tuple[int, int], tuple[int, int]]:
    found = [(int(response[arm == code].sum()), int((arm == code).sum())) for code in (1, 0)]
    if not found[0][1] or not found[1][1]:
        raise UserError("responders: an arm has nobody with values at both visits")
    return found[0], found[1]


def needed_to_treat(difference: Estimate) -> tuple[float, float, float] | None:
    """Return the number needed to treat with its ends; None where the difference may be 0.

    An interval with 0 in it has no number: it runs from benefit through infinity to harm.

    References
    ----------
    Altman 1998, doi:10.1136/bmj.317.7168.1309.
    """
    if difference.low <= 0 <= difference.high or difference.estimate == 0:
        return None
    low, high = sorted((1 / difference.low, 1 / difference.high))
    return 1 / difference.estimate, low, high


def cumulative_curve(fall: Floats, least: int = 5) -> list[tuple[float, float]]:
    """Return the share of people who fell by each cut-off or more, over every cut-off.

    Cut-offs that fewer than ``least`` people pass, or fewer than ``least`` miss, are left out.

    References
    ----------
    Farrar, Dworkin and Max 2006, doi:10.1016/j.jpainsymman.2005.08.018.

    Examples
    --------
    >>> cumulative_curve(np.array([0.0, 1, 1, 2, 3, 3]), least=1)
    [(1.0, 0.8333333333333334), (2.0, 0.5), (3.0, 0.3333333333333333)]
    """
    found: list[tuple[float, float]] = []
    for cut in np.unique(fall):
        n = int((fall >= cut - 1e-9).sum())
        if n >= least and len(fall) - n >= least:
            found.append((float(cut), n / len(fall)))
    return found


def response_times(y: Floats, threshold: Threshold, end: int) -> list[tuple[int, int, float]]:
    """Follow how many have responded by each visit up to the end, of those still followed.

    Parameters
    ----------
    y : ndarray, shape (n, visits)
        Baseline first; NaN where not seen.
    threshold : Threshold
    end : int
        Last column.

    Returns
    -------
    list of (visit, people at risk, share that has responded)
        A person not seen at a visit is not at risk there (Kaplan and Meier's product over visits).
    """
    y = y[np.isfinite(y[:, 0])]
    y = y[threshold.counted(y[:, 0])]
    done, left, found = np.zeros(len(y), dtype=bool), 1.0, []
    for visit in range(1, end + 1):
        at_risk = ~done & np.isfinite(y[:, visit])
        new = np.zeros(len(y), dtype=bool)
        new[at_risk] = threshold.responds(y[at_risk, 0], y[at_risk, visit])
        if n := int(at_risk.sum()):
            left *= 1 - float(new.sum()) / n
        done |= new
        found.append((visit, n, 1 - left))
    return found
