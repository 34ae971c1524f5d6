"""One variable in several groups of people: its samples, counts and standardised differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.balance import difference_of_levels, difference_of_means
from gluteal.estimators.describe import Summary, count_levels, summarise
from gluteal.estimators.suppression import Mark, suppress_counts
from gluteal.notation import write_list
from gluteal.variables import Variable, variables

if TYPE_CHECKING:
    import pandas as pd

WHERE = "the derived tables"


def as_levels(frame: pd.DataFrame, known: Variable) -> pd.Series[Any]:
    """Return a yes/no or category column as the dictionary's level codes, missing left missing."""
    column: Any = frame[known.name]
    if known.kind == "boolean":
        return column.astype("boolean").map({True: "1", False: "0"}, na_action="ignore")
    return column.astype("str").where(column.notna())


@dataclass(frozen=True)
class Groups:
    """The groups that a variable parts people into, in the dictionary's order.

    Attributes
    ----------
    by : Variable
    labels : list of str
        One a group.
    masks : list of ndarray of bool, shape (n,)
        Who is in each group.
    n_without : int
        People whose group is not known.
    """

    by: Variable
    labels: list[str]
    masks: list[Any]
    n_without: int

    @property
    def sizes(self) -> list[int]:
        """People in each group."""
        return [int(mask.sum()) for mask in self.masks]


def part_people(frame: pd.DataFrame, name: str) -> Groups:
    """Part the rows of a frame, one a person, by a yes/no variable or a category.

    Raises
    ------
    UserError
        If the variable cannot group people, or if there are fewer than two groups.
    """
    by = variables()[name]
    if by.kind not in ("boolean", "category"):
        remedy = "Group by a yes/no variable or a category."
        raise UserError(Fault(WHERE, "cannot group people", remedy, column=name))
    text = as_levels(frame, by)
    seen = set(text.dropna())
    levels = [level for level in by.levels if level in seen]
    if len(levels) < 2:
        only = write_list([by.levels[one] for one in levels]) or "no value"
        remedy = "A comparison needs two groups: choose another grouping variable."
        raise CannotTest(Fault(WHERE, f"has only one level here: {only}", remedy, column=name))
    masks = [(text == level).to_numpy(dtype=bool, na_value=False) for level in levels]
    labels = [by.levels[level] for level in levels]
    labels = [f"{by.label}: {one}" if one in ("yes", "no") else one for one in labels]
    return Groups(by, labels, masks, int(text.isna().sum()))


@dataclass(frozen=True)
class Cell:
    """One count: level and group by place (the last group is all), its total, and how it shows."""

    level: int
    group: int
    n: int
    total: int
    mark: Mark


class Row:
    """One variable in each group.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    name : str
        A number, yes/no variable or category.
    groups : Groups
    least : int
        The smallest number of people that may be shown.

    Raises
    ------
    UserError
        If the variable is free text.
    """

    def __init__(self, frame: pd.DataFrame, name: str, groups: Groups, least: int) -> None:
        import pandas as pd

        self.name, self.known, self.groups, self.least = name, variables()[name], groups, least
        if self.known.kind == "text":
            remedy = "Take it out of the rows."
            raise UserError(Fault(WHERE, "is free text", remedy, column=name))
        self.numeric = self.known.numeric
        self.levels = [] if self.numeric else list(self.known.levels)
        if self.numeric:
            values: Any = pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan)
        else:
            values = as_levels(frame, self.known)
        self.samples: list[Any] = [values[mask] for mask in groups.masks]
        self.missing = [int(pd.isna(sample).sum()) for sample in self.samples]
        self.sizes = [len(s) - m for s, m in zip(self.samples, self.missing, strict=True)]

    def difference(self, group: int) -> float:
        """Return the standardised difference of a group against the first."""
        if self.numeric:
            return difference_of_means(self.samples[0], self.samples[group])
        return difference_of_levels(*(self._counts(at) for at in (0, group)))

    def _counts(self, group: int) -> list[int]:
        return count_levels(self.samples[group].dropna(), self.levels)

    def about(self) -> list[Summary]:
        """Describe a number in each group, then in all."""
        return [summarise(one) for one in (*self.samples, np.concatenate(self.samples))]

    def enough(self) -> list[bool]:
        """Say whether each group, then all, may be described; one too small also hides all."""
        some = [n >= self.least or n == 0 for n in self.sizes]
        return [*(s and n > 0 for s, n in zip(some, self.sizes, strict=True)), all(some)]

    def cells(self) -> list[Cell]:
        """Count the levels of a category in each group and in all."""
        counts = [
            list(row) for row in zip(*map(self._counts, range(len(self.samples))), strict=True)
        ]
        marks = suppress_counts(counts, self.least)
        totals = [*self.sizes, sum(self.sizes)]
        return [
            Cell(i, j, n, totals[j], marks[i][j])
            for i, row in enumerate(counts)
            for j, n in enumerate([*row, sum(row)])
        ]
