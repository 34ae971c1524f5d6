"""A cohort beside published results: the same quantity, sign and unit, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from gluteal.errors import CannotTest, Fault
from gluteal.estimators import reported
from gluteal.estimators.effect_size import hedges_g
from gluteal.estimators.inference import Estimate, interval
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.meta import Pooled, pool_estimates
from gluteal.estimators.reported import Reported
from gluteal.frames.design import WHERE, numeric_column
from gluteal.frames.published import Published

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

FEWEST = 3
"""Results from which on the spread between studies can be estimated at all."""


@dataclass(frozen=True)
class Beside:
    """One published result in our sign and unit; no value where no error can be had."""

    published: Published
    used: bool
    found: Reported | None


@dataclass(frozen=True)
class Reference:
    """What published results say together.

    ``prediction`` is the interval in which a new study is expected; None below ``FEWEST`` results.
    """

    found: Estimate
    studies: int
    pooled: Pooled | None
    prediction: tuple[float, float] | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Ours:
    """Our estimate, with the people behind it."""

    found: Estimate
    n: int
    events: int | None
    n_missing: int
    estimator: str


def convert(one: Published) -> Reported | None:
    """Bring a published result to our sign and unit."""
    values = [c.value for c in one.constants]
    sizes = [_number(name) for name in one.sizes or ()]
    more = [_number(name) for name in one.more]
    sides: list[Reported] = []
    if one.how == "none":
        return None
    if one.how in ("interval", "difference"):
        for c in one.constants:
            if c.low is None or c.high is None:
                return None
            ends = (c.value, c.low, c.high)
            plain = one.how == "interval"
            sides.append(
                reported.from_interval(*ends) if plain
                else reported.standardise_difference(*ends, sizes[0], sizes[1])
            )  # fmt: skip
    elif one.how == "means":
        sides.append(reported.standardise_means(values[0], values[1], more[0], *sizes))
    elif sizes:
        for k, p in enumerate(more):
            gap = values[2 * k] - values[2 * k + 1]
            sides.append(reported.standardise_p(gap, p, sizes[0], sizes[1]))
    else:
        sds = (more[1], more[2])
        sides.append(reported.standardise_unsized(values[0], values[1], sds, more[0]))
    made = reported.average_sides(sides)
    factor = (-1 if one.turned else 1) / one.divide
    return made._replace(value=made.value * factor, se=made.se / one.divide)


def _number(name: str) -> float:
    from gluteal.constants import constant

    return constant(name).value


def pool_beside(results: Sequence[Beside], level: float = 0.95) -> Reference | None:
    """Pool the published results that are used; None where none has an error.

    One result stands for itself. Two are pooled with normal theory, since their spread hardly says
    how studies differ; from three on, by REML with Hartung and Knapp's interval.
    """
    used = [one.found for one in results if one.used and one.found is not None]
    if not used:
        return None
    if len(used) == 1:
        only = interval(used[0].value, used[0].se, inf, level)
        note = "one published result: no spread between studies, no prediction interval"
        return Reference(only, 1, None, None, (note,))
    y, v = [one.value for one in used], [one.se**2 for one in used]
    many = len(used) >= FEWEST
    pooled = pool_estimates(y, v, "REML", hartung_knapp=many, level=level)
    notes = pooled.warnings
    if not many:
        notes += ("two published results: their spread is hardly known, no prediction interval",)
    return Reference(pooled.found, len(used), pooled, pooled.prediction if many else None, notes)


def subtract(ours: Estimate, theirs: Estimate, level: float = 0.95) -> Estimate:
    """Give ours minus theirs, two independent estimates, with Welch and Satterthwaite's df."""
    variance = ours.se**2 + theirs.se**2
    parts = sum(one.se**4 / one.df for one in (ours, theirs) if isfinite(one.df) and one.df > 0)
    df = variance**2 / parts if parts > 0 else inf
    return interval(ours.estimate - theirs.estimate, float(np.sqrt(variance)), df, level)


def compare_groups(
    cohort: Cohort, outcome: str, exposure: str, visit: str, level: float = 0.95
) -> Ours:
    """Estimate Hedges' g, people with the exposure minus those without, as papers do: crude."""
    frame = cohort.frame([outcome, exposure], "person", visit)
    y, group = numeric_column(frame, outcome), numeric_column(frame, exposure)
    full = ~(np.isnan(y) | np.isnan(group))
    ones, zeros = y[full & (group == 1)], y[full & (group == 0)]
    if min(len(ones), len(zeros)) < 2:
        rule = "fewer than two people with complete data on one side"
        raise CannotTest(Fault(WHERE, rule, "A comparison needs two groups.", column=exposure))
    if np.ptp(ones) == 0 and np.ptp(zeros) == 0:
        rule = "has one value only in each group"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    found = hedges_g(ones, zeros, level)
    return Ours(found, int(full.sum()), None, int((~full).sum()), "Hedges g, noncentral t interval")


def compare_arms(cohort: Cohort, outcome: str, first: str, last: str, level: float = 0.95) -> Ours:
    """Estimate the difference between randomised arms at the last visit, given the first."""
    before = cohort.frame([outcome, "arm"], "person", first)
    arm = before["arm"].astype("str").where(before["arm"].notna())
    told = arm.isin(["control", "programme"]).to_numpy(dtype=bool)
    x = numeric_column(before, outcome)
    y = numeric_column(cohort.frame([outcome], "person", last), outcome)
    full = told & ~np.isnan(x) & ~np.isnan(y)
    treated = (arm == "programme").to_numpy(dtype=bool)[full]
    if min(treated.sum(), (~treated).sum()) < 3:
        rule = "fewer than three people with complete data in one arm"
        raise CannotTest(Fault(WHERE, rule, "A comparison needs two arms.", column="arm"))
    design = np.column_stack([np.ones(full.sum()), treated, x[full]]).astype(float)
    found = fit_linear(design, y[full], "HC3").coefficient(1, level)
    lost = int(told.sum() - full.sum())
    return Ours(found, int(full.sum()), None, lost, "least squares given the first value, HC3")
