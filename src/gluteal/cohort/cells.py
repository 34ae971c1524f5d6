"""What each cell holds: spaces, missing values without a reason, wrong types, unknown words."""

from __future__ import annotations

import numpy as np

from gluteal.cohort.grid import Column, Flags, Grid
from gluteal.cohort.ranges import GIVE_REASON, Bounds, bounds_of, check_ranges
from gluteal.cohort.tables import TABLES
from gluteal.errors import Fault, suggest
from gluteal.variables import variables

_WORDS = ("n/a", "N/A", "NA", "na", "nan", "NaN", "none", "None", "null", "NULL", "missing")
_SIGNS = ("-", "--", ".", "?", "x", "#N/A", "#VALUE!", "#DIV/0!")
NOTHING = (*_WORDS, *_SIGNS)
"""What other files write where a value is missing."""
COMMA = r"^[+-]?\d*,\d+$"
DATE = r"^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([ T].*)?$"
WITH_UNIT = r"^[+-]?\d+([.,]\d+)?\s*[A-Za-z°%]+$"


def check_cells(grid: Grid) -> list[Fault]:
    """Name every cell that its column's type, words or range does not allow."""
    faults: list[Fault] = []
    known = variables()
    fixed = {column.name: column for column in TABLES[grid.name].columns}
    for name in grid.names:
        column = grid.column(name)
        variable = known.get(name)
        if name in fixed:
            kind, words = fixed[name].kind, fixed[name].words
            may_miss = fixed[name].may_miss or not fixed[name].required
        elif variable is not None and grid.name in variable.tables:
            kind, words, may_miss = variable.kind, tuple(variable.levels), True
        else:
            continue  # an unknown column was named when the file was read
        found, left = _common(grid, name, column)
        faults += found
        gone = left & column.missing
        if not may_miss:
            rule = "may not be missing"
            faults += grid.faults(gone, name, rule, "Write what it is, or take the row out.")
        left &= ~gone
        if kind in ("number", "integer"):
            faults += _numbers(grid, name, column, left, whole=kind == "integer")
            if variable is not None and grid.name != "measurements":
                one: list[Bounds] = [bounds_of(variable)]
                inside = np.where(left, 0, -1)
                faults += check_ranges(grid, name, column.numbers, one, inside)
        elif kind == "boolean":
            faults += _words(grid, name, column, left, ("0", "1"))
        elif words:
            faults += _words(grid, name, column, left, words)
    return faults


def _common(grid: Grid, name: str, column: Column) -> tuple[list[Fault], Flags]:
    """Return what no cell may be, and the rows that are left to look at."""
    empty = column.among([""])
    spaced = column.spaced & ~empty
    odd = column.matches("^NA:") & ~column.missing & ~spaced
    faults = grid.faults(empty, name, "the cell is empty", GIVE_REASON + ".")
    rule = "has spaces around it"
    faults += grid.faults(spaced, name, rule, "Take them out: a space makes it another word.")
    faults += grid.faults(odd, name, "is no reason that this package knows", GIVE_REASON + ".")
    return faults, ~(empty | spaced | odd)


def _numbers(grid: Grid, name: str, column: Column, left: Flags, whole: bool) -> list[Fault]:
    text = left & np.isnan(column.numbers)
    if not text.any():
        kinds = []
    else:
        kinds = [
            (column.among(NOTHING), "is a missing value without a reason", GIVE_REASON + "."),
            (column.matches(COMMA), "has a decimal comma", "Write a decimal point."),
            (
                column.matches(DATE),
                "is a calendar date, and no date enters a cohort",
                "Write the days since this person's baseline.",
            ),
            (
                column.matches(WITH_UNIT),
                "has its unit in the cell",
                "Write the number only; the unit has its own column or is the dictionary's.",
            ),
            (np.ones(grid.n, dtype=bool), "is text where a number belongs", "Write the number."),
        ]
    faults: list[Fault] = []
    for kind, rule, remedy in kinds:
        faults += grid.faults(text & kind, name, rule, remedy)
        text = text & ~kind
    if whole:
        broken = left & (column.numbers % 1 != 0) & ~np.isnan(column.numbers)
        faults += grid.faults(broken, name, "is not a whole number", "Correct it.")
    return faults


def _words(
    grid: Grid, name: str, column: Column, left: Flags, words: tuple[str, ...]
) -> list[Fault]:
    wrong = left & ~column.among(words)
    faults: list[Fault] = []
    for word in dict.fromkeys(column.text(row) for row in np.flatnonzero(wrong)):
        remedy = f"{suggest(word, words)}Known: {', '.join(words)}."
        rule = "is a missing value without a reason" if word in NOTHING else "is no level of it"
        if rule.startswith("is a missing"):
            remedy = GIVE_REASON + "."
        faults += grid.faults(wrong & column.among([word]), name, rule, remedy)
    return faults
