"""What the figure of a programme draws: mean curves, stages, published course, responders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.frames.arms import Comparison
from gluteal.frames.course import CONTROL, PROGRAMME
from gluteal.frames.natural_course import NaturalCourse
from gluteal.frames.programme_tables import ENOUGH, share_stages
from gluteal.frames.responders import Threshold, cumulative_curve
from gluteal.variables import Variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

Rows = list[dict[str, Any]]


def draw_panels(
    cohort: Cohort,
    model: Comparison,
    end: int,
    threshold: Threshold | None,
    natural: NaturalCourse | None,
    outcome: Variable,
    level: float,
    least: int,
) -> dict[str, Rows]:
    """Collect the aggregates of the figure; empty where an arm has fewer than ten people.

    Responders are drawn of two arms only: the share in one arm alone proves nothing.
    """
    course = model.course
    sizes = [n for n in course.sizes() if n]
    if min(sizes) < ENOUGH:
        return {}
    scale = {
        "axis": outcome.axis, "label": outcome.label, "unit": outcome.unit, "level": level,
        "end": course.visits[end], "end_week": float(course.weeks[end]),
        "low": outcome.low, "high": outcome.high,
    }  # fmt: skip
    panels: dict[str, Rows] = {
        "means": _means(model, level),
        "stages": share_stages(cohort, course, least),
        "scale": [scale],
    }
    if natural is not None:
        last = float(course.weeks[-1])
        weeks = np.unique(np.concatenate([np.arange(0.0, last + 1), [6.0, 26.0, last]]))
        weeks = weeks[weeks <= last]
        pairs = zip(weeks, natural.at(weeks), strict=True)
        panels["natural"] = [{"week": float(w), "value": float(v)} for w, v in pairs]
        panels["source"] = [{"source": natural.source.source}]
    if course.two_arms and threshold is not None:
        panels["curve"] = _curve(model, end, least)
        mark = {"mic": threshold.mic.value, "mdc": threshold.mdc.value}
        panels["thresholds"] = [mark | {"verified": threshold.mdc.mark != "M"}]
    return panels


def _means(model: Comparison, level: float) -> Rows:
    course, rows = model.course, Rows()
    ones, zeros = course.sizes()
    arms = [(PROGRAMME, True, ones), (CONTROL, False, zeros)]
    for name, programme, size in arms:
        if not size:
            continue
        for k, visit in enumerate(course.visits):
            seen = int(np.isfinite(course.y[course.arm == float(programme), k]).sum())
            if seen < ENOUGH:
                continue
            found = model.mean(k, level, programme and course.two_arms)
            ends = {"estimate": found.estimate, "low": found.low, "high": found.high}
            at = {"arm": name, "visit": visit, "week": float(course.weeks[k]), "n": seen}
            rows.append(at | ends)
    return rows


def _curve(model: Comparison, end: int, least: int) -> Rows:
    before, after, arm = model.course.pairs(end)
    rows: Rows = []
    for name, code in ((PROGRAMME, 1), (CONTROL, 0)):
        fall = (before - after)[arm == code]
        if len(fall) >= ENOUGH:
            points = cumulative_curve(fall, least)
            rows += [{"arm": name, "cut": cut, "share": share} for cut, share in points]
    return rows
