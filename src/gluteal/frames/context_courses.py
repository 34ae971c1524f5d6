"""Fits of a cohort beside what is published of people over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gluteal.constants import MEANING, Constant, constant
from gluteal.estimates import Fit, diagnostic
from gluteal.estimators.inference import Estimate
from gluteal.frames.context import Ours
from gluteal.frames.context_time import Course, compare_course, compare_incidence
from gluteal.notation import write_interval, write_number

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

KNOWN = "no error is printed: the published number counts as known, so the interval is too narrow"
LEAST = 10


def _size(ours: Ours) -> dict[str, Any]:
    return {
        "n_obs": ours.n, "n_people": ours.n, "n_events": ours.events,
        "n_missing": ours.n_missing, "estimator": ours.estimator,
    }  # fmt: skip


def _numbers(found: Estimate) -> dict[str, Any]:
    """Leave out what is not a number: a p of an interval that is none of a test."""
    return {key: value for key, value in found.row().items() if value == value}


def _note(c: Constant) -> str:
    return f"{MEANING[c.mark]}: {c.source}"


def fit_course(
    cohort: Cohort, outcome: str, exposure: str, kind: str, base: Mapping[str, Any]
) -> Fit:
    """Set the course of pain beside the published one; first the change, then each week."""
    level = float(base["level"])
    found = compare_course(cohort, outcome, exposure, kind, level)
    weeks = f"week {found.points[0].week:g} to {found.points[-1].week:g}"
    size = _size(found.change)
    rows: list[dict[str, Any]] = [
        {**base, **size, **found.gap.row(), "model": "this cohort minus published",
         "unit": "points", "estimand": f"change of pain, {weeks}: ours minus published",
         "se_type": "mean",
         "warnings": "published weeks taken as independent: the interval is too wide"},
        {**base, **size, **found.change.found.row(), "model": "this cohort", "unit": "points",
         "estimand": f"change of pain, {weeks}", "se_type": "mean", "role": "secondary",
         "warnings": ""},
    ]  # fmt: skip
    for point in found.points:
        more = {"n_obs": point.n, "n_people": point.n, "n_missing": None, "role": "exploratory"}
        rows.append(
            {**base, **size, **point.gap.row(), **more, "unit": "points", "se_type": "mean",
             "model": f"week {point.week:g}", "estimand": "mean pain: ours minus published",
             "warnings": ""}
        )  # fmt: skip
    who = (
        "people with low back pain in the control arm" if found.arm else "people with low back pain"
    )
    return Fit(
        estimates=rows,
        diagnostics=[
            diagnostic("weeks compared", len(found.points), None, "weeks that both have"),
        ],
        panels=_draw_course(found),
        tables={"published": _table_course(found)},
        sentences=[
            f"Mean pain of {who} was set beside the published course of {kind} low back pain under "
            "usual care, 33 cohorts (Costa 2012, doi:10.1503/cmaj.111271), 0 to 100 brought to 0 "
            f"to 10, at visits within a week of the published ones. The change from {weeks} was "
            "compared in people with both values (Welch and Satterthwaite, "
            "doi:10.1093/biomet/34.1-2.28); the published weeks count as independent of each "
            "other, though the same cohorts are in them, so that the interval is rather wide.",
            "Pain falls without any programme: a change in one group is no sign that something "
            "worked.",
        ],
    )


def _draw_course(found: Course) -> dict[str, list[dict[str, Any]]]:
    rows = [
        {"label": f"Week {p.week:g}, n = {p.n:,}", "kind": "ours", "estimate": p.gap.estimate,
         "low": p.gap.low, "high": p.gap.high}
        for p in found.points if p.n >= LEAST
    ]  # fmt: skip
    if found.change.n >= LEAST:
        gap = found.gap
        rows.append({"label": f"Change, n = {found.change.n:,}", "kind": "ours",
                     "estimate": gap.estimate, "low": gap.low, "high": gap.high})  # fmt: skip
    return {"forest": rows}


def _write(found: Estimate) -> str:
    return write_interval(found.estimate, found.low, found.high)


def _table_course(found: Course) -> list[dict[str, str]]:
    return [
        {"Week": f"{p.week:g}", "Published": _write(p.published), "This cohort": _write(p.ours),
         "People": f"{p.n:,}" if p.n >= LEAST else f"<{LEAST}", "Numbers": _note(p.constant)}
        for p in found.points
    ]  # fmt: skip


def fit_incidence(
    cohort: Cohort, outcome: str, exposure: str, base: Mapping[str, Any], least: int = 5
) -> Fit:
    """Set the share with new pain beside the published one."""
    level = float(base["level"])
    ours, theirs, weeks, gap = compare_incidence(cohort, outcome, exposure, level)
    known = constant("incidence_lbp_taylor2014")
    rest = min(int(ours.events or 0), ours.n - int(ours.events or 0))
    size = {**_size(ours), "se_type": "Wilson", "unit": "", "scale": "difference"}
    rows: list[dict[str, Any]] = [
        {**base, **size, **_numbers(gap), "model": "this cohort minus published",
         "estimand": f"share with new pain in {weeks:g} weeks: ours minus published"},
        {**base, **size, **_numbers(ours.found), "model": "this cohort", "scale": "proportion",
         "estimand": f"share with new pain in {weeks:g} weeks", "role": "secondary",
         "warnings": ""},
    ]  # fmt: skip
    if 0 < rest < least:  # the share of few people would name their number
        said = f"fewer than {least} people with new pain, or without: not shown"
        rows = [{**row, "converged": False, "warnings": said, "n_events": None} for row in rows]
        for row in rows:
            row.pop("estimate")
    drawn = [
        {"label": f"This cohort minus published, n = {ours.n:,}", "kind": "ours",
         "estimate": gap.estimate, "low": gap.low, "high": gap.high}
    ] if ours.n >= LEAST and rows[0]["converged"] else []  # fmt: skip
    text = "a yearly share brought to our weeks as if new pain came evenly"
    lost = ours.n_missing / max(ours.n + ours.n_missing, 1)
    return Fit(
        estimates=rows,
        diagnostics=[
            diagnostic("published error", "unknown", False, KNOWN),
            diagnostic("published share over our weeks", theirs, None, text),
            diagnostic("not followed", lost, lost <= 0.2, "share without follow-up", "<= 0.2"),
        ],
        panels={"forest": drawn},
        tables={
            "published": [
                {"Published in a year": f"{known.value:g}",
                 "Published over our weeks": write_number(theirs),
                 "Weeks": f"{weeks:g}", "Numbers": _note(known)}
            ]
        },
        sentences=[
            f"The share of people without pain at entry who had new low back pain within {weeks:g} "
            "weeks (Wilson's interval, doi:10.1080/01621459.1927.10502953) was set beside about "
            f"{100 * known.value:g}%, read as that of a year, in 41 studies (Taylor 2014, "
            "doi:10.1016/j.spinee.2014.01.026), brought to our follow-up as if new pain came "
            "evenly; the published error is not printed and not counted."
        ],
    )  # fmt: skip
