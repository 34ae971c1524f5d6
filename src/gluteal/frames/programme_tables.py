"""Tables of a programme for a reader: visits, responders, classes of change, stages, form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.suppression import suppress_counts
from gluteal.frames.adherence import STAGE, lay_numbers
from gluteal.frames.course import CONTROL, PROGRAMME, Course
from gluteal.frames.responder_rows import define_responses
from gluteal.frames.responders import (
    CLASSES,
    Threshold,
    needed_to_treat,
    response_times,
    risk_difference,
    risk_ratio,
)
from gluteal.notation import HIDDEN, write_count, write_interval, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

ENOUGH = 10
FORM = "neutral_spine_share"
Rows = list[dict[str, Any]]


def arms_of(course: Course) -> list[tuple[str, Floats]]:
    """Return the arms that have people, the programme first: name and outcome."""
    pairs = [(PROGRAMME, course.y[course.arm == 1]), (CONTROL, course.y[course.arm == 0])]
    return [(name.capitalize(), y) for name, y in pairs if len(y)]


def tabulate(
    cohort: Cohort,
    course: Course,
    end: int,
    threshold: Threshold | None,
    level: float,
    least: int,
) -> dict[str, Rows]:
    """Lay everything out for a reader that the arms, or the one arm, can show.

    Responders and classes of change are tabulated of two arms only: in one arm alone their shares
    prove nothing.
    """
    found: dict[str, Rows] = {"visits": tabulate_visits(course, least)}
    before, after, arm = course.pairs(end)
    if threshold is not None and len(before) >= ENOUGH:
        counted = threshold.counted(before)
        some = before[counted], after[counted], arm[counted]
        if course.two_arms and min((some[2] == 1).sum(), (some[2] == 0).sum()) >= ENOUGH:
            found["responders"] = tabulate_responders(*some, threshold, level, least)
            found["time to response"] = tabulate_times(course, end, threshold)
        if course.two_arms:
            found["change"] = tabulate_classes(before, after, arm, threshold, least)
    found["stages"], found["form"] = tabulate_stages(cohort, course), tabulate_form(cohort, course)
    return {name: rows for name, rows in found.items() if rows}


def tabulate_visits(course: Course, least: int) -> Rows:
    """Give number seen, mean and SD of each arm at each visit."""
    rows: Rows = []
    for k, visit in enumerate(course.visits):
        row: dict[str, Any] = {"Visit": visit, "Week": write_number(course.weeks[k], decimals=0)}
        for name, y in arms_of(course):
            v = y[np.isfinite(y[:, k]), k]
            row[f"{name}: n"] = write_count(len(v), least)
            shown = len(v) >= ENOUGH
            text = f"{write_number(v.mean())} ({write_number(v.std(ddof=1))})" if shown else HIDDEN
            row[f"{name}: mean (SD)"] = text
        rows.append(row)
    return rows


def tabulate_responders(
    before: Floats, after: Floats, arm: Floats, threshold: Threshold, level: float, least: int
) -> Rows:
    """Responders of both arms by definition, with difference, ratio and number needed to treat."""
    rows: Rows = []
    for name, response in define_responses(before, after, threshold).items():
        gap = risk_difference(response, arm, level)
        ratio, needed = risk_ratio(response, arm, level), needed_to_treat(gap)
        row: dict[str, Any] = {"Response": name}
        small = False
        for label, code in ((PROGRAMME, 1), (CONTROL, 0)):
            n, total = int(response[arm == code].sum()), int((arm == code).sum())
            shown = n >= least and total - n >= least
            small = small or not shown
            text = write_number(100 * n / total, decimals=0) if shown else HIDDEN
            row[f"{label.capitalize()}, %"] = text
        points = gap.times(100)
        nothing = "none: the interval of the difference holds 0"
        rest = {
            "Difference, percentage points": _write(points),
            "Risk ratio": _write(ratio),
            "Number needed to treat": write_interval(*needed) if needed else nothing,
        }
        rows.append(row | (dict.fromkeys(rest, HIDDEN) if small else rest))
    return rows


def _write(found: Estimate | None) -> str:
    return write_interval(found.estimate, found.low, found.high) if found else write_number(None)


def tabulate_classes(
    before: Floats, after: Floats, arm: Floats, threshold: Threshold, least: int
) -> Rows:
    """Count the classes of change of each arm; small counts are hidden, and what betrays them."""
    found = threshold.classify(before, after)
    codes = [code for code in (1, 0) if (arm == code).any()]
    names = {1: PROGRAMME.capitalize(), 0: CONTROL.capitalize()}
    counts = [[int(((found == k) & (arm == c)).sum()) for c in codes] for k in range(len(CLASSES))]
    marks = suppress_counts(counts, least)
    totals = [sum(row[j] for row in counts) for j in range(len(codes))]
    rows: Rows = []
    for k, name in enumerate(CLASSES):
        row: dict[str, Any] = {"Change of a person": name}
        for j, code in enumerate(codes):
            n, mark = counts[k][j], marks[k][j]
            share = write_number(100 * n / max(totals[j], 1), decimals=0)
            text = f"{n:,} ({share} %)" if mark == "shown" else HIDDEN
            row[f"{names[code]}, n (%)"] = f"<{least}" if mark == "small" else text
        rows.append(row)
    return rows


def tabulate_times(course: Course, end: int, threshold: Threshold) -> Rows:
    """Share that has responded by each visit."""
    rows: Rows = [{"Visit": visit} for visit in course.visits[1 : end + 1]]
    for name, y in arms_of(course):
        for row, (_visit, n, share) in zip(rows, response_times(y, threshold, end), strict=True):
            text = write_number(100 * share, decimals=0) if n >= ENOUGH else HIDDEN
            row[f"{name}: has responded by then, %"] = text
    return rows


def tabulate_stages(cohort: Cohort, course: Course) -> Rows:
    """Change of the outcome over intervals of the programme, by the stage reached in them.

    A description: those who do well move up, so the stages are not alike in people.
    """
    mine = course.only(course.arm == 1)
    if STAGE not in cohort.visits or not len(mine.y):
        return []
    stage = lay_numbers(cohort, STAGE, mine)[:, 1:]
    slope = np.diff(mine.y, axis=1) / np.diff(mine.weeks) * 4
    rows: Rows = []
    for code, label in enumerate(variables()[STAGE].levels.values()):
        here = (stage == code) & np.isfinite(slope)
        people = int(here.any(1).sum())
        shown = people >= ENOUGH
        rows.append(
            {
                "Stage reached": label,
                "People": write_count(people),
                "Mean change per 4 weeks": write_number(float(slope[here].mean()))
                if shown
                else HIDDEN,
            }
        )
    return rows


def tabulate_form(cohort: Cohort, course: Course) -> Rows:
    """Share of sessions with a neutral spine, by visit."""
    mine = course.only(course.arm == 1)
    if FORM not in cohort.visits or not len(mine.y):
        return []
    share = lay_numbers(cohort, FORM, mine)
    rows: Rows = []
    for k, visit in enumerate(course.visits):
        v = share[np.isfinite(share[:, k]), k]
        if len(v) >= ENOUGH:
            mean, sd = (write_number(100 * float(x), decimals=0) for x in (v.mean(), v.std(ddof=1)))
            row = {"Visit": visit, "People": write_count(len(v))}
            rows.append(row | {"Sessions with a neutral spine, mean % (SD)": f"{mean} ({sd})"})
    return rows


def share_stages(cohort: Cohort, course: Course, least: int) -> Rows:
    """Give the share of the programme that has reached each stage by each visit, for a figure.

    Shares of fewer than ``least`` people, or of all but so few, are left out.
    """
    mine = course.only(course.arm == 1)
    if STAGE not in cohort.visits or len(mine.y) < ENOUGH:
        return []
    stage = lay_numbers(cohort, STAGE, mine)
    found: Rows = []
    for k in range(1, len(course.visits)):
        seen = stage[np.isfinite(stage[:, k]), k]
        for code, label in enumerate(variables()[STAGE].levels.values()):
            n = int((seen >= code).sum())
            if code and len(seen) >= ENOUGH and n >= least and len(seen) - n >= least:
                at = {"week": float(course.weeks[k]), "stage": label}
                found.append(at | {"share": n / len(seen)})
    return found
