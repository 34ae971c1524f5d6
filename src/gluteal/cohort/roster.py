"""Who is analysed, and at which visits: the rows that all derived tables hang on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.tables import BASELINE
from gluteal.cohort.wide import RUN_CHECK, index_unique
from gluteal.errors import Fault, UserError

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.grid import Column

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Roster:
    """People and visits in a fixed order, whatever the order of the files.

    Attributes
    ----------
    people : DataFrame
        The people analysed, sorted by id.
    visits : DataFrame
        Their visits, sorted by id, planned week and name.
    who : array, shape (visits,)
        Place in ``people`` of each visit's person.
    everyone : frozenset of str
        All ids of the package, with those that are not analysed.
    all_visits : DataFrame
        The keys of all visits of the package.
    """

    people: pd.DataFrame
    visits: pd.DataFrame
    who: Codes
    everyone: frozenset[str]
    all_visits: pd.DataFrame

    @property
    def week(self) -> NDArray[np.float64]:
        """Week of each visit: the actual one, or the planned one where that is not known."""
        planned = self.visits["week_nominal"].to_numpy("float64")
        if "study_day" not in self.visits:
            return planned
        actual = self.visits["study_day"].to_numpy("float64") / 7
        return np.where(np.isnan(actual), planned, actual)

    @property
    def baseline(self) -> Codes:
        """Row of each person's baseline visit; -1 where there is none."""
        rows = np.full(len(self.people), -1, dtype=np.int64)
        here = np.flatnonzero(self.visits["visit"].to_numpy() == BASELINE)
        rows[self.who[here]] = here
        return rows

    def locate(self, file: str, ids: Column, visit: Column) -> tuple[Codes, NDArray[np.bool_]]:
        """Find the visit's row of each row of a long table, and which rows are analysed.

        Raises
        ------
        UserError
            For a participant or a visit that the package does not list.
        """
        person = self._people(file, ids)
        labels = sorted(set(self.all_visits["visit"]) | set(visit.words))
        width = len(labels)
        place = {label: n for n, label in enumerate(labels)}
        code = np.array([place[word] for word in visit.words] or [0], dtype=np.int64)[visit.codes]
        known = np.full(len(self.everyone) * width, -1, dtype=np.int64)
        number = {name: n for n, name in enumerate(sorted(self.everyone))}
        known[_flat(self.all_visits, number, place, width)] = -2
        known[_flat(self.visits, number, place, width)] = np.arange(len(self.visits))
        row = known[person * width + code]
        if (row == -1).any():
            first = int((row == -1).argmax())
            rule = f"{int((row == -1).sum())} rows are of visits that visits does not list"
            where = f"{ids.text(first)} at {visit.text(first)}"
            raise UserError(Fault(file, rule, RUN_CHECK, first + 2, "visit", where))
        return row, row >= 0

    def _people(self, file: str, ids: Column) -> Codes:
        number = {name: n for n, name in enumerate(sorted(self.everyone))}
        codes = np.array([number.get(word, -1) for word in ids.words] or [0], dtype=np.int64)
        person = codes[ids.codes]
        if (person < 0).any():
            first = int((person < 0).argmax())
            rule = f"{int((person < 0).sum())} rows are of people that participants does not list"
            raise UserError(
                Fault(file, rule, RUN_CHECK, first + 2, "participant_id", ids.text(first))
            )
        return person

    def people_of(self, file: str, ids: Column) -> Codes:
        """Return the place in ``people`` of each row's person; -1 for those not analysed."""
        kept = {name: n for n, name in enumerate(self.people["participant_id"])}
        self._people(file, ids)
        places = np.array([kept.get(word, -1) for word in ids.words] or [0], dtype=np.int64)
        return places[ids.codes]


def _flat(table: pd.DataFrame, number: dict[str, int], place: dict[str, int], width: int) -> Any:
    ids = table["participant_id"].map(number).to_numpy("int64")
    return ids * width + table["visit"].map(place).to_numpy("int64")


def make_roster(
    participants: pd.DataFrame, visits: pd.DataFrame, excluded: frozenset[str]
) -> Roster:
    """Sort people and visits, leave out who is excluded.

    Raises
    ------
    UserError
        If a key stands twice, or a visit is of somebody unknown.
    """
    index_unique(participants, "participants", ["participant_id"])
    index_unique(visits, "visits", ["participant_id", "visit"])
    everyone = frozenset(participants["participant_id"])
    strange = ~visits["participant_id"].isin(list(everyone))
    if strange.any():
        row = int(strange.to_numpy().argmax())
        rule = f"{int(strange.sum())} visits are of people that participants does not list"
        value = str(visits["participant_id"].iloc[row])
        raise UserError(Fault("visits", rule, RUN_CHECK, row + 2, "participant_id", value))
    people = participants[~participants["participant_id"].isin(list(excluded))]
    people = people.sort_values("participant_id").reset_index(drop=True)
    if people.empty:
        raise UserError("nobody is left to analyse: every participant is excluded")
    kept = visits[visits["participant_id"].isin(people["participant_id"])]
    kept = kept.sort_values(["participant_id", "week_nominal", "visit"]).reset_index(drop=True)
    places = {name: n for n, name in enumerate(people["participant_id"])}
    who: Codes = kept["participant_id"].map(places).to_numpy("int64").astype(np.int64)
    keys = visits[["participant_id", "visit"]]
    return Roster(people, kept, who, everyone, keys)
