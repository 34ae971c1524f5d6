"""Which cells of the derived tables are missing, and which of those may be imputed.

A value that nobody was asked for is not missing: a variable that a visit did not collect, that one
group is never given, or that has no meaning for a person (the arm of somebody outside the trial).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.variables import NOT_APPLICABLE, variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

PERSON, VISIT = "participant_id", "visit"
PEOPLE, VISITS = "people", "visits"
ABSENT_FOR_GOOD = ("died", "not_scheduled")
LEAST_GROUP = 10
"""People of a group who came and none of whom has a value: the group was not asked."""


@dataclass(frozen=True)
class Gap:
    """One column of the wide table: a variable, at a visit if it changes, one row a person.

    Attributes
    ----------
    codes : ndarray, shape (people,)
        Numbers; 0 and 1 for yes/no; the position among the dictionary's levels for categories.
    wanted : ndarray of bool, shape (people,)
        Missing cells to be imputed.
    """

    table: str
    variable: str
    visit: str
    codes: Floats
    wanted: NDArray[np.bool_]

    @property
    def name(self) -> str:
        """Variable and visit, for messages."""
        return f"{self.variable} at {self.visit}" if self.visit else self.variable


def to_numbers(column: Any, name: str) -> Floats:
    """Code a column of the dictionary as numbers, NaN where missing."""
    import pandas as pd

    known = variables()[name]
    if known.kind == "category":
        place = {level: float(k) for k, level in enumerate(known.levels)}
        text = column.astype("str").where(column.notna())
        return text.map(place).to_numpy(dtype=float, na_value=np.nan)
    return pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)


def from_numbers(values: Floats, name: str) -> list[Any]:
    """Turn codes back into values of the dictionary."""
    known = variables()[name]
    if known.kind == "category":
        levels = list(known.levels)
        return [levels[int(value)] for value in values]
    return [bool(value) for value in values] if known.kind == "boolean" else values.tolist()


def choose_variables(
    cohort: Cohort, names: Iterable[str], never: Collection[str] = ()
) -> tuple[list[str], list[tuple[str, str]]]:
    """Part variables into those that can be imputed and those that cannot, with the reason.

    Returns
    -------
    chosen : list of str
    left_out : list of (variable, reason)
    """
    chosen: list[str] = []
    left: list[tuple[str, str]] = []
    for name in dict.fromkeys(names):
        known = variables()[name]
        table = next((t for t in (cohort.people, cohort.visits) if name in t), None)
        if name in NOT_APPLICABLE:
            left.append((name, NOT_APPLICABLE[name]))
        elif name in never:
            left.append((name, "the study says never"))
        elif known.kind == "text" or (known.kind == "category" and not known.levels):
            left.append((name, "is free text"))
        elif table is None and name in cohort.sides:
            left.append((name, "has one row a side; only people and visits are imputed"))
        elif table is None or not table[name].notna().any():
            left.append((name, "this cohort has no value of it"))
        else:
            chosen.append(name)
    return chosen, left


def find_gaps(cohort: Cohort, names: Iterable[str]) -> list[Gap]:
    """Lay variables out wide, one column for each visit that collected them.

    Cells of visits that a person did not attend are wanted like any other, unless the person had
    died or was not to come; a visit's column is left out where nobody has a value of it.
    """
    people: pd.DataFrame = cohort.people
    order = people[PERSON]
    groups = _groups(people)
    weeks: Any = cohort.visits.groupby(VISIT, sort=False)["week_nominal"].min()
    by_visit = {
        str(visit): cohort.visits[cohort.visits[VISIT] == visit].set_index(PERSON).reindex(order)
        for visit in weeks.sort_values(kind="stable").index
    }
    found: list[Gap] = []
    for name in names:
        if name in people:
            values = to_numbers(people[name], name)
            found.append(Gap(PEOPLE, name, "", values, np.isnan(values)))
            continue
        for visit, table in by_visit.items():
            values = to_numbers(table[name], name)
            if np.isnan(values).all():
                continue
            may = _scheduled(table) & ~_not_asked(values, table, groups)
            found.append(Gap(VISITS, name, visit, values, np.isnan(values) & may))
    return found


def _groups(people: pd.DataFrame) -> NDArray[np.intp]:
    """Give people that may be asked different things different numbers."""
    names = [name for name in ("lbp", "arm") if name in people]
    keys = np.zeros((len(people), 1 + len(names)))
    for k, name in enumerate(names):
        keys[:, k + 1] = np.nan_to_num(to_numbers(people[name], name), nan=-1.0)
    return np.unique(keys, axis=0, return_inverse=True)[1].ravel().astype(np.intp)


def _scheduled(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Say who has a row of this visit and could have come."""
    there = table[VISIT].notna().to_numpy()
    if "reason_absent" in table:
        there = there & ~table["reason_absent"].astype("str").isin(ABSENT_FOR_GOOD).to_numpy()
    return there


def _not_asked(values: Floats, table: pd.DataFrame, groups: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say who belongs to a group that came and has no value at all."""
    came = table["attended"].fillna(False).to_numpy(dtype=bool) if "attended" in table else True
    present = np.broadcast_to(came, values.shape)
    size = np.bincount(groups[present], minlength=int(groups.max(initial=0)) + 1)
    seen = np.bincount(groups[~np.isnan(values)], minlength=len(size))
    return ((size >= LEAST_GROUP) & (seen == 0))[groups]
