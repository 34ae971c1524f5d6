"""Studies of two risks, all replicates at once from their counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.power.designs import (
    Design,
    Replicates,
    as_estimate,
    cut_people,
    with_limits,
)


def risk_ratio(risk: float, ratio: float, *, share: float = 0.5) -> Design:
    """Compare risks of the exposed and the others by the log risk ratio (modified Poisson).

    Parameters
    ----------
    risk : float
        Of people who are not exposed.
    ratio : float
    share : float
        Share of people who are exposed.

    Examples
    --------
    >>> round(risk_ratio(0.2, 1.5).truth, 4)
    0.4055
    """
    return _two_by_two("risk ratio", risk, risk * ratio, float(np.log(ratio)), share)


def odds_ratio(risk: float, ratio: float, *, share: float = 0.5) -> Design:
    """Compare risks of the exposed and the others by the log odds ratio (logistic regression).

    Examples
    --------
    >>> round(odds_ratio(0.2, 2.0).truth, 4)
    0.6931
    """
    odds = risk / (1 - risk) * ratio
    return _two_by_two("odds ratio", risk, odds / (1 + odds), float(np.log(ratio)), share)


def _two_by_two(name: str, risk: float, exposed: float, truth: float, share: float) -> Design:
    if not (0 < risk < 1 and 0 < exposed < 1):
        raise UserError(f"risks of {risk:g} and {exposed:g}: they lie between 0 and 1")

    def counts(rng: Any, n: int, k: int) -> tuple[Floats, Floats, int, int]:
        second = cut_people(n, share)
        a = rng.binomial(second, exposed, k).astype(float)
        b = rng.binomial(n - second, risk, k).astype(float)
        return a, b, second, n - second

    def compare(a: Floats, b: Floats, m: int, other: int, level: float) -> Replicates:
        with np.errstate(divide="ignore", invalid="ignore"):
            if name == "risk ratio":  # the robust error of a saturated Poisson model
                found = np.log(a / m) - np.log(b / other)
                variance = 1 / a - 1 / m + 1 / b - 1 / other
            else:  # the classical error of a logistic model
                found = np.log(a / (m - a)) - np.log(b / (other - b))
                variance = 1 / a + 1 / b + 1 / (m - a) + 1 / (other - b)
        # A cell without people has no finite ratio.
        bad = ~np.isfinite(found) | ~np.isfinite(variance)
        found, variance = np.where(bad, np.nan, found), np.where(bad, np.nan, variance)
        return with_limits(found, np.sqrt(variance), np.inf, level)

    return Design(
        name,
        truth,
        lambda rng, n: counts(rng, n, 1),
        lambda data, level: as_estimate(compare(data[0], data[1], data[2], data[3], level), level),
        lambda rng, n, k, level: compare(*counts(rng, n, k), level),
    )
