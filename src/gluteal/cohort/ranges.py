"""Numbers outside their range: an error past the hard range, a query past the soft one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.cohort.grid import Flags, Floats, Grid
from gluteal.cohort.tables import REASONS, UNITS
from gluteal.errors import Fault
from gluteal.variables import Variable

CODES = (-9.0, -99.0, -999.0, -9999.0, 777.0, 888.0, 999.0, 9999.0)
"""Numbers that other files write for a missing value."""
SURE_CODES = (-999.0, -9999.0, 999.0, 9999.0)
"""Those that are asked about even where the value could be true; -9 may well be an angle."""
GIVE_REASON = "Write why it is missing: " + ", ".join(list(REASONS)[:4]) + " ..."


@dataclass(frozen=True, slots=True)
class Bounds:
    """The hard and the soft range of a variable, in its unit; NaN where there is no bound."""

    low: float
    high: float
    soft_low: float
    soft_high: float
    unit: str


def bounds_of(known: Variable, narrower: Variable | None = None) -> Bounds:
    """Take a variable's ranges; soft ones from a more specific variable if it has them."""
    soft = narrower if narrower is not None and narrower.soft_low is not None else known

    def number(value: float | None) -> float:
        return np.nan if value is None else value

    return Bounds(
        number(known.low),
        number(known.high),
        number(soft.soft_low),
        number(soft.soft_high),
        known.unit,
    )


def outside(numbers: Floats, low: Floats | float, high: Floats | float) -> Flags:
    """Say which numbers lie outside a range; a bound of NaN, and NaN itself, exclude nothing."""
    with np.errstate(invalid="ignore"):
        return (numbers < low) | (numbers > high)


def check_ranges(
    grid: Grid, column: str, numbers: Floats, bounds: list[Bounds], which: np.ndarray
) -> list[Fault]:
    """Name the numbers of a column that lie outside their ranges.

    Parameters
    ----------
    grid : Grid
        The table.
    column : str
        Where the numbers stand.
    numbers : array, shape (rows,)
        In the unit of their bounds; NaN where there is none.
    bounds : list of Bounds
        The ranges.
    which : array of int, shape (rows,)
        The place in ``bounds`` of each row's range; -1 for none.
    """
    if not bounds:
        return []
    ends = np.array([(b.low, b.high, b.soft_low, b.soft_high) for b in bounds] + [(np.nan,) * 4])
    low, high, soft_low, soft_high = ends[which].T
    hard = outside(numbers, low, high)
    coded = np.isin(grid.column(column).numbers, SURE_CODES) & (which >= 0) & ~np.isnan(numbers)
    soft = (outside(numbers, soft_low, soft_high) | coded) & ~hard
    faults: list[Fault] = []
    for row in np.flatnonzero(hard | soft):
        at = bounds[which[row]]
        as_given = float(grid.column(column).numbers[row])
        rule, remedy = _say(float(numbers[row]), as_given, at, bool(hard[row]))
        faults.append(
            Fault(
                grid.file,
                rule,
                remedy,
                int(grid.lines[row]),
                column,
                grid.column(column).text(row),
                severity="error" if hard[row] else "query",
            )
        )
    return faults


def _say(number: float, as_given: float, at: Bounds, hard: bool) -> tuple[str, str]:
    if as_given in CODES and not hard:
        return "may be a code for missing", f"{GIVE_REASON}, or keep it."
    ends = (at.low, at.high) if hard else (at.soft_low, at.soft_high)
    unit = f" {at.unit}" if at.unit else ""
    span = f"{ends[0]:g} to {ends[1]:g}{unit}"
    if as_given in CODES:
        return f"is outside {span} and looks like a code for missing", GIVE_REASON + "."
    if not hard:
        return f"is unusual (outside {span})", "Look it up in the source; correct it or keep it."
    for other, factor in UNITS.get(at.unit, {}).items():
        if factor != 1 and at.low <= number * factor <= at.high:
            return (
                f"is outside {span} and looks like {other}",
                f"If it was measured in {other}, convert it to {at.unit} or declare the unit.",
            )
    return f"is outside {span}", "Correct it, or write NA:lost and keep the source."
