"""Columns of a multiverse: outcomes in their SD, exposures by form, covariates, and who counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Floats
from gluteal.estimators.splines import place_knots, spline_basis
from gluteal.frames.column_words import write_column
from gluteal.frames.design import WHERE, numeric_column
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

Names = tuple[str, ...]
Left = list[tuple[str, str]]
Exposure = tuple[tuple[int, tuple[int, ...]], tuple[str, str]]
"""Columns of an exposure and of its bends; its words: which measure, in which form."""
KNOTS, LEAST_VALUES = 4, 3


class Store:
    """Columns in the making."""

    def __init__(self) -> None:
        self.columns: list[Floats] = []

    def add(self, *columns: Floats) -> tuple[int, ...]:
        """Add columns; return their positions."""
        start = len(self.columns)
        self.columns += columns
        return tuple(range(start, start + len(columns)))


def code_outcomes(
    frame: pd.DataFrame, names: Names, store: Store, left: Left
) -> list[tuple[int, str]]:
    """Add outcomes in units of their SD; one that cannot be used is left out with the reason.

    Raises
    ------
    UserError
        If the first, the primary one, cannot be used.
    """
    found: list[tuple[int, str]] = []
    for name in names:
        values = _numbers(frame, name, name == names[0], left)
        if values is None:
            continue
        spread = np.nanstd(values, ddof=1)
        if not spread > 0:
            _refuse(name, "has one value only", name == names[0], left)
            continue
        found.append((store.add(values / spread)[0], variables()[name].label))
    return found


def _numbers(frame: pd.DataFrame, name: str, primary: bool, left: Left) -> Floats | None:
    known = variables()[name]
    if name not in frame or int(frame[name].notna().sum()) < LEAST_VALUES:
        _refuse(name, "this cohort has too few values of it", primary, left)
        return None
    if not known.numeric:
        _refuse(name, "is not a number", primary, left)
        return None
    return numeric_column(frame, name)


def _refuse(name: str, rule: str, primary: bool, left: Left) -> None:
    if primary:
        remedy = "The primary specification needs a number that varies."
        raise CannotTest(Fault(WHERE, rule, remedy, column=name))
    left.append((write_column(name), rule))


def code_exposures(
    frame: pd.DataFrame, names: Names, forms: Names, store: Store, left: Left
) -> list[Exposure]:
    """Add exposures in every form; one that cannot be used is left out with the reason.

    Raises
    ------
    UserError
        If the first, the primary one, cannot be used.
    """
    found: list[Exposure] = []
    for name in names:
        primary = name == names[0]
        if variables()[name].kind == "boolean" and name in frame:
            values = numeric_column(frame, name)
            if not np.nanstd(values) > 0:
                _refuse(name, "has one value only", primary, left)
                continue
            found.append(((store.add(values)[0], ()), (variables()[name].label, "yes against no")))
            continue
        values = _numbers(frame, name, primary, left)
        if values is None:
            continue
        if not np.nanstd(values) > 0:
            _refuse(name, "has one value only", primary, left)
            continue
        for form in forms:
            made = shape_exposure(values, form)
            if made is None:
                left.append(
                    (f"{write_column(name)}, {form}", "has values that this form cannot take")
                )
                continue
            first, *rest = store.add(*made)
            found.append(((first, tuple(rest)), (variables()[name].label, form)))
    return found


def shape_exposure(values: Floats, form: str) -> list[Floats] | None:
    """Return columns whose first slope is the difference for one SD around the mean.

    A spline's columns are turned so that the first one carries exactly that contrast of the curve
    and the others its bends.

    Examples
    --------
    >>> x = np.arange(1.0, 21.0)
    >>> y = np.log(x)
    >>> (z,) = shape_exposure(x, "log")
    >>> slope = np.polyfit(z, y, 1)[0]
    >>> half = x.std(ddof=1) / 2
    >>> bool(np.isclose(slope, np.log(x.mean() + half) - np.log(x.mean() - half)))
    True
    """
    middle, spread = float(np.nanmean(values)), float(np.nanstd(values, ddof=1))
    ends = np.array([middle - spread / 2, middle + spread / 2])
    if form == "linear":
        return [values / spread]
    if form == "log":
        if not np.nanmin(values) > 0 or ends[0] <= 0:
            return None
        return [np.log(values) / float(np.diff(np.log(ends))[0])]
    known = np.isfinite(values)
    knots = place_knots(values[known], KNOTS)
    if len(knots) < 3:
        return None
    basis = np.full((len(values), len(knots) - 1), np.nan)
    basis[known] = spline_basis(values[known], knots)
    contrast = np.diff(spline_basis(ends, knots), axis=0)[0]
    turn = np.eye(len(contrast))
    turn[0] = contrast  # the first new coefficient is the contrast; its first weight is one SD
    return list((basis @ np.linalg.inv(turn)).T)


def code_covariate(frame: pd.DataFrame, name: str) -> list[Floats]:
    """Code a covariate: numbers as they are, categories by a column a level but the first.

    Raises
    ------
    UserError
        If all its values are missing.
    """
    if name not in frame or not frame[name].notna().any():
        raise CannotTest(Fault(WHERE, "all values are missing", "Leave it out.", column=name))
    if variables()[name].kind != "category":
        return [numeric_column(frame, name)]
    column: Any = frame[name]
    text = column.astype("str").where(column.notna())
    seen = [level for level in variables()[name].levels if (text == level).any()]
    gone = column.isna().to_numpy()
    return [np.where(gone, np.nan, (text == level).to_numpy(dtype=float)) for level in seen[1:]]


def find_people(
    frame: pd.DataFrame, exclusions: Names, left: Left
) -> tuple[list[NDArray[np.bool_]], list[tuple[Names, str]]]:
    """Mark who is analysed: everybody, then without the bearers of each and of any exclusion."""
    masks = [np.ones(len(frame), dtype=bool)]
    people: list[tuple[Names, str]] = [((), "everybody")]
    taken: list[str] = []
    for name in exclusions:
        if name not in frame or not frame[name].notna().any():
            left.append((f"without {write_column(name)}", "this cohort has no value of it"))
            continue
        free = numeric_column(frame, name) == 0
        if free.all() or not free.any():
            why = "nobody would be left out" if free.all() else "nobody would be left"
            left.append((f"without {write_column(name)}", why))
            continue
        taken.append(name)
        masks.append(free)
        people.append(((name,), f"without {write_column(name)}"))
    if len(taken) > 1:
        masks.append(np.logical_and.reduce(masks[1:]))
        people.append((tuple(taken), "without any of these"))
    return masks, people
