"""Published constants with their sources: MIC, MDC, cut-offs, numbers to compare a cohort with."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from gluteal.errors import suggest

Mark = Literal["V", "S", "M", "D"]
MEANING: dict[str, str] = {
    "V": "verified in the source",
    "S": "computed by simulation",
    "M": "from memory, not verified",
    "D": "a decision of this project",
}


@dataclass(frozen=True, slots=True)
class Constant:
    """A number with its provenance.

    ``mark`` says how far it may be trusted: V seen in the source, S simulated here, D decided
    here, M from memory. One marked M is never printed without the word "unverified".
    """

    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    meaning: str
    source: str
    url: str
    mark: Mark
    checked_by: str
    checked_on: str

    @property
    def verified(self) -> bool:
        """Whether a person or a computation has seen this number in its source."""
        return self.mark in ("V", "S")

    def cite(self) -> str:
        """Write value, unit and source as a report prints them."""
        note = {"M": "; unverified", "D": "; project decision"}.get(self.mark, "")
        return f"{self.value:g} {self.unit} ({self.source}{note})".replace("  ", " ")


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def constants() -> dict[str, Constant]:
    """Read the versioned table ``constants.csv``: one constant a row, by name."""
    table = files("gluteal").joinpath("constants.csv").read_text(encoding="utf-8")
    found: dict[str, Constant] = {}
    for row in csv.DictReader(table.splitlines()):
        value = float(row.pop("value"))
        low, high = _number(row.pop("low")), _number(row.pop("high"))
        mark: Mark = row.pop("mark")  # pyright: ignore[reportAssignmentType]
        found[row["name"]] = Constant(value=value, low=low, high=high, mark=mark, **row)
    return found


def constant(name: str) -> Constant:
    """Look one constant up.

    Raises
    ------
    KeyError
        If no row of the table has this name.

    Examples
    --------
    >>> constant("newton_per_kgf").value
    9.80665
    """
    known = constants()
    if name not in known:
        raise KeyError(f"no constant {name!r}. {suggest(name, known)}")
    return known[name]
