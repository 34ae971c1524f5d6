"""Keys: rows that are there twice, and rows of people or visits that are not there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gluteal.cohort.grid import Codes, Flags, Grid, combine, number_groups
from gluteal.cohort.tables import TABLES
from gluteal.errors import Fault, suggest

DEFAULTS = {"version": "0"}
"""What an absent key column stands for, other than ``na``."""


def check_duplicates(grid: Grid) -> list[Fault]:
    """Name every row whose key stands in an earlier row already."""
    key = TABLES[grid.name].key
    if any(name not in grid for name in ("participant_id", *key[:1])) or grid.n == 0:
        return []
    columns = [grid.column(name, DEFAULTS.get(name, "na")) for name in key]
    codes = combine(*columns)
    group, first = number_groups(codes)
    again = np.ones(grid.n, dtype=bool)
    again[first] = False
    again &= ~columns[0].among([""])
    hits = np.flatnonzero(again)
    shown = [name for name in key if name in grid]
    return [
        Fault(
            grid.file,
            f"{' + '.join(shown)} stand in an earlier row already"
            if len(shown) > 1
            else f"{shown[0]} stands in an earlier row already",
            f"See row {grid.lines[first[group[row]]]}; keep one of the two"
            + (", or make one a correction (version)." if "version" in key else "."),
            int(grid.lines[row]),
            shown[-1] if len(shown) == 1 else "",
            " ".join(grid.column(name).text(row) for name in shown),
        )
        for row in hits
    ]


def check_twins(participants: Grid) -> list[Fault]:
    """Name ids that differ from an earlier one in letter case only."""
    if "participant_id" not in participants:
        return []
    column = participants.column("participant_id")
    seen: dict[str, str] = {}
    twins = {w: seen[w.lower()] for w in column.words if seen.setdefault(w.lower(), w) != w}
    faults: list[Fault] = []
    for word, other in twins.items():
        rule = "differs from another id in letter case only"
        remedy = f"If it is {other!r}, write it so everywhere; else give it another id."
        faults += participants.faults(column.among([word]), "participant_id", rule, remedy)
    return faults


def check_links(grids: Mapping[str, Grid]) -> list[Fault]:
    """Name people who are not in participants, and visits that are not in visits."""
    people = grids.get("participants")
    if people is None or "participant_id" not in people or not people.whole:
        return []
    ids = [word for word in people.column("participant_id").words if word]
    numbering = {word: place for place, word in enumerate(ids)}
    faults: list[Fault] = []
    pairs = _visits(grids.get("visits"), numbering)
    for name, grid in grids.items():
        if name in ("participants", "dispositions") or "participant_id" not in grid:
            continue  # dispositions name the screened, who need not be participants
        column = grid.column("participant_id")
        known = column.among(ids)
        faults += _unknown(grid, ~known & ~column.among([""]), ids)
        if name == "visits" or pairs is None or "visit" not in TABLES[name].key:
            continue
        if "visit" in grid:
            names, keys = pairs
            visit = grid.column("visit")
            place = np.array([names.get(word, -1) for word in visit.words], dtype=np.int64)
            pair = column.shared(numbering) * (len(names) + 1) + place[visit.codes]
            found = np.isin(pair, keys) & (place[visit.codes] >= 0)
            faults += _absent(grid, known & ~found & ~visit.among([""]), names)
    return faults


def _visits(visits: Grid | None, numbering: dict[str, int]) -> tuple[dict[str, int], Codes] | None:
    if visits is None or not visits.whole:
        return None
    if "participant_id" not in visits or "visit" not in visits:
        return None
    names: dict[str, int] = {}
    visit = visits.column("visit").shared(names)
    who = visits.column("participant_id").shared(numbering)
    return names, np.unique(who * (len(names) + 1) + visit)


def _unknown(grid: Grid, wrong: Flags, ids: list[str]) -> list[Fault]:
    lower = {word.lower(): word for word in ids}
    column = grid.column("participant_id")
    faults: list[Fault] = []
    for row, count in _once(column.codes, wrong):
        word = column.words[column.codes[row]]
        twin = lower.get(word.lower())
        near = f"Did you mean {twin!r}? " if twin else suggest(word, ids)
        faults.append(
            Fault(
                grid.file,
                "no such participant in participants",
                f"{near}Correct it, or add the person.",
                int(grid.lines[row]),
                "participant_id",
                word + _many(count),
            )
        )
    return faults


def _absent(grid: Grid, wrong: Flags, names: dict[str, int]) -> list[Fault]:
    who, visit = grid.column("participant_id"), grid.column("visit")
    faults: list[Fault] = []
    for row, count in _once(combine(who, visit), wrong):
        word = visit.words[visit.codes[row]]
        near = "" if word in names else suggest(word, names)
        faults.append(
            Fault(
                grid.file,
                "no such visit of this person in visits",
                f"{near}Correct it, or add the visit.",
                int(grid.lines[row]),
                "visit",
                f"{who.words[who.codes[row]]} {word}{_many(count)}",
            )
        )
    return faults


def _once(key: Codes, wrong: Flags) -> list[tuple[int, int]]:
    """Return the first row and the number of rows of each group of flagged rows."""
    rows = np.flatnonzero(wrong)
    _, first, counts = np.unique(key[rows], return_index=True, return_counts=True)
    found = sorted(zip(rows[first], counts, strict=True))
    return [(int(row), int(count)) for row, count in found]


def _many(count: int) -> str:
    return f" ({count} rows)" if count > 1 else ""
