"""Measurements become trials: one value each, in the dictionary's unit, the latest version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.tables import SIDES, factor
from gluteal.cohort.versions import FILE, Codes, Flags, changes, count_rows, keep_latest, order_rows
from gluteal.cohort.wide import RUN_CHECK
from gluteal.errors import Fault, UserError
from gluteal.variables import Variable, variables

if TYPE_CHECKING:
    import pyarrow as pa

    from gluteal.cohort.grid import Column
    from gluteal.cohort.roster import Roster
    from gluteal.cohort.tally import Tally

LEFT, RIGHT, NO_SIDE = range(len(SIDES))
UNSAID = -1
MOST = 9999
"""Trials and versions of one measurement; more is a mistake."""
OPEN = ("hip_force_n", "lever_arm_m")
"""Variables that leave the muscle open: force and lever arm need one."""


@dataclass(frozen=True)
class Trials:
    """Trials as arrays, sorted by variable, visit, side, assessor, position and trial.

    ``row`` is the place of the visit in the roster, ``side`` in ``SIDES``, ``assessor`` in
    ``assessors``, ``variable`` in ``names``. ``first`` marks trials of the first assessor of a
    visit and side, the ones that analyses use; ``pain`` is 1 where a trial hurt, 0 where
    it did not, ``UNSAID`` where nobody asked.
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
    pain: NDArray[np.int8]
    first: Flags

    def take(self, keep: Any) -> Trials:
        """Take some trials: a mask, a slice or places."""
        arrays = ("variable", "row", "side", "assessor", "position", "trial", "value", "censored")
        found = {name: getattr(self, name)[keep] for name in (*arrays, "pain", "first")}
        return replace(self, **found)

    def of(self, name: str) -> Trials | None:
        """Take the trials of one variable; None if there are none."""
        if name not in self.names:
            return None
        code = self.names.index(name)
        start, end = np.searchsorted(self.variable, [code, code + 1])
        return self.take(slice(int(start), int(end))) if end > start else None


class _Cells:
    """The columns of a table, each encoded when it is asked for: millions of rows are heavy."""

    def __init__(self, table: pa.Table) -> None:
        self.table, self.rows = table, table.num_rows

    def __contains__(self, name: str) -> bool:
        return name in self.table.column_names

    def __getitem__(self, name: str) -> Column:
        from gluteal.cohort.grid import Column

        return Column(self.table[name])


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
    cells = _Cells(table)
    row, kept = roster.locate(FILE, cells["participant_id"], cells["visit"])
    row = row.astype(np.int32)
    names, variable, scale = _identify(cells)
    values = cells["value"]
    value = values.numbers * scale
    if faults := _faults(cells, values, value):
        raise UserError(faults)
    side = _words(cells, "side", list(SIDES), "na")
    assessors, assessor = _sorted_words(cells, "assessor")
    positions, position = _sorted_words(cells, "position")
    version, trial = _whole(cells, "version"), _whole(cells, "trial")
    order = np.flatnonzero(kept)
    keys = [k[order] for k in (variable, row, side, assessor, position, trial, version)]
    by = order_rows(keys)
    order, keys = order[by], [k[by] for k in keys]
    latest = keep_latest(keys, value[order], order, tally, names)
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
        pain=_pain_during(cells, order),
        first=np.ones(len(order), dtype=bool),
    )
    return mark_first(_usable(found, values, order, tally))


def mark_first(found: Trials) -> Trials:
    """Mark the trials of the first assessor, in the alphabet, of each variable, visit and side."""
    starts = changes([found.variable, found.row, found.side])
    group = np.cumsum(starts) - 1
    leader = found.assessor[np.flatnonzero(starts)]
    return replace(found, first=found.assessor == leader[group] if len(group) else starts)


def _identify(cells: _Cells) -> tuple[list[str], Codes, Any]:
    """Find variable and factor to its unit of each row, looking once at each combination."""
    from gluteal.cohort.grid import combine

    parts = [cells[name] for name in ("test", "unit", "muscle") if name in cells]
    _, first, group = np.unique(combine(*parts), return_index=True, return_inverse=True)
    faults: list[Fault] = []
    found: list[tuple[str, float]] = []
    for place in first:
        words = [part.words[part.codes[place]] for part in parts]
        which = words[2] if len(words) == 3 else "na"
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
    codes = np.array([names.index(name) for name, _ in found] or [0], dtype=np.int16)
    scales = np.array([scale for _, scale in found] or [1.0])
    group = group.reshape(cells.rows)
    return names, codes[group], scales[group]


def _scale(known: Variable, unit: str) -> float | None:
    if unit == "1" and (known.kind != "number" or not known.unit):
        return 1.0
    return factor(unit, known.unit)


def _faults(cells: _Cells, values: Column, value: Any) -> list[Fault]:
    text = np.isnan(value) & ~values.missing
    faults: list[Fault] = []
    if text.any():
        first = int(text.argmax())
        rule = f"{int(text.sum())} values are no numbers"
        shown = values.text(first)
        faults.append(Fault(FILE, rule, RUN_CHECK, first + 2, "value", shown))
    if "version" in cells:
        without = cells["version"].numbers > 0
        if without.any() and "correction_reason" in cells:
            reason = cells["correction_reason"]
            without &= reason.among(("", "na")) | reason.missing
        if without.any():
            rule = f"{int(without.sum())} corrections give no reason"
            row = int(without.argmax()) + 2
            remedy = "Fill correction_reason; a value is never changed without it."
            faults.append(Fault(FILE, rule, remedy, row, "correction_reason"))
    return faults


def _words(cells: _Cells, name: str, words: list[str], default: str) -> Codes:
    """Place each row's word in a fixed list; an absent column is all default."""
    if name not in cells:
        return np.full(cells.rows, words.index(default), dtype=np.int16)
    column = cells[name]
    if strange := [word for word in column.words if word not in words]:
        rule = f"is not one of {', '.join(words)}"
        raise UserError(Fault(FILE, rule, RUN_CHECK, column=name, value=strange[0]))
    return np.array([words.index(w) for w in column.words] or [0], dtype=np.int16)[column.codes]


def _sorted_words(cells: _Cells, name: str) -> tuple[list[str], Codes]:
    words = sorted(set(cells[name].words)) if name in cells else ["na"]
    return words, _words(cells, name, words, "na")


def _whole(cells: _Cells, name: str) -> Codes:
    if name not in cells:
        return np.zeros(cells.rows, dtype=np.int16)
    column = cells[name]
    found = column.numbers
    wrong = np.isnan(found) | (found != np.floor(found)) | (found < 0) | (found > MOST)
    if wrong.any():
        first = int(wrong.argmax())
        shown = column.text(first)
        rule = f"is no whole number from 0 to {MOST}"
        raise UserError(Fault(FILE, rule, RUN_CHECK, first + 2, name, shown))
    return found.astype(np.int16)


def _right_censored(cells: _Cells, order: Codes) -> Flags:
    if "censored" not in cells:
        return np.zeros(len(order), dtype=bool)
    return cells["censored"].among(("right",))[order]


def _pain_during(cells: _Cells, order: Codes) -> NDArray[np.int8]:
    """Say of each trial whether it hurt: 1, 0, or UNSAID where nobody asked."""
    found = np.full(len(order), UNSAID, dtype=np.int8)
    if "pain_during" in cells:
        for code in (0, 1):
            found[cells["pain_during"].among((str(code),))[order]] = code
    return found


def _usable(found: Trials, values: Column, order: Codes, tally: Tally) -> Trials:
    """Set aside, and count by reason, what was not done and what cannot be."""
    gone = np.isnan(found.value)
    which = values.codes[order]
    for code in np.unique(which[gone]):
        reason = values.stripped[int(code)].as_py()  # never all words: values hardly repeat
        count_rows(
            found.variable[gone & (which == code)], f"not done ({reason})", tally, found.names
        )
    value = found.value.copy()
    for code, name in enumerate(found.names):
        start, end = np.searchsorted(found.variable, [code, code + 1])
        value[start:end] = tally.keep_in_range(name, value[start:end])
    return replace(found, value=value).take(~np.isnan(value))
