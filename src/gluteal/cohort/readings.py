"""Measurements become trials: one value each, in the dictionary's unit, the latest version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.tables import SIDES, factor
from gluteal.cohort.wide import RUN_CHECK
from gluteal.errors import Fault, UserError
from gluteal.variables import Variable, variables

if TYPE_CHECKING:
    import pyarrow as pa

    from gluteal.cohort.grid import Column
    from gluteal.cohort.roster import Roster
    from gluteal.cohort.tally import Tally

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Cells = dict[str, "Column"]
LEFT, RIGHT, NO_SIDE = range(len(SIDES))
FILE = "measurements"
OPEN = ("hip_force_n", "lever_arm_m")
"""Variables that leave the muscle open: force and lever arm need one."""


@dataclass(frozen=True)
class Trials:
    """Trials as arrays, sorted by variable, visit, side, assessor, position and trial.

    ``row`` is the place of the visit in the roster, ``side`` in ``SIDES``, ``assessor`` in
    ``assessors``, ``variable`` in ``names``. ``first`` marks trials of the first assessor of a
    visit and side, the ones that analyses use.
    """

    names: list[str]
    assessors: list[str]
    positions: list[str]
    variable: Codes
    row: Codes
    side: Codes
    assessor: Codes
    position: Codes
    trial: Codes
    value: NDArray[np.float64]
    censored: Flags
    first: Flags

    def take(self, keep: Any) -> Trials:
        """Take some trials: a mask, a slice or places."""
        arrays = ("variable", "row", "side", "assessor", "position", "trial", "value", "censored")
        found = {name: getattr(self, name)[keep] for name in (*arrays, "first")}
        return replace(self, **found)

    def of(self, name: str) -> Trials | None:
        """Take the trials of one variable; None if there are none."""
        if name not in self.names:
            return None
        code = self.names.index(name)
        start, end = np.searchsorted(self.variable, [code, code + 1])
        return self.take(slice(int(start), int(end))) if end > start else None


@cache
def measured() -> dict[tuple[str, str], Variable]:
    """Return the variable of each test and muscle; of force and lever arm, the muscle's own."""
    tests = {v.test for v in variables().values() if "measurements" in v.tables}
    return {(v.test, v.muscle): v for v in variables().values() if v.test in tests}


def read_trials(table: pa.Table, roster: Roster, tally: Tally) -> Trials:
    """Read the measurements of the people on the roster.

    Of the versions of a value the latest counts. Values that were not done, are outside the hard
    range or stand twice are set aside and counted.

    Raises
    ------
    UserError
        For unknown tests, units and visits, text in a number, a correction without its reason,
        and two different values of one trial.
    """
    from gluteal.cohort.grid import Column

    cells = {name: Column(table[name]) for name in table.column_names}
    row, kept = roster.locate(FILE, cells["participant_id"], cells["visit"])
    n = len(row)
    names, variable, scale = _identify(cells, n)
    value = cells["value"].numbers * scale
    if faults := _faults(cells, value):
        raise UserError(faults)
    side = _words(cells, "side", list(SIDES), "na", n)
    assessors, assessor = _sorted_words(cells, "assessor", n)
    positions, position = _sorted_words(cells, "position", n)
    version, trial = _whole(cells, "version", n), _whole(cells, "trial", n)
    order = np.flatnonzero(kept)
    keys = [k[order] for k in (variable, row, side, assessor, position, trial, version)]
    by = _order(keys)
    order, keys = order[by], [k[by] for k in keys]
    latest = _latest(keys, value[order], order, tally, names)
    order, keys = order[latest], [k[latest] for k in keys]
    found = Trials(
        names=names,
        assessors=assessors,
        positions=positions,
        variable=keys[0],
        row=keys[1],
        side=keys[2],
        assessor=keys[3],
        position=keys[4],
        trial=keys[5],
        value=value[order],
        censored=_right_censored(cells, order),
        first=np.ones(len(order), dtype=bool),
    )
    return mark_first(_usable(found, cells["value"], order, tally))


def mark_first(found: Trials) -> Trials:
    """Mark the trials of the first assessor, in the alphabet, of each variable, visit and side."""
    starts = _changes([found.variable, found.row, found.side])
    group = np.cumsum(starts) - 1
    leader = found.assessor[np.flatnonzero(starts)]
    return replace(found, first=found.assessor == leader[group] if len(group) else starts)


def _identify(cells: Cells, n: int) -> tuple[list[str], Codes, Any]:
    """Find variable and factor to its unit of each row, looking once at each combination."""
    from gluteal.cohort.grid import combine

    muscle = cells.get("muscle")
    parts = [cells["test"], cells["unit"], *([] if muscle is None else [muscle])]
    _, first, group = np.unique(combine(*parts), return_index=True, return_inverse=True)
    faults: list[Fault] = []
    found: list[tuple[str, float]] = []
    for place in first:
        words = [part.words[part.codes[place]] for part in parts]
        which = words[2] if muscle is not None else "na"
        match = measured().get((words[0], which)) or measured().get((words[0], ""))
        scale = _scale(match, words[1]) if match else None
        if match is None or match.name in OPEN:
            rule = "no variable has this test and muscle"
            value = f"{words[0]}, {which}"
            faults.append(Fault(FILE, rule, RUN_CHECK, int(place) + 2, "test", value))
        elif scale is None:
            rule = f"{match.name} is not measured in this unit"
            faults.append(Fault(FILE, rule, RUN_CHECK, int(place) + 2, "unit", words[1]))
        found.append((match.name if match else "", scale or 1.0))
    if faults:
        raise UserError(faults)
    there = {name for name, _ in found}
    names = [name for name in variables() if name in there]
    codes = np.array([names.index(name) for name, _ in found] or [0], dtype=np.int64)
    scales = np.array([scale for _, scale in found] or [1.0])
    return names, codes[group.reshape(n)], scales[group.reshape(n)]


def _scale(known: Variable, unit: str) -> float | None:
    if unit == "1" and (known.kind != "number" or not known.unit):
        return 1.0
    return factor(unit, known.unit)


def _faults(cells: Cells, value: Any) -> list[Fault]:
    text = np.isnan(value) & ~cells["value"].missing
    faults: list[Fault] = []
    if text.any():
        first = int(text.argmax())
        rule = f"{int(text.sum())} values are no numbers"
        shown = cells["value"].text(first)
        faults.append(Fault(FILE, rule, RUN_CHECK, first + 2, "value", shown))
    if "version" in cells:
        without = cells["version"].numbers > 0
        if (reason := cells.get("correction_reason")) is not None:
            without &= reason.among(("", "na")) | reason.missing
        if without.any():
            rule = f"{int(without.sum())} corrections give no reason"
            row = int(without.argmax()) + 2
            remedy = "Fill correction_reason; a value is never changed without it."
            faults.append(Fault(FILE, rule, remedy, row, "correction_reason"))
    return faults


def _words(cells: Cells, name: str, words: list[str], default: str, n: int) -> Codes:
    """Place each row's word in a fixed list; an absent column is all default."""
    if name not in cells:
        return np.full(n, words.index(default), dtype=np.int64)
    column = cells[name]
    if strange := [word for word in column.words if word not in words]:
        rule = f"is not one of {', '.join(words)}"
        raise UserError(Fault(FILE, rule, RUN_CHECK, column=name, value=strange[0]))
    return np.array([words.index(w) for w in column.words] or [0], dtype=np.int64)[column.codes]


def _sorted_words(cells: Cells, name: str, n: int) -> tuple[list[str], Codes]:
    words = sorted(set(cells[name].words)) if name in cells else ["na"]
    return words, _words(cells, name, words, "na", n)


def _whole(cells: Cells, name: str, n: int) -> Codes:
    if name not in cells:
        return np.zeros(n, dtype=np.int64)
    found = cells[name].numbers
    wrong = np.isnan(found) | (found != np.floor(found)) | (found < 0)
    if wrong.any():
        first = int(wrong.argmax())
        shown = cells[name].text(first)
        rule = "is no whole number from 0 on"
        raise UserError(Fault(FILE, rule, RUN_CHECK, first + 2, name, shown))
    return found.astype(np.int64)


def _order(keys: list[Codes]) -> Codes:
    """Sort by the first key, then the second ...: in one pass where the keys fit one number."""
    sizes = [int(k.max(initial=0)) + 1 for k in keys]
    if np.prod([float(s) for s in sizes]) > 2.0**62:
        return np.lexsort(keys[::-1])
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    for key, size in zip(keys, sizes, strict=True):
        packed = packed * size + key
    return np.argsort(packed, kind="stable")


def _changes(keys: list[Codes]) -> Flags:
    """Mark the first row of each group of equal keys, in sorted rows."""
    starts = np.zeros(len(keys[0]), dtype=bool)
    starts[:1] = True
    for key in keys:
        starts[1:] |= key[1:] != key[:-1]
    return starts


def _latest(keys: list[Codes], value: Any, order: Codes, tally: Tally, names: list[str]) -> Flags:
    """Keep the last version of each trial; a row that stands twice is kept once."""
    new_trial, new_version = _changes(keys[:-1]), _changes(keys)
    again = np.flatnonzero(~new_version)
    if again.size:
        now, before = value[again], value[again - 1]
        differs = (now != before) & ~(np.isnan(now) & np.isnan(before))
        if differs.any():
            row = int(order[again[differs]].min()) + 2
            rule = f"{int(differs.sum())} trials have two different values"
            remedy = "A correction is a row with a higher version and its reason."
            raise UserError(Fault(FILE, rule, remedy, row, "value"))
        _count(keys[0][again], "the same row twice", tally, names)
    last = np.append(new_trial[1:], True)[: len(new_trial)]
    replaced = new_version & ~new_trial
    _count(keys[0][replaced], "replaced by a correction", tally, names)
    return last


def _count(codes: Codes, reason: str, tally: Tally, names: list[str]) -> None:
    for code, n in enumerate(np.bincount(codes, minlength=len(names))):
        tally.add(names[code], reason, int(n))


def _right_censored(cells: Cells, order: Codes) -> Flags:
    if "censored" not in cells:
        return np.zeros(len(order), dtype=bool)
    return cells["censored"].among(("right",))[order]


def _usable(found: Trials, values: Column, order: Codes, tally: Tally) -> Trials:
    """Set aside, and count by reason, what was not done and what cannot be."""
    gone = np.isnan(found.value)
    which = values.codes[order]
    for code in np.unique(which[gone]):
        reason = values.stripped[int(code)].as_py()  # never all words: values hardly repeat
        _count(found.variable[gone & (which == code)], f"not done ({reason})", tally, found.names)
    value = found.value.copy()
    for code, name in enumerate(found.names):
        start, end = np.searchsorted(found.variable, [code, code + 1])
        value[start:end] = tally.keep_in_range(name, value[start:end])
    return replace(found, value=value).take(~np.isnan(value))
