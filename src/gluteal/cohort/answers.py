"""Questionnaire answers: unknown items, answers outside the codes, centimetres for millimetres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gluteal.cohort.cells import COMMA, NOTHING
from gluteal.cohort.grid import Flags, Floats, Grid, combine, number_groups
from gluteal.cohort.ranges import CODES, GIVE_REASON
from gluteal.errors import Fault, suggest

CM_GAP_MM = 15.0
"""The least distance of a VAS from the rating of the same visit that is asked about."""
FAR = 3.0
"""How many times the usual distance in the file counts as far."""
WHOLE_SHARE = 0.95
FEWEST = 20
DAY_MIN = 960.0
"""Minutes of activity a day past which the IPAQ protocol excludes."""
LEAST_BOUT_MIN = 10.0


def check_answers(grid: Grid, settings: Mapping[str, Any] | None = None) -> list[Fault]:
    """Look at the responses table.

    Parameters
    ----------
    grid : Grid
        The table.
    settings : mapping, optional
        The study's settings of its instruments; a ``recode`` says that the file codes its answers
        otherwise, and then their range is the scorer's business.
    """
    if grid.n == 0 or any(c not in grid for c in ("instrument", "item", "value")):
        return []
    from gluteal.instruments import INSTRUMENTS

    given: dict[str, Any] = dict(settings or {})
    instrument, item, value = (grid.column(c) for c in ("instrument", "item", "value"))
    group, first = number_groups(combine(instrument, item))
    answered = ~(value.missing | value.among([""]) | value.spaced | value.matches("^NA:"))
    faults: list[Fault] = []
    for place, row in enumerate(first):
        name, key = (c.words[c.codes[row]] for c in (instrument, item))
        here = group == place
        if name not in INSTRUMENTS:
            if name:
                remedy = f"{suggest(name, INSTRUMENTS)}Known: {', '.join(INSTRUMENTS)}."
                rule = "is no questionnaire that this package knows"
                faults += grid.faults(here, "instrument", rule, remedy)
            continue
        own = given.get(name) or {}
        codes = _codes(name, own)
        if key not in codes:
            if key:
                remedy = f"{suggest(key, codes)}Known: {', '.join(codes)}."
                faults += grid.faults(here, "item", f"is no item of {name}", remedy)
        elif not own.get("recode"):
            faults += _outside(grid, here & answered, codes[key])
    return faults + _centimetres(grid, given) + _activity(grid)


def _codes(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    from gluteal.instruments import allowed

    return dict(allowed(name, {key: own[key] for key in own if key != "recode"}))


def _outside(grid: Grid, here: Flags, codes: Any) -> list[Fault]:
    """Name the answers to one item that are not among its codes."""
    from gluteal.instruments.scale import allows, describe

    value = grid.column("value")
    fine = allows(codes, value.word_numbers)
    wrong = here & ~value.each(fine)
    if not wrong.any():
        return []
    number = ~np.isnan(value.numbers)
    kinds = [
        (value.among(NOTHING), "is a missing answer without a reason", f"{GIVE_REASON}."),
        (value.matches(COMMA), "has a decimal comma", "Write a decimal point."),
        (
            np.isin(value.numbers, CODES),
            f"is none of the answers {describe(codes)} and looks like a code for missing",
            f"{GIVE_REASON}.",
        ),
        (
            number,
            f"is none of the answers {describe(codes)}",
            "Correct it; if the whole file codes the item otherwise, recode it when ingesting.",
        ),
        (~number, "is text where the code of an answer belongs", f"Known: {describe(codes)}."),
    ]
    faults: list[Fault] = []
    for kind, rule, remedy in kinds:
        faults += grid.faults(wrong & kind, "value", rule, remedy)
        wrong = wrong & ~kind
    return faults


def _wide(grid: Grid, names: list[tuple[str, str]]) -> tuple[dict[str, Floats], Any, Any] | None:
    """Return some items side by side, one row a person's visit, with the row of each answer."""
    if any(c not in grid for c in ("participant_id", "visit")):
        return None
    value = grid.column("value")
    group, first = number_groups(combine(grid.column("participant_id"), grid.column("visit")))
    found: dict[str, Floats] = {}
    rows: dict[str, Any] = {}
    for name, key in names:
        here = grid.column("instrument").among([name]) & grid.column("item").among([key])
        at = np.flatnonzero(here & ~np.isnan(value.numbers))
        found[key] = np.full(len(first), np.nan)
        found[key][group[at]] = value.numbers[at]
        rows[key] = np.full(len(first), -1)
        rows[key][group[at]] = at
    return found, rows, first


def _centimetres(grid: Grid, settings: Mapping[str, Any]) -> list[Fault]:
    if (settings.get("vas") or {}).get("unit") == "cm":
        return []
    wide = _wide(grid, [("vas", "mm"), ("nprs", "now"), ("nprs", "avg")])
    if wide is None:
        return []
    found, rows, _ = wide
    vas = found["mm"]
    known = vas[~np.isnan(vas)]
    if not known.size:
        return []
    rating = 10 * np.fmin(found["now"], found["avg"])  # either may be meant: ask if both are high
    gap = np.abs(vas - rating)
    gaps = gap[~np.isnan(gap)]
    far = max(CM_GAP_MM, FAR * 1.4826 * float(np.median(gaps))) if gaps.size else np.inf
    # A file in whole millimetres has no reason for a tenth, unless somebody wrote centimetres.
    whole = (known % 1 == 0).mean() >= WHOLE_SHARE and known.size >= FEWEST
    with np.errstate(invalid="ignore"):
        near = np.abs(10 * vas - rating) < gap
        low = (vas <= 10) & (gap >= far) & near
        tenth = (vas <= 10) & (vas % 1 != 0) & whole & ~low
    remedy = "Look it up; convert cm to mm (x 10)."
    faults: list[Fault] = []
    for flags, rule in (
        (low, "is far below the pain rating of the same visit: centimetres?"),
        (tenth, "has a decimal where the file is in whole millimetres: centimetres?"),
    ):
        where = np.zeros(grid.n, dtype=bool)
        where[rows["mm"][flags]] = True
        faults += grid.faults(where, "value", rule, remedy, "query")
    return faults


def _activity(grid: Grid) -> list[Fault]:
    keys = ("vig_min", "mod_min", "walk_min")
    wide = _wide(grid, [("ipaq_sf", key) for key in keys])
    if wide is None:
        return []
    found, rows, _ = wide
    minutes = np.column_stack([found[key] for key in keys])
    at = np.column_stack([rows[key] for key in keys])
    over = np.nan_to_num(minutes).sum(axis=1) > DAY_MIN
    long, short = np.zeros(grid.n, dtype=bool), np.zeros(grid.n, dtype=bool)
    largest = np.argmax(np.nan_to_num(minutes), axis=1)
    long[at[np.arange(len(at)), largest][over]] = True
    with np.errstate(invalid="ignore"):
        short[at[(minutes > 0) & (minutes < LEAST_BOUT_MIN)]] = True
    rule = f"activity adds up to over {DAY_MIN:g} minutes a day"
    remedy = "Look it up; minutes of a week may have been entered as minutes of a day."
    faults = grid.faults(long, "value", rule, remedy, "query")
    rule = f"is under {LEAST_BOUT_MIN:g} minutes: hours?"
    return faults + grid.faults(short, "value", rule, "Look it up; write minutes.", "query")
