"""The course of visits: who has none, which are out of order or far from their planned week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gluteal.cohort.grid import Codes, Flags, Floats, Grid
from gluteal.cohort.tables import BASELINE
from gluteal.errors import Fault

LATE_WEEKS = 4.0
"""How far from its plan a visit may lie at most, however far the next one is."""


def check_course(grids: Mapping[str, Grid]) -> list[Fault]:
    """Look at each person's visits together."""
    visits = grids.get("visits")
    if visits is None or any(c not in visits for c in ("participant_id", "visit")) or not visits.n:
        return []
    numbering: dict[str, int] = {}
    who = visits.column("participant_id").shared(numbering)
    lone = [*_people(grids.get("participants"), visits), *_baseline(visits, who)]
    return [
        *(lone if visits.whole else []),
        *_weeks(visits, who),
        *_attendance(visits, grids),
    ]


def _people(people: Grid | None, visits: Grid) -> list[Fault]:
    if people is None or "participant_id" not in people:
        return []
    faults: list[Fault] = []
    column = people.column("participant_id")
    alone = ~column.among(visits.column("participant_id").words) & ~column.among([""])
    rule, remedy = "has no visit", "Add the visits, or keep it: no analysis can use the person."
    faults += people.faults(alone, "participant_id", rule, remedy, "query")
    if people.n == 1:
        rule = "there is one participant only: nothing can be estimated"
        faults.append(Fault(people.file, rule, "Add the others.", 2, severity="query"))
    return faults


def _baseline(visits: Grid, who: Codes) -> list[Fault]:
    visit = visits.column("visit")
    first = visit.among([BASELINE])
    started = np.zeros(int(who.max()) + 1, dtype=bool)
    started[who[first]] = True
    rows = np.unique(np.where(started[who], -1, who), return_index=True)
    lacking = np.zeros(visits.n, dtype=bool)
    lacking[rows[1][rows[0] >= 0]] = True
    lacking &= ~visits.column("participant_id").among([""])
    rule, remedy = "this person has no visit called baseline", "Add it, or name the first visit so."
    found = visits.faults(lacking, "participant_id", rule, remedy, "query")
    if "study_day" in visits:
        day = visits.column("study_day").numbers
        rule, remedy = (
            "the baseline visit is not on day 0",
            "Count days from this person's baseline.",
        )
        shifted = first & ~np.isnan(day) & (day != 0)
        found += visits.faults(shifted, "study_day", rule, remedy, "query")
    return found


def _weeks(visits: Grid, who: Codes) -> list[Fault]:
    if "week_nominal" not in visits:
        return []
    week = visits.column("week_nominal").numbers
    order = np.lexsort((week, who))
    order = order[~np.isnan(week[order])]
    if len(order) < 2:
        return []
    who, week = who[order], week[order]
    same = (who[1:] == who[:-1]) & (week[1:] == week[:-1])
    visit = visits.column("visit").codes[order]
    twice = np.zeros(visits.n, dtype=bool)
    # The same visit twice is a duplicate key already; here two visits share a planned week.
    twice[order[1:][same & (visit[1:] != visit[:-1])]] = True
    rule, remedy = "two visits of this person have the same planned week", "Correct one of them."
    faults = visits.faults(twice, "week_nominal", rule, remedy)
    if "study_day" not in visits:
        return faults
    day = visits.column("study_day").numbers[order] / 7
    unordered = _unordered(who, week, day)
    strayed = _strayed(who, week, day) & ~unordered
    for flags, rule in (
        (unordered, "the study day is out of order with the planned weeks"),
        (strayed, "the study day lies nearer to another planned visit, or far from its own"),
    ):
        where = np.zeros(visits.n, dtype=bool)
        where[order[flags]] = True
        remedy = "Look the date up; correct study_day or keep it."
        faults += visits.faults(where, "study_day", rule, remedy, "query")
    return faults


def _unordered(who: Codes, week: Floats, day: Floats) -> Flags:
    """Flag the visit farther from its plan, of each neighbouring pair in the wrong order."""
    found = np.zeros(len(day), dtype=bool)
    here = np.flatnonzero(~np.isnan(day))
    who, week, day = who[here], week[here], day[here]
    back = (who[1:] == who[:-1]) & (week[1:] > week[:-1]) & (day[1:] <= day[:-1])
    first = np.flatnonzero(back)
    away = np.abs(day - week)
    found[here[np.where(away[first] > away[first + 1], first, first + 1)]] = True
    return found


def _strayed(who: Codes, week: Floats, day: Floats) -> Flags:
    """Flag visits past the half-way to another planned week, or over four weeks off."""
    plan = np.unique(week)
    place = np.searchsorted(plan, week)
    half = np.minimum(np.diff(plan) / 2, LATE_WEEKS)
    before, after = np.insert(half, 0, LATE_WEEKS)[place], np.append(half, LATE_WEEKS)[place]
    with np.errstate(invalid="ignore"):
        return (day < week - before) | (day > week + after)


def _attendance(visits: Grid, grids: Mapping[str, Grid]) -> list[Fault]:
    if "attended" not in visits:
        return []
    attended = visits.column("attended")
    away, here = attended.among(["0"]), attended.among(["1"])
    faults: list[Fault] = []
    if "reason_absent" in visits:
        reason = visits.column("reason_absent")
        none = reason.among(["not_applicable"])
        rule, remedy = "not attended, but without a reason", "Write the reason."
        faults += visits.faults(away & none, "reason_absent", rule, remedy)
        rule, remedy = "attended, but with a reason for absence", "Write not_applicable."
        given = here & ~none & ~reason.missing & ~reason.among([""])
        faults += visits.faults(given, "reason_absent", rule, remedy)
    if not away.any():
        return faults
    people: dict[str, int] = {}
    names: dict[str, int] = {}
    who = visits.column("participant_id").shared(people)
    visit = visits.column("visit").shared(names)
    width = len(names) + 1
    seen: list[Codes] = []
    for name in ("measurements", "responses"):
        grid = grids.get(name)
        if grid is None or any(c not in grid for c in ("participant_id", "visit", "value")):
            continue
        value = grid.column("value")
        valued = ~(value.missing | value.among([""]))
        place = np.array([names.get(w, width - 1) for w in grid.column("visit").words], np.int64)
        pair = grid.column("participant_id").shared(people) * width
        seen.append(np.unique((pair + place[grid.column("visit").codes])[valued]))
    if seen:
        rule, remedy = "not attended, but values of this visit exist", "Correct one of the two."
        both = away & np.isin(who * width + visit, np.concatenate(seen))
        faults += visits.faults(both, "attended", rule, remedy)
    return faults
