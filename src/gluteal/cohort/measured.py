"""The measurements as numbers in the dictionary's units, and what is wrong with single rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from gluteal.cohort.grid import Codes, Column, Flags, Floats, Grid, combine, number_groups
from gluteal.cohort.ranges import Bounds, bounds_of, check_ranges
from gluteal.cohort.tables import UNITS, factor
from gluteal.errors import Fault, suggest
from gluteal.variables import Variable, variables

SIDED = ("hip_force", "lever_arm")
"""Tests that mean nothing without their side."""
_NONE = ("", "na")


@cache
def list_tests() -> dict[str, dict[str, tuple[Variable, Variable]]]:
    """Return what is measured: test → muscle → its variable, and the one with its soft range."""
    found: dict[str, dict[str, tuple[Variable, Variable]]] = {}
    known = variables().values()
    for row in known:
        if "measurements" not in row.tables or not row.test:
            continue
        own = [v for v in known if v.test == row.test and v.muscle]
        if row.muscle or not own:
            found.setdefault(row.test, {})[row.muscle or "na"] = (row, row)
        else:
            found.setdefault(row.test, {}).update({v.muscle: (row, v) for v in own})
    return found


def accepted_units(known: Variable) -> dict[str, float]:
    """Return the units that a variable may be given in, with their factors to its own."""
    units = {unit: factor(unit, known.unit) or 1.0 for unit in UNITS.get(known.unit, {})}
    if known.unit:
        units[known.unit] = 1.0
    if not known.unit or known.kind != "number":
        units["1"] = 1.0  # a count, a grade or a sign
    return units


class Measured:
    """The measurements table with each row's variable and its value in the dictionary's unit.

    Attributes
    ----------
    who, visit, test, muscle, side : Column
        The columns; absent optional ones hold ``na``.
    kinds : list of (str, str)
        The distinct (test, muscle).
    kind : array of int
        The place in ``kinds`` of each row.
    variable : list of Variable or None
        What each kind measures; None if no dictionary knows it.
    value : array of float
        In the unit of the variable; NaN without a value, a known unit or a known test.
    current : array of bool
        Whether the row holds a value that no later version replaces.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.who, self.visit = grid.column("participant_id"), grid.column("visit")
        self.test, self.muscle = grid.column("test"), grid.column("muscle")
        self.side, self.position = grid.column("side"), grid.column("position")
        self.assessor, self.trial = grid.column("assessor"), grid.column("trial")
        self.unit = grid.column("unit")
        self.kind, first = number_groups(combine(self.test, self.muscle))
        self.kinds = [(_word(self.test, row), _word(self.muscle, row)) for row in first]
        pairs = [list_tests().get(test, {}).get(muscle) for test, muscle in self.kinds]
        self.variable: list[Variable | None] = [pair[0] if pair else None for pair in pairs]
        self.bounds = [bounds_of(*pair) if pair else _NOWHERE for pair in pairs]
        self._scale()
        self.current = ~np.isnan(self.value) & ~self._replaced()

    def _scale(self) -> None:
        group, first = number_groups(self.kind * max(len(self.unit.words), 1) + self.unit.codes)
        factors = np.full(len(first) + 1, np.nan)
        for place, row in enumerate(first):
            known = self.variable[self.kind[row]]
            if known is not None:
                factors[place] = accepted_units(known).get(_word(self.unit, row), np.nan)
        self.factor: Floats = factors[group]
        self.value: Floats = self.grid.column("value").numbers * self.factor

    def _replaced(self) -> Flags:
        if "version" not in self.grid or self.grid.n == 0:
            return np.zeros(self.grid.n, dtype=bool)
        version = np.nan_to_num(self.grid.column("version").numbers)
        if not version.any():
            return np.zeros(self.grid.n, dtype=bool)
        group, first = number_groups(self.sets(self.trial))
        last = np.full(len(first), -np.inf)
        np.maximum.at(last, group, version)
        return version < last[group]

    def sets(self, *more: Column) -> Codes:
        """Return the set of trials of each row: one person, visit, test, position ... assessor."""
        own = (self.who, self.visit, self.test, self.muscle, self.position, self.side)
        return combine(*own, self.assessor, *more)

    def of(self, test: str) -> Flags:
        """Say which rows hold a value of one test that counts."""
        return self.current & self.test.among([test])


_NOWHERE = Bounds(np.nan, np.nan, np.nan, np.nan, "")


def _word(column: Column, row: int) -> str:
    return column.words[column.codes[row]]


def check_measurements(measured: Measured) -> list[Fault]:
    """Name rows with an unknown test, muscle or unit, a wrong status, or a value out of range."""
    grid = measured.grid
    if grid.n == 0 or any(c not in grid for c in ("test", "value", "unit", "status", "side")):
        return []
    value = grid.column("value")
    number = ~np.isnan(value.numbers)
    return [
        *_unknown(measured),
        *_units(measured, number),
        *_levels(measured),
        *check_ranges(grid, "value", measured.value, measured.bounds, measured.kind),
        *_status(grid, number, value.missing),
        *_sides(measured),
    ]


def _unknown(measured: Measured) -> list[Fault]:
    faults: list[Fault] = []
    for place, (test, muscle) in enumerate(measured.kinds):
        if measured.variable[place] is not None or not test:
            continue
        here = measured.kind == place
        column, rule, words = "muscle", f"is no muscle of {test}", list(list_tests().get(test, ()))
        word = muscle
        if test not in list_tests():
            column, rule, words, word = (
                "test",
                "is no test of the dictionary",
                list(list_tests()),
                test,
            )
        elif words == ["na"]:
            rule = f"{test} has no muscle"
        remedy = f"{suggest(word, words)}Known: {', '.join(words)}."
        if column in measured.grid:
            here &= ~measured.grid.column(column).among([""])
        faults += measured.grid.faults(here, column, rule, remedy)
    return faults


def _units(measured: Measured, number: Flags) -> list[Fault]:
    grid, unit = measured.grid, measured.unit
    known = np.array([v is not None for v in measured.variable])[measured.kind]
    bare = number & (unit.among(_NONE) | unit.missing)
    faults = grid.faults(bare & ~unit.among([""]), "unit", "a value without its unit", "Write it.")
    wrong = known & ~bare & np.isnan(measured.factor)
    wrong &= ~unit.among(_NONE) & ~unit.missing  # nothing measured needs no unit
    for place, code in sorted(set(zip(measured.kind[wrong], unit.codes[wrong], strict=True))):
        variable = measured.variable[place]
        assert variable is not None  # `known` says so
        words = list(accepted_units(variable))
        here = wrong & (measured.kind == place) & (unit.codes == code)
        remedy = f"{suggest(unit.words[code], words)}Known: {', '.join(words)}."
        faults += grid.faults(here, "unit", f"is no unit of {variable.name}", remedy)
    return faults


def _levels(measured: Measured) -> list[Fault]:
    """Name grades and signs that are none of the levels, and broken counts."""
    faults: list[Fault] = []
    for place, variable in enumerate(measured.variable):
        if variable is None or variable.kind == "number":
            continue
        here = (measured.kind == place) & ~np.isnan(measured.value)
        rule = "is not a whole number"
        wrong = here & (measured.value % 1 != 0)
        if variable.levels:
            levels = np.array([float(level) for level in variable.levels])
            wrong = here & ~np.isin(measured.value, levels)
            rule = f"is no level of {variable.name}"
        known = f"Known: {', '.join(variable.levels)}." if variable.levels else "Correct it."
        faults += measured.grid.faults(wrong, "value", rule, known)
    return faults


def _status(grid: Grid, number: Flags, missing: Flags) -> list[Fault]:
    status = grid.column("status")
    rule, remedy = "status is done, but there is no value", "Write not_done, or the value."
    faults = grid.faults(missing & status.among(["done"]), "value", rule, remedy)
    rule, remedy = "status is not_done, but there is a value", "Write done, or the reason."
    faults += grid.faults(number & status.among(["not_done"]), "value", rule, remedy)
    later = np.nan_to_num(grid.column("version", "0").numbers) > 0
    reason = grid.column("correction_reason")
    rule, remedy = "a correction without its reason", "Write why the value was corrected."
    bare = later & (reason.among(_NONE) | reason.missing)
    return faults + grid.faults(bare, "correction_reason", rule, remedy)


def _sides(measured: Measured) -> list[Fault]:
    bare = measured.test.among(SIDED) & measured.side.among(["na"])
    rule = "this test has no meaning without its side"
    return measured.grid.faults(bare, "side", rule, "Write left or right.")


def name_sets(measured: Measured, rows: Sequence[int] | Codes) -> list[str]:
    """Say in words whose set of trials a row belongs to."""
    parts = (measured.who, measured.visit, measured.muscle, measured.side)
    return [" ".join(word for part in parts if (word := _word(part, row)) != "na") for row in rows]
