"""A cohort beside what is published of people over time: the course of pain, new pain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gluteal.constants import Constant, constants
from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Estimate, Floats, interval, quantile
from gluteal.estimators.intervals import wilson
from gluteal.frames.context import Ours, subtract
from gluteal.frames.design import WHERE, numeric_column

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

NEAR_WEEKS = 1.0
YEAR_WEEKS = 52.0
POINTS = 10.0
"""Published pain of 0 to 100 in one point of 0 to 10."""


@dataclass(frozen=True)
class Point:
    """Our value at one time beside the published one; ``gap`` is ours minus theirs."""

    week: float
    published: Estimate
    constant: Constant
    ours: Estimate
    gap: Estimate
    n: int


@dataclass(frozen=True)
class Course:
    """Mean pain over time beside the published course, and how much it changed.

    ``change`` and ``published_change`` are from the first to the last week that both have; ``gap``
    is ours minus theirs. The published weeks count as independent, which makes its error too large:
    the same cohorts are in both.
    """

    points: tuple[Point, ...]
    change: Ours
    published_change: Estimate
    gap: Estimate
    arm: str


def published_weeks(kind: str) -> dict[float, Constant]:
    """Give the constants of a published course by week.

    Examples
    --------
    >>> list(published_weeks("persistent"))
    [0.0, 6.0, 26.0, 52.0]
    """
    head, tail = f"course_{kind}_wk", "_costa2012"
    found = {
        float(name.removeprefix(head).removesuffix(tail)): c
        for name, c in constants().items()
        if name.startswith(head) and name.endswith(tail)
    }
    return dict(sorted(found.items()))


def read_constant(c: Constant, level: float) -> Estimate:
    """Read a published mean of 0 to 100 in points of 0 to 10, with the error of its interval.

    Examples
    --------
    >>> found = read_constant(published_weeks("persistent")[26.0], 0.95)
    >>> round(found.estimate, 2), round(found.se, 2)
    (2.6, 0.33)
    """
    low, high = (c.value if end is None else end for end in (c.low, c.high))
    se = (high - low) / 2 / quantile(0.95) / POINTS
    return interval(c.value / POINTS, se, level=level)


def compare_course(
    cohort: Cohort, outcome: str, exposure: str, kind: str, level: float = 0.95
) -> Course:
    """Set mean pain of people with the condition, under usual care, beside a published course.

    Where there are arms, people of the control arm; the published cohorts had usual care.

    Raises
    ------
    UserError
        If fewer than two weeks match within a week, or fewer than three people have both.
    """
    people = cohort.people
    kept = np.ones(len(people), dtype=bool)
    if exposure in people:
        kept &= people[exposure].fillna(False).to_numpy(dtype=bool)
    arm = ""
    if "arm" in people and (people["arm"].astype("str") == "control").any():
        kept &= (people["arm"].astype("str") == "control").fillna(False).to_numpy(dtype=bool)
        arm = "control"
    weeks = cohort.visits.groupby("visit", observed=True)["week_nominal"].min()
    matched: list[tuple[float, Constant, Floats]] = []
    for week, known in published_weeks(kind).items():
        near = (weeks - week).abs()
        if len(near) and near.min() <= NEAR_WEEKS:
            visit = str(near.idxmin())
            values = numeric_column(cohort.frame([outcome], "person", visit), outcome)
            matched.append((week, known, np.where(kept, values, np.nan)))
    if len(matched) < 2:
        rule = "fewer than two visits match the weeks of the published course"
        remedy = f"Weeks of visits: {', '.join(f'{w:g}' for w in sorted(weeks))}."
        raise CannotTest(Fault(WHERE, rule, remedy, column="week_nominal"))
    points: list[Point] = []
    for week, known, values in matched:
        theirs = read_constant(known, level)
        ours, n = _mean(values, level, outcome)
        points.append(Point(week, theirs, known, ours, subtract(ours, theirs, level), n))
    change, n = _mean(matched[-1][2] - matched[0][2], level, outcome)
    first, last = points[0].published, points[-1].published
    fell = interval(last.estimate - first.estimate, float(np.hypot(first.se, last.se)), level=level)
    ours = Ours(change, n, None, int(kept.sum()) - n, "mean of changes")
    return Course(tuple(points), ours, fell, subtract(change, fell, level), arm)


def _mean(values: Floats, level: float, name: str) -> tuple[Estimate, int]:
    """Estimate a mean by the t distribution."""
    seen = values[~np.isnan(values)]
    if len(seen) < 3:
        rule = "fewer than three people have the values that are compared"
        raise CannotTest(Fault(WHERE, rule, "Compare another topic.", column=name))
    error = float(seen.std(ddof=1)) / len(seen) ** 0.5
    return interval(float(seen.mean()), error, len(seen) - 1, level), len(seen)


def compare_incidence(
    cohort: Cohort, outcome: str, exposure: str, level: float = 0.95
) -> tuple[Ours, float, float, Estimate]:
    """Set the share with new pain beside the published yearly one, brought to our follow-up.

    Returns
    -------
    ours : Ours
    theirs : float
        The yearly share over our weeks, new pain coming evenly.
    weeks : float
        Of follow-up as planned.
    gap : Estimate
        Ours minus theirs, with Wilson's limits; the error of theirs is not known.
    """
    people = cohort.people
    at_risk = np.ones(len(people), dtype=bool)
    if exposure in people:
        told = people[exposure].notna().to_numpy()
        at_risk = told & ~people[exposure].fillna(True).to_numpy(dtype=bool)
    onset = numeric_column(people, outcome)
    seen = onset[at_risk & ~np.isnan(onset)]
    weeks = float(cohort.visits["week_nominal"].max())
    if len(seen) < 3 or not weeks > 0:
        rule = "fewer than three people without pain at entry were followed"
        raise CannotTest(Fault(WHERE, rule, "A cohort that is followed is needed.", column=outcome))
    events = int(seen.sum())
    share, low, high, *_ = wilson(events, len(seen), level)
    se = float((share * (1 - share) / len(seen)) ** 0.5)
    theirs = 1 - (1 - constants()["incidence_lbp_taylor2014"].value) ** (weeks / YEAR_WEEKS)
    nan = float("nan")
    found = Estimate(share, se, float("inf"), low, high, nan, level)
    gap = Estimate(share - theirs, se, float("inf"), low - theirs, high - theirs, nan, level)
    ours = Ours(found, len(seen), events, int(at_risk.sum()) - len(seen), "proportion")
    return ours, theirs, weeks, gap
