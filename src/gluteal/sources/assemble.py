"""The rows of all files become tables: repeats merged, keys checked, references resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gluteal.cohort.tables import TABLES, Table
from gluteal.errors import Fault
from gluteal.sources.rows import Row
from gluteal.variables import variables

if TYPE_CHECKING:
    import pyarrow as pa

UNSAID = "NA:not_recorded"
OPTIONAL = {"reason_not_done": "na", "censored": "none", "reason_missing": "na"}
"""Columns that are left out where every row has this value."""


def assemble(
    rows: Mapping[str, list[Row]], counted: Iterable[str]
) -> tuple[dict[str, list[dict[str, str]]], list[Fault]]:
    """Bring rows into tables.

    Rows of one key are one row where tables are open to the dictionary (a person's sex may stand
    on every line of a long file), as long as they agree; elsewhere a repeat is a fault.

    Parameters
    ----------
    rows : mapping
        Rows by table, in the order of files and lines.
    counted : iterable of str
        Tables whose repeats are numbered as trials.
    """
    counted = set(counted)
    tables: dict[str, list[dict[str, str]]] = {}
    faults: list[Fault] = []
    for name, table in TABLES.items():
        if name not in rows:
            continue
        given = rows[name]
        if name in counted:
            _count_trials(given, table)
        merged: dict[tuple[str, ...], Row] = {}
        for row in given:
            key = tuple(row.cells.get(column, "na") for column in table.key)
            first = merged.setdefault(key, row)
            if first is not row:
                faults += _join(first, row, table)
        tables[name] = [row.cells for row in merged.values()]
        faults += _unknown(table, merged.values(), tables)
    return tables, faults


def _count_trials(given: list[Row], table: Table) -> None:
    key = [column for column in table.key if column != "trial"]
    seen: dict[tuple[str, ...], int] = {}
    for row in given:
        if "trial" not in row.cells:
            place = tuple(row.cells.get(column, "na") for column in key)
            seen[place] = seen.get(place, 0) + 1
            row.cells["trial"] = str(seen[place])


def _join(first: Row, row: Row, table: Table) -> list[Fault]:
    if table.name in ("measurements", "responses"):
        rule = f"stands here again: {', '.join(table.key[:2])} and what was asked are as in row"
        remedy = "Remove one, number the trials (fields: trial), or set count_trials: true."
        if table.name == "responses":
            remedy = "Remove one of them."
        what = row.cells.get("test") or row.cells.get("item", "")
        return [Fault(row.file, f"{rule} {first.line}", remedy, row.line, value=what)]
    faults: list[Fault] = []
    for column, value in row.cells.items():
        before = first.cells.setdefault(column, value)
        if before in ("", UNSAID):
            first.cells[column] = value
        elif value not in (before, "", UNSAID):
            rule = f"contradicts row {first.line} of {first.file}, which says {before!r}"
            faults.append(Fault(row.file, rule, "Correct one of them.", row.line, column, value))
    return faults


def _unknown(
    table: Table, rows: Iterable[Row], tables: Mapping[str, list[dict[str, str]]]
) -> list[Fault]:
    faults: list[Fault] = []
    wanted = {"participants": ("participant_id",), "visits": ("participant_id", "visit")}
    for parent, columns in wanted.items():
        if parent == table.name or parent not in tables or not {*columns} <= {*table.key}:
            continue
        known = {tuple(cells[column] for column in columns) for cells in tables[parent]}
        told: set[tuple[str, ...]] = set()
        for row in rows:
            place = tuple(row.cells.get(column, "") for column in columns)
            if place not in known and place not in told:
                told.add(place)
                rule = f"{' at '.join(place)} has {table.name} and no row in {parent}"
                remedy = f"Add the row, or a rule with table: {parent} for this file."
                faults.append(Fault(row.file, rule, remedy, row.line))
    return faults


def as_table(name: str, rows: list[dict[str, str]]) -> pa.Table:
    """Lay rows out in the order of the table's columns, then of the dictionary; no empty cell."""
    import pyarrow as pa

    there = {column for row in rows for column in row}
    for column, value in OPTIONAL.items():
        if column in there and all(row.get(column, value) == value for row in rows):
            there.discard(column)
    structural = [c.name for c in TABLES[name].columns if c.name in there]
    ordered = [*structural, *(v for v in variables() if v in there and v not in structural)]
    cells = {
        column: pa.array(
            [row.get(column) or _default(column, structural) for row in rows], pa.string()
        )
        for column in ordered
    }
    return pa.table(cells)


def _default(column: str, structural: list[str]) -> str:
    if column not in structural:
        return UNSAID
    return {"censored": "none", "version": "0", "pain_during": UNSAID}.get(column, "na")
