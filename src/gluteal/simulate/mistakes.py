"""Kinds of errors in real files: which rows they can happen to, and what they do to cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.cohort.tables import UNITS
from gluteal.simulate.sheet import coded

RATES: dict[str, dict[str, float]] = {
    "visits": {"mass_in_lb": 0.005, "day_typo": 0.004, "duplicated_row": 0.003},
    "measurements": {
        "kgf_as_n": 0.010,
        "lbf_as_n": 0.005,
        "lever_in_cm": 0.005,
        "sides_swapped": 0.003,
        "duplicated_row": 0.003,
        "decimal_comma": 0.004,
        "trailing_space": 0.003,
        "id_case": 0.003,
        "missing_code": 0.005,
    },
    "responses": {
        "vas_in_cm": 0.010,
        "nprs_out_of_range": 0.004,
        "duplicated_row": 0.003,
        "trailing_space": 0.003,
        "id_case": 0.003,
        "missing_code": 0.005,
        "ipaq_implausible": 0.015,
        "ipaq_in_hours": 0.005,
    },
}
"""Share of a person's visits with each kind of error, by table."""
ONCE = ("ipaq_implausible", "ipaq_in_hours")
"""Kinds of the baseline visit only."""
_NOTHING = "NA:"


@dataclass
class Cells:
    """A chunk as codes and words, with cells that can be overwritten."""

    table: pa.Table
    codes: dict[str, Any] = field(default_factory=dict[str, Any])
    words: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def column(self, name: str) -> Any:
        """Return the codes of a column; its words are in ``words``."""
        if name not in self.codes:
            chunk: Any = self.table[name].combine_chunks()
            self.codes[name] = chunk.indices.to_numpy().copy()
            self.words[name] = chunk.dictionary.to_pylist()
        return self.codes[name]

    def text(self, name: str, row: int) -> str:
        """Return what a cell holds."""
        codes = self.column(name)
        return self.words[name][codes[row]]

    def where(self, name: str, *words: str) -> Any:
        """Say which rows hold one of some words."""
        column = self.column(name)
        return np.isin(column, [i for i, word in enumerate(self.words[name]) if word in words])

    def write(self, name: str, row: int, text: str) -> None:
        """Overwrite a cell."""
        self.column(name)[row] = len(self.words[name])
        self.words[name].append(text)

    def finish(self, order: Any) -> pa.Table:
        """Return the rows, as they are now, in an order that may repeat some."""
        table = self.table
        for name, codes in self.codes.items():
            column = coded(codes, self.words[name])
            table = table.set_column(table.column_names.index(name), name, column)
        return table.take(pa.array(order)) if len(order) != len(table) else table


Hit = tuple[int, str, str]
"""Row, column and the new text of one cell."""


def find_able(name: str, kind: str, grid: Cells) -> Any:
    """Say which rows of a table an error of one kind can happen to."""
    rows = len(grid.table)
    if name == "visits":
        came = grid.where("attended", "1")
        return came & ~grid.where("visit", "baseline") if kind == "day_typo" else came
    there = ~np.isin(
        grid.column("value"),
        [i for i, w in enumerate(grid.words["value"]) if w.startswith(_NOTHING)],
    )
    if name == "measurements":
        if kind in ("kgf_as_n", "lbf_as_n"):
            return there & grid.where("test", "hip_force")
        if kind == "lever_in_cm":
            return there & grid.where("test", "lever_arm")
        if kind == "sides_swapped":
            return grid.where("test", "hip_force", "lever_arm")
        if kind == "decimal_comma":
            points = [i for i, word in enumerate(grid.words["value"]) if "." in word]
            return np.isin(grid.column("value"), points)
        return there if kind == "missing_code" else np.ones(rows, dtype=bool)
    own = {"vas_in_cm": "vas", "nprs_out_of_range": "nprs"}
    if kind in own:  # 0 cm is 0 mm
        zero = grid.where("value", "0") & (kind == "vas_in_cm")
        return there & grid.where("instrument", own[kind]) & ~zero
    if kind in ONCE:
        minutes = grid.where("item", "vig_min", "mod_min", "walk_min") & ~grid.where("value", "0")
        return there & minutes & grid.where("instrument", "ipaq_sf")
    plain = ~grid.where("instrument", "vas", "nprs", "ipaq_sf")
    return plain & there if kind == "missing_code" else plain


def _scaled(factor: float, decimals: int, column: str = "value") -> Callable[..., list[Hit]]:
    def change(grid: Cells, rows: Any, rng: Any) -> list[Hit]:
        found = [(int(row), float(grid.text(column, row)) * factor) for row in rows]
        return [(row, column, f"{round(value, decimals):.12g}") for row, value in found]

    return change


def _one(make: Callable[[Cells, int, Any], tuple[str, str]]) -> Callable[..., list[Hit]]:
    """Change one cell of one row, drawn among those able."""

    def change(grid: Cells, rows: Any, rng: Any) -> list[Hit]:
        row = int(rng.choice(rows))
        return [(row, *make(grid, row, rng))]

    return change


def _swap(grid: Cells, rows: Any, rng: Any) -> list[Hit]:
    other = {"left": "right", "right": "left"}
    return [(int(row), "side", other[grid.text("side", row)]) for row in rows]


def _day(grid: Cells, row: int, rng: Any) -> tuple[str, str]:
    day = int(grid.text("study_day", row))
    return "study_day", str(day + 365 if rng.random() < 0.5 else day - 7 * int(rng.integers(5, 9)))


def _space(grid: Cells, row: int, rng: Any) -> tuple[str, str]:
    column = "test" if "test" in grid.table.column_names else "item"
    return column, grid.text(column, row) + " "


def _implausible(grid: Cells, rows: Any, rng: Any) -> list[Hit]:
    return [(int(row), "value", str(10 * int(rng.integers(99, 121)))) for row in rows[:1]]


CHANGES: dict[str, Callable[[Cells, Any, Any], list[Hit]]] = {
    "mass_in_lb": _scaled(1 / UNITS["kg"]["lb"], 1, "body_mass_kg"),
    "day_typo": _one(_day),
    "kgf_as_n": _scaled(1 / UNITS["N"]["kgf"], 1),
    "lbf_as_n": _scaled(1 / UNITS["N"]["lbf"], 1),
    "lever_in_cm": _scaled(100.0, 1),
    "sides_swapped": _swap,
    "decimal_comma": _one(lambda g, row, rng: ("value", g.text("value", row).replace(".", ","))),
    "trailing_space": _one(_space),
    "id_case": _one(lambda g, row, rng: ("participant_id", g.text("participant_id", row).lower())),
    "missing_code": _one(lambda g, row, rng: ("value", "-9" if rng.random() < 0.5 else "999")),
    "vas_in_cm": _scaled(0.1, 1),
    "nprs_out_of_range": _one(lambda g, row, rng: ("value", "11" if rng.random() < 0.5 else "55")),
    "ipaq_implausible": _implausible,
    "ipaq_in_hours": _scaled(1 / 60, 2),
}
"""What each kind does to the rows of one person's visit."""
