"""The derived columns laid out as tables, in the dictionary's order and types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.cohort.derived import typed
from gluteal.cohort.tables import SIDES
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.harvest import Harvest
    from gluteal.cohort.roster import Roster
    from gluteal.cohort.tally import Tally

KEYS = ("participant_id", "visit", "side")


def _finish(columns: dict[str, Any], home: str, rows: int) -> pd.DataFrame:
    """Keep what belongs to a table and has a value, in the dictionary's order, typed."""
    import pandas as pd

    known = variables()
    kept: dict[str, Any] = {name: columns[name] for name in KEYS if name in columns}
    for name, variable in known.items():
        if name not in columns or home not in variable.derived or name in kept:
            continue
        values = columns[name]
        if variable.kind == "category" and getattr(values, "dtype", None) == np.float64:
            words = pd.Series(values).map("{:g}".format, na_action="ignore")
            values = words.astype(object).where(words.notna(), None)
        if pd.isna(values).all():
            continue
        kept[name] = values
    return typed(pd.DataFrame(kept, index=pd.RangeIndex(rows)))


def as_words(codes: Any, words: list[str]) -> Any:
    """Give codes their words, each word stored once."""
    import pandas as pd

    dtype = pd.CategoricalDtype(words)
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), dtype=dtype)


def lay_out_people(roster: Roster, derived: dict[str, Any]) -> pd.DataFrame:
    """One row a person."""
    columns = {str(name): roster.people[name].to_numpy() for name in roster.people} | derived
    return _finish(columns, "people", len(roster.people))


def lay_out_visits(
    roster: Roster, made: Harvest, scores: pd.DataFrame | None, tally: Tally
) -> pd.DataFrame:
    """One row a person × visit, those not attended included."""
    table = roster.visits
    columns: dict[str, Any] = {str(name): table[name].to_numpy() for name in table}
    columns |= _in_range(made.visits, tally)
    if scores is not None and len(scores):
        keys = ["participant_id", "visit"]
        scores = scores.astype(dict.fromkeys(keys, object)).set_index(keys)
        placed = scores.reindex(table[keys].astype(object).set_index(keys).index)
        columns |= {str(name): placed[name].to_numpy() for name in placed}
    return _finish(columns, "visits", len(table))


def lay_out_sides(roster: Roster, made: Harvest, tally: Tally) -> pd.DataFrame:
    """One row a person × visit × side, for visits with a value of a side."""
    table = roster.visits
    flat = {name: pairs.ravel() for name, pairs in _in_range(made.sides, tally).items()}
    here = np.zeros(2 * len(table), dtype=bool)
    for name, values in flat.items():
        if not name.endswith(("_trial_n", "lever_carried")):
            here |= ~np.isnan(values)
    columns: dict[str, Any] = {
        "participant_id": np.repeat(table["participant_id"].to_numpy(), 2)[here],
        "visit": np.repeat(table["visit"].to_numpy(), 2)[here],
        "side": np.tile(np.array(SIDES[:2], dtype=object), len(table))[here],
    }
    columns |= {name: values[here] for name, values in flat.items()}
    sides = _finish(columns, "sides", int(here.sum()))
    return sides.astype({"side": "str"})


def _in_range(columns: dict[str, Any], tally: Tally) -> dict[str, Any]:
    return {name: tally.keep_in_range(name, values) for name, values in columns.items()}


def lay_out_trials(roster: Roster, made: Harvest) -> pd.DataFrame:
    """One row a trial; words as categories, since there may be millions of rows."""
    import pandas as pd

    blocks = [
        (name, trials)
        for name, trials in made.trials
        if "trials" in variables()[name].derived and len(trials.value)
    ]
    names = [name for name, _ in blocks]

    def stack(part: str) -> Any:
        arrays = [getattr(trials, part) for _, trials in blocks]
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)

    row = stack("row")
    labels = sorted(set(roster.visits["visit"]))
    place = {label: n for n, label in enumerate(labels)}
    visit = roster.visits["visit"].map(place).to_numpy("int64")
    which = np.repeat(np.arange(len(blocks)), [len(trials.value) for _, trials in blocks])
    assessors = blocks[0][1].assessors if blocks else []

    people = list(roster.people["participant_id"])
    return pd.DataFrame(
        {
            "participant_id": as_words(roster.who[row], people),
            "visit": as_words(visit[row], labels),
            "side": as_words(stack("side"), list(SIDES)),
            "variable": as_words(which, names),
            "assessor": as_words(stack("assessor"), assessors),
            "session": np.ones(len(row), dtype=np.int16),
            "trial": stack("trial").astype(np.int16),
            "value": stack("value").astype(np.float64),
        }
    )
