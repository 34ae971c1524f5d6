"""Repeated measurements as tables: a row a person, a column an assessor or a trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gluteal.variables import Variable, variable, variables

if TYPE_CHECKING:
    import pandas as pd

Facet = Literal["assessor", "trial"]
BETWEEN: dict[str, str] = {"assessor": "between assessors", "trial": "between trials"}


@dataclass(frozen=True)
class Repeats:
    """Scores of one measure on one side: a row a person, a column an assessor or a trial.

    An assessor's score is the mean of the assessor's trials; between trials only those of the
    first assessor (by name) count.
    """

    known: Variable
    facet: Facet
    side: str
    scores: pd.DataFrame

    @property
    def model(self) -> str:
        """Say what was repeated, and on which side."""
        place = "" if self.side == "na" else f", {self.side} side"
        return f"{BETWEEN[self.facet]}{place}"

    @property
    def missing(self) -> int:
        """Count empty cells."""
        return int(self.scores.isna().to_numpy().sum())

    def complete(self) -> Repeats:
        """Keep the people who have every score."""
        return Repeats(self.known, self.facet, self.side, self.scores.dropna())


def list_measures(present: Iterable[str]) -> list[str]:
    """List measures in the order of the dictionary; of one force, the form per body mass only.

    Examples
    --------
    >>> list_measures(["sls_time_s", "hip_abd_n", "hip_abd_nm", "hip_abd_nm_kg"])
    ['hip_abd_nm_kg', 'sls_time_s']
    """
    there = set(present)
    torques = {name.removesuffix("_kg") for name in there if name.endswith("_nm_kg")}
    coarse = torques | {name.removesuffix("m") for name in torques}
    return [name for name in variables() if name in there and name not in coarse]


def take_repeats(
    trials: pd.DataFrame, name: str, facets: Iterable[Facet], sides: Iterable[str]
) -> Iterator[Repeats]:
    """Lay the trials of one measure out, wherever at least two people have two scores.

    Parameters
    ----------
    trials : DataFrame
        Of one visit: participant_id, side, variable, assessor, trial, value.
    name : str
        A variable of the dictionary.
    facets : iterable of {"assessor", "trial"}
        What repeats the measurement.
    sides : iterable of str
        ``left``, ``right``, ``na``: in this order they come out.
    """
    rows = trials[(trials["variable"] == name) & trials["value"].notna()]
    rows = rows.astype({"participant_id": "str", "assessor": "str", "side": "str"})
    wanted = tuple(facets)
    for side in sides:
        here = rows[rows["side"] == side]
        for facet in wanted:
            if here[facet].nunique() < 2:
                continue
            taken = here
            if facet == "trial":
                first = here.groupby("participant_id")["assessor"].transform("min")
                taken = here[here["assessor"] == first]
            scores = taken.pivot_table("value", "participant_id", facet, "mean")
            twice = scores.notna().sum(axis=1) >= 2
            # Assessors: only people whom two of them saw took part in that comparison.
            scores = scores[twice] if facet == "assessor" else scores
            scores = scores.dropna(axis=1, how="all")
            if scores.shape[1] >= 2 and twice.sum() >= 2:
                yield Repeats(variable(name), facet, side, scores)
