"""Planned studies: a design to simulate, and the formula beside it, from the same settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.power.analytic import power_t_test, solve_effect, solve_size
from gluteal.estimators.power.designs import Design, group_difference
from gluteal.estimators.power.planned import (
    arm_difference,
    hazard_slope,
    power_of_hazard,
    power_of_within,
    within_slope,
)
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, numeric_column

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

MOST_PEOPLE = 1_000_000


@dataclass(frozen=True)
class Planned:
    """One kind of study.

    Attributes
    ----------
    build : callable
        Of an effect: the design to simulate.
    power : callable
        Of people with data and an effect: power by formula.
    people : callable
        Of people enrolled: people with data.
    cited : str
        Where the formula comes from.
    """

    build: Callable[[float], Design]
    power: Callable[[float, float], float]
    people: Callable[[float], int]
    cited: str

    def solve_people(self, effect: float, wanted: float, kept: float) -> float | None:
        """Find how many to enrol for the wanted power; None where nothing suffices."""
        try:
            size = solve_size(lambda n: self.power(n, effect), wanted, least=8.0)
        except UserError:
            return None
        enrolled = float(np.ceil(size / kept))
        return enrolled if enrolled <= MOST_PEOPLE else None

    def solve_effect(self, enrolled: int, wanted: float, most: float) -> float | None:
        """Find the smallest effect that is detected with the wanted power."""
        n = self.people(enrolled)
        try:
            return solve_effect(lambda effect: self.power(n, effect), wanted, most=most)
        except UserError:
            return None


def plan_study(study: str, level: float, **how: float) -> Planned:
    """Build a kind of study from its settings.

    Parameters
    ----------
    study : {"group_difference", "arm_difference", "incidence", "within_person"}
    level : float
        Of the intervals; alpha is the rest.
    **how
        ``sd``, ``share``, ``explained``, ``correlation``, ``risk``, ``visits``, ``sd_within``,
        ``reliability``, ``dropout``; those that the study does not use are ignored.
    """
    alpha = 1 - level
    share, kept = how["share"], 1 - how["dropout"]

    def people(enrolled: float) -> int:
        return round(enrolled * kept)

    def t_power(n: float, effect: float, sd: float) -> float:
        second = max(share * n, 2.0)
        return power_t_test(max(n - second, 2.0), abs(effect) / sd, n_other=second, alpha=alpha)

    if study == "group_difference":
        sd = how["sd"] * float(np.sqrt(1 - how["explained"]))
        return Planned(
            lambda effect: group_difference(effect, sd=sd, share=share),
            lambda n, effect: t_power(n, effect, sd),
            people,
            "a t test of the residuals",
        )
    if study == "arm_difference":
        sd, r = how["sd"], how["correlation"]
        left = sd * float(np.sqrt(1 - r**2))
        return Planned(
            lambda effect: arm_difference(effect, sd=sd, correlation=r, share=share),
            lambda n, effect: t_power(n, effect, left),
            people,
            "analysis of covariance (doi:10.1016/j.jclinepi.2007.02.006)",
        )
    if study == "incidence":
        given = {key: how[key] for key in ("risk", "reliability", "explained")}
        return Planned(
            lambda effect: hazard_slope(effect, **given),
            lambda n, effect: power_of_hazard(n, effect, alpha=alpha, **given),
            people,
            "the number of events (doi:10.1016/S0197-2456(00)00104-5)",
        )
    visits = int(how["visits"])
    given = {"sd_within": how["sd_within"], "sd_residual": how["sd"],
             "reliability": how["reliability"], "missing": how["dropout"]}  # fmt: skip
    return Planned(
        lambda effect: within_slope(effect, visits=visits, **given),
        lambda n, effect: power_of_within(n, effect, visits=visits, alpha=alpha, **given),
        round,  # who misses a visit is still there at others
        "deviations from each person's mean",
    )


def read_spread(cohort: Cohort, measure: str, visit: str) -> dict[str, Any]:
    """Read people, the SD of a measure at one visit and attendance; no outcome, no comparison.

    The SD is that of everybody: groups are not looked at, so that nothing of a result is seen.

    Returns
    -------
    dict
        ``n``, ``sd`` (only with a measure) and ``dropout`` (share absent from the last visit).
    """
    found: dict[str, Any] = {"n": len(cohort.people)}
    if measure:
        values = numeric_column(cohort.frame([measure], "person", visit), measure)
        values = values[~np.isnan(values)]
        if len(values) < 10 or np.ptp(values) == 0:
            rule = "fewer than ten different people have a value, or all have the same"
            raise CannotTest(Fault(WHERE, rule, "Give sd in the settings.", column=measure))
        found["sd"] = float(values.std(ddof=1))
    if "attended" in cohort.visits:
        last = cohort.visits[cohort.visits["visit"] == order_visits(cohort.visits)[-1]]
        came = last["attended"].fillna(False).to_numpy(dtype=float)
        found["dropout"] = 1 - float(came.sum()) / len(cohort.people)
    return found


def write_settings(study: str, how: Mapping[str, float]) -> list[tuple[str, str]]:
    """Name the settings that a kind of study uses, for a table."""
    words = {
        "sd": "SD of the outcome", "share": "Share in the second group",
        "explained": "Variance explained by covariates", "correlation": "Correlation of visits",
        "risk": "Share with an event", "reliability": "Reliability of the measure",
        "visits": "Visits", "sd_within": "SD of the exposure within people",
        "dropout": "Share without the last visit",
    }  # fmt: skip
    uses = {
        "group_difference": ("sd", "share", "explained", "dropout"),
        "arm_difference": ("sd", "correlation", "share", "dropout"),
        "incidence": ("risk", "reliability", "explained", "dropout"),
        "within_person": ("sd", "sd_within", "visits", "reliability", "dropout"),
    }[study]
    named = dict(words)
    if study == "within_person":
        named["sd"] = "SD of the outcome within people"
        named["dropout"] = "Chance that a pair of visits is missing"
    if study == "incidence":
        named["explained"] = "Variance of the measure explained by covariates"
    return [(named[key], f"{how[key]:.3g}") for key in uses]
