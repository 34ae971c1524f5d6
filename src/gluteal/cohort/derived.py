"""The derived analysis tables, and the one way to take variables from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gluteal.cohort.tables import BASELINE
from gluteal.errors import CannotTest, Fault, UserError
from gluteal.notation import write_label
from gluteal.variables import CONFIDENTIAL, variable

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["person", "visit", "side"]
FILES = ("people", "visits", "sides", "trials")
KEYS: dict[Unit, tuple[str, ...]] = {
    "person": ("participant_id",),
    "visit": ("participant_id", "visit"),
    "side": ("participant_id", "visit", "side"),
}


@dataclass(frozen=True)
class Cohort:
    """The derived tables of one cohort.

    Attributes
    ----------
    people, visits, sides : DataFrame
        One row a person; a person × visit; a person × visit × side. Columns are named as in the
        dictionary; booleans are pandas ``boolean``, categories ordered by the dictionary.
    trials : DataFrame
        Single trials, long: participant_id, visit, side, variable, assessor, trial, value.
    meta : dict
        What ``derive`` wrote down: title, synthetic, source hashes, counts, settings.
    flow : DataFrame
        Stages with the number of people, those excluded and the reason.
    """

    people: pd.DataFrame
    visits: pd.DataFrame
    sides: pd.DataFrame
    trials: pd.DataFrame
    meta: dict[str, Any] = field(default_factory=dict)
    flow: pd.DataFrame | None = None

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Name the variables that this cohort does not have a single value of."""
        tables = (self.people, self.visits, self.sides)
        return [n for n in names if not any(n in t and t[n].notna().any() for t in tables)]

    def only(self, levels: Mapping[str, Sequence[str]]) -> Cohort:
        """Keep the people whose fixed facts have one of the given levels.

        Raises
        ------
        UserError
            If a variable is not a fact of people, a level does not exist, or nobody is left.
        """
        people = self.people
        for name, words in levels.items():
            if name not in people:
                raise UserError(f"only: {name}: this cohort has no such fact of people")
            known = variable(name).levels
            if stray := [word for word in words if known and word not in known]:
                rule = f"only: {name}: no level {', '.join(stray)}"
                raise UserError(Fault("the config", rule, f"Levels: {', '.join(known)}."))
            column = people[name]
            text = column.astype("Int64") if str(column.dtype) == "boolean" else column
            people = people[text.astype("str").isin(words)]
        if people.empty:
            asked = "; ".join(_say_levels(name, words) for name, words in levels.items())
            rule = f"there is nobody of those it asks about ({asked})"
            raise CannotTest(Fault("the derived tables", rule, "Widen 'only'."))
        kept = people["participant_id"]
        tables = {
            name: table[table["participant_id"].isin(kept)].reset_index(drop=True)
            for name, table in (("visits", self.visits), ("sides", self.sides))
        }
        trials = self.trials[self.trials["participant_id"].isin(kept)]
        return replace(self, people=people.reset_index(drop=True), trials=trials, **tables)

    def frame(
        self, names: Sequence[str], unit: Unit = "person", visit: str | None = BASELINE
    ) -> pd.DataFrame:
        """Take variables at one grain, one row a unit, the key columns first.

        Parameters
        ----------
        names : sequence of str
            Variables of the dictionary. One that lives at a coarser grain is repeated.
        unit : {"person", "visit", "side"}
            What a row is. ``person`` takes the values of ``visit``.
        visit : str or None
            The visit of the values; None keeps all visits (not for persons).

        Raises
        ------
        UserError
            If the cohort lacks a variable, has it at a finer grain only, or it is confidential.
        """
        if lacking := self.lacks(names):
            raise UserError(f"this cohort lacks {', '.join(lacking)}")
        if secret := [n for n in names if n in CONFIDENTIAL]:
            rule = "for a clinician alone, not to be analysed"
            raise UserError([Fault("the config", rule, "Leave it out.", column=n) for n in secret])
        keys = KEYS[unit]
        base = {"person": self.people, "visit": self.visits, "side": self.sides}[unit]
        finer = {"person": (self.people, self.visits), "visit": (self.visits, self.people)}
        sources = finer.get(unit, (self.sides, self.visits, self.people))
        frame = base[list(keys)]
        if visit is not None and "visit" in keys:
            frame = frame[frame["visit"] == visit]
        for source in sources:
            wanted = [n for n in names if n not in frame and n in source]
            if not wanted:
                continue
            taken = source
            if "visit" in source and "visit" not in keys:
                taken = source[source["visit"] == visit]
            on = [k for k in keys if k in taken]
            frame = frame.merge(taken[[*on, *wanted]], on=on, how="left", validate="m:1")
        absent = [n for n in names if n not in frame]
        # A pelvis measured on one side alone has no tilt: the place is there, the value is not.
        empty = [n for n in absent if {"people", "visits"} & set(variable(n).derived)]
        if empty and unit != "side":
            frame = typed(frame.assign(**dict.fromkeys(empty)))
        elif absent:
            rule = f"not available one row a {unit}"
            remedy = "Name a variable of that grain, or another unit."
            raise UserError([Fault("the config", rule, remedy, column=n) for n in absent])
        return frame.reset_index(drop=True)


def _say_levels(name: str, words: Sequence[str]) -> str:
    known = variable(name)
    return (
        f"{write_label(known.label)}: {' or '.join(known.levels.get(word, word) for word in words)}"
    )


def read_cohort(folder: Path) -> Cohort:
    """Read the derived tables that ``gluteal derive`` wrote.

    Raises
    ------
    UserError
        With every file that is absent or cannot be read.
    """
    import json

    import pandas as pd

    words = {"stage": "str", "reason": "str"}
    names = (*(f"{name}.parquet" for name in FILES), "derived.json", "flow.csv")
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in names:
        path = folder / name
        try:
            if path.suffix == ".parquet":
                found[path.stem] = pd.read_parquet(path)
            elif path.suffix == ".json":
                found["meta"] = json.loads(path.read_text(encoding="utf-8"))
            else:
                found["flow"] = pd.read_csv(path, dtype=words, keep_default_na=False)
        except FileNotFoundError:
            faults.append(Fault(str(path), "no such file", "Run gluteal derive first."))
        except (OSError, ValueError) as error:
            rule = f"cannot be read ({type(error).__name__})"
            faults.append(Fault(str(path), rule, "Run gluteal derive again."))
    if faults:
        raise UserError(faults)
    return Cohort(**found)


def write_cohort(cohort: Cohort, folder: Path) -> None:
    """Write the derived tables; each file appears whole or not at all."""
    import json

    from gluteal.cohort.files import replace_file

    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        table: pd.DataFrame = getattr(cohort, name)
        with replace_file(folder / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    with replace_file(folder / "derived.json") as path:
        path.write_text(json.dumps(cohort.meta, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    if cohort.flow is not None:
        with replace_file(folder / "flow.csv") as path:
            cohort.flow.to_csv(path, index=False, lineterminator="\n")


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give every column the type that the dictionary declares."""
    import pandas as pd

    table = table.copy()
    for name in table.columns:
        try:
            known = variable(str(name))
        except KeyError:
            continue
        if known.kind == "boolean":
            table[name] = table[name].astype("boolean")
        elif known.kind == "category" and known.levels:
            levels = pd.CategoricalDtype(list(known.levels), ordered=known.ordered)
            table[name] = table[name].astype(levels)
        elif known.numeric:
            table[name] = pd.to_numeric(table[name]).astype("float64")
        else:
            table[name] = table[name].astype("str")
    return table
