"""Two arms, a mediator and an outcome over visits: what of the arms' difference runs through.

What the arms differ by in the mediator at each visit comes from regressions, the lagged paths
within people from a panel model freed of error; ``lagged_joint`` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.lagged import carry_through
from gluteal.frames.design import WHERE
from gluteal.frames.lagged import Lagged, labels_of
from gluteal.frames.lagged_joint import Influenced, Joint, influence_of
from gluteal.frames.panel import (
    ARM,
    PERSON,
    PROGRAMME,
    Panel,
    Schedule,
    choose_visits,
    lay_out,
    present,
)

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

CONTROL, DOSE = "control", "adherence"
COURSES = (ARM, DOSE)
FEWEST = 5
"""Fewest people of an arm who are seen at a visit."""


@dataclass(frozen=True)
class Arms:
    """People of two arms with mediator and outcome at equally spaced visits, NaN where missing.

    Attributes
    ----------
    panel : Panel
        Mediator first, outcome second; ``fixed`` holds the covariates.
    arm : ndarray, shape (n,)
        1 in the programme.
    end : int
        Column of the visit whose outcome is explained.
    """

    panel: Panel
    arm: Floats
    end: int

    @property
    def earlier(self) -> range:
        """Columns of the visits whose mediator may reach the outcome of the last."""
        return range(1, self.end)


def allocated(cohort: Cohort) -> Cohort:
    """Keep the people who have an arm.

    Raises
    ------
    UserError
        If there are not two arms.
    """
    people = cohort.people
    found = set(people[ARM].dropna().astype("str")) if ARM in people else set[str]()
    if not {CONTROL, PROGRAMME} <= found:
        rule = f"two arms are needed, there is {', '.join(sorted(found)) or 'none'}"
        raise CannotTest(Fault(WHERE, rule, "Use a method for one arm.", column=ARM))
    return cohort.only({ARM: (CONTROL, PROGRAMME)})


def courses_of(cohort: Cohort) -> tuple[str, ...]:
    """Name what has a course of its own: the arm, and the dose where it differs in the programme.

    A gain by the programme is no lag: what arm and dose do to each visit is taken out of it.
    """
    people = cohort.people
    kept = present(cohort, COURSES)
    if DOSE in kept:
        treated = people.loc[people[ARM].astype("str") == PROGRAMME, DOSE].dropna()
        if treated.nunique() < 2:
            return tuple(name for name in kept if name != DOSE)
    return kept


def choose_span(
    cohort: Cohort, pair: tuple[str, str], baseline: str, end: str | None
) -> tuple[Schedule, int]:
    """Choose the longest run of equally spaced visits, and the place of the last visit in it.

    Raises
    ------
    UserError
        If the run does not begin with the baseline, or the last visit is not in it after at least
        one other follow-up visit.
    """
    schedule = choose_visits(cohort, pair)
    names = schedule.visits
    remedy = f"Equally spaced visits with values: {', '.join(names)}."
    if names[0] != baseline:
        rule = f"the equally spaced visits do not begin at {baseline}, before the programme"
        raise CannotTest(Fault("the config", rule, remedy, column="visit"))
    if end is None:
        return schedule, len(names) - 1
    if end not in names[2:]:
        rule = f"{end}: no equally spaced visit after one with a gain of its own"
        raise CannotTest(Fault("the config", rule, remedy, column="outcome_visit"))
    return schedule, names.index(end)


def lay_out_arms(
    cohort: Cohort,
    pair: tuple[str, str],
    schedule: Schedule,
    end: int,
    covariates: Sequence[str] = (),
    visit: str = "baseline",
) -> Arms:
    """Lay out the people of two arms, one row each.

    Raises
    ------
    UserError
        If a variable is no number or does not vary at a visit, or an arm has fewer than five
        people at one; the column is named.
    """
    panel = lay_out(cohort, pair, schedule, covariates, (), visit)
    people: Any = cohort.people.set_index(PERSON)[ARM].astype("str")
    arm = (people.reindex(panel.people) == PROGRAMME).to_numpy(dtype=float)
    for name, block, columns in ((pair[0], panel.first, range(1, end)),
                                 (pair[1], panel.second, (end,))):  # fmt: skip
        for k in columns:
            seen = np.isfinite(block[:, 0]) & np.isfinite(block[:, k])
            few = min(int((arm[seen] == code).sum()) for code in (0, 1))
            if few < FEWEST:
                rule = (
                    f"an arm has {few} people with values at {schedule.visits[0]} and "
                    f"{schedule.visits[k]}, and {FEWEST} are needed"
                )
                raise CannotTest(Fault(WHERE, rule, "Choose another outcome_visit.", column=name))
    return Arms(panel, arm, end)


def compare_arms(arms: Arms) -> tuple[list[Influenced], Influenced]:
    """Estimate what the arms differ by: in the mediator at each earlier visit, and at the end.

    Each is adjusted for its own value at baseline and for the covariates.
    """
    panel, z = arms.panel, list(arms.panel.fixed.T)
    gains = [
        influence_of(gain_name(k), panel.first[:, k], [arms.arm, panel.first[:, 0], *z])
        for k in arms.earlier
    ]
    total = influence_of("total", panel.second[:, arms.end], [arms.arm, panel.second[:, 0], *z])
    return gains, total


def gain_name(k: int) -> str:
    """Name the arms' difference in the mediator at a visit."""
    return f"gain_{k}"


def one_step(arms: Arms) -> list[Influenced]:
    """Return the two legs of one regression: gain at the visit before the end, slope from there.

    The outcome at the end is regressed on the mediator one visit before, arm, both baselines and
    covariates.
    """
    panel, z, k = arms.panel, list(arms.panel.fixed.T), arms.end - 1
    before = [arms.arm, panel.first[:, 0], panel.second[:, 0], *z]
    whole = np.where(np.isfinite(panel.second[:, arms.end]), panel.first[:, k], np.nan)
    y = np.where(np.isfinite(whole), panel.second[:, arms.end], np.nan)
    return [
        influence_of("gain", whole, before),
        influence_of("slope", y, [panel.first[:, k], *before]),
    ]


def through(joint: Joint, arms: Arms, found: Lagged) -> Callable[[Floats], Floats]:
    """Return the indirect part as a function of the joint parameters, shape (b, p) to (b,)."""
    inside = list(arms.earlier)
    gains = [joint.at(gain_name(k)) for k in inside]
    paths, carries = (
        [joint.at(labels_of(found.gaps, found.lags, arrow)[k]) for k in inside]
        for arrow in ("c", "d")
    )

    def indirect(values: Floats) -> Floats:
        return carry_through(values[:, gains], values[:, paths], values[:, carries])

    return indirect


def listwise(panel: Panel) -> NDArray[np.bool_]:
    """Say who has every value."""
    values = np.column_stack([panel.first, panel.second])
    return np.isnan(values).sum(axis=1) == 0
