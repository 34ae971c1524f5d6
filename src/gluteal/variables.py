"""The data dictionary: every variable's name, label, unit, range, levels and place.

One row of ``variables.csv`` a variable; schema, captions, axes, codebook and checks read it here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from gluteal.errors import suggest

CONFIDENTIAL: frozenset[str] = frozenset({"phq9_safety"})
"""Derived for a clinician alone: no analysis can take it, no table, figure or log shows it."""

Kind = Literal["number", "integer", "category", "boolean", "text"]
NOT_APPLICABLE: dict[str, str] = {
    "arm": "given to people in the programme's trial only",
    "adherence": "has a meaning in the programme only",
    "sessions_done": "has a meaning in the programme only",
    "stage_reached": "has a meaning in the programme only",
    "adherence_interval": "has a meaning in the programme only",
    "adherence_to_date": "has a meaning in the programme only",
    "stage_at_visit": "has a meaning in the programme only",
    "session_pain_mean": "has a meaning in the programme only",
    "neutral_spine_share": "has a meaning in the programme only",
    "incident_lbp": "has a meaning for people free of pain at entry only",
    "incident_lbp_day": "has a meaning for people free of pain at entry only",
    "follow_up_day": "says itself how long somebody was followed",
    "pain_side": "has a meaning for people in pain only",
    "lbp_duration_wk": "has a meaning for people in pain only",
    "lbp_duration_class": "has a meaning for people in pain only",
    "gpe7": "compares with a time that only some people have",
    "pgic7": "compares with a time that only some people have",
    "attended": "says itself whether a visit took place",
    "reason_absent": "says itself why a visit did not take place",
}
"""Variables whose empty cells are no missing values, and why: they are never imputed."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the dictionary.

    ``tables`` lists where it lives: ``participants`` and ``visits`` are columns of the cohort
    package; ``measurements`` is a value of the long table, identified by ``test``, ``muscle`` and
    ``position``; ``people``, ``visits*`` and ``sides`` are derived tables (see ``derived``).
    ``low`` and ``high`` are the hard range (outside is an error), ``soft_low`` and ``soft_high``
    the range outside which a value goes to the query list. ``node`` is its node in the causal
    graph. ``higher`` says in words what a larger value means, where the sign is a known trap.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    low: float | None
    high: float | None
    soft_low: float | None
    soft_high: float | None
    levels: dict[str, str]
    ordered: bool
    tables: tuple[str, ...]
    derived: tuple[str, ...]
    test: str
    muscle: str
    instrument: str
    node: str
    higher: str
    source: str
    note: str

    @property
    def axis(self) -> str:
        """Label with unit, as an axis or a table row prints it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def numeric(self) -> bool:
        """Whether arithmetic on it makes sense."""
        return self.kind in ("number", "integer")


def _number(text: str) -> float | None:
    return float(text) if text else None


def _levels(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in text.split("|") if part)
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}


@cache
def variables() -> dict[str, Variable]:
    """Read the whole dictionary, by name, in the order of the file."""
    table = files("gluteal").joinpath("variables.csv").read_text(encoding="utf-8")
    found: dict[str, Variable] = {}
    for row in csv.DictReader(table.splitlines()):
        kind: Kind = row["kind"]  # pyright: ignore[reportAssignmentType]
        found[row["name"]] = Variable(
            name=row["name"],
            label=row["label"],
            unit=row["unit"],
            kind=kind,
            low=_number(row["low"]),
            high=_number(row["high"]),
            soft_low=_number(row["soft_low"]),
            soft_high=_number(row["soft_high"]),
            levels=_levels(row["levels"]),
            ordered=row["ordered"] == "yes",
            tables=tuple(row["tables"].split()),
            derived=tuple(row["derived"].split()),
            test=row["test"],
            muscle=row["muscle"],
            instrument=row["instrument"],
            node=row["node"],
            higher=row["higher"],
            source=row["source"],
            note=row["note"],
        )
    return found


def variable(name: str) -> Variable:
    """Look one variable up.

    Raises
    ------
    KeyError
        If the dictionary has no such variable; the message names the nearest one.

    Examples
    --------
    >>> variable("hip_abd_nm_kg").unit
    'Nm/kg'
    """
    known = variables()
    if name not in known:
        raise KeyError(f"no variable {name!r}. {suggest(name, known)}".strip())
    return known[name]
