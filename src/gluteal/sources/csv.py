"""Mapped CSV files: read them by a mapping, give the tables of a cohort package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError
from gluteal.provenance import hash_file
from gluteal.sources.assemble import as_table, assemble
from gluteal.sources.mapping import Mapping, read_mapping
from gluteal.sources.raw import read_raw
from gluteal.sources.review import review
from gluteal.sources.rows import Harvest, Harvester, Row, find_columns

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Ingested:
    """The tables made from raw files, all cells text, and where they come from."""

    title: str
    synthetic: bool
    tables: dict[str, pa.Table]
    provenance: dict[str, Any]


def ingest(mapping: Path, project: Path) -> Ingested:
    """Read the files that a ``mapping.yaml`` names.

    Parameters
    ----------
    mapping : Path
        The mapping.
    project : Path
        The folder that its paths are relative to.

    Raises
    ------
    UserError
        With every fault of the mapping; if it has none, with every fault of the files: file, row,
        column, value, rule and remedy.
    """
    study = read_mapping(mapping)
    if faults := review(study, mapping.name):
        raise UserError(faults)
    found = read(project, study)
    found.provenance["mapping"] = {"file": mapping.name, "sha256": hash_file(mapping)}
    return found


def read(project: Path, mapping: Mapping) -> Ingested:
    """Make the tables of a cohort package from raw files.

    Every cell is read as text; the dictionary and the mapping say what it becomes. The same files
    and mapping give the same tables.

    Raises
    ------
    UserError
        With every fault of every file.
    """
    faults: list[Fault] = []
    rows: dict[str, list[Row]] = {}
    sources: list[dict[str, Any]] = []
    for file in mapping.files:
        path = project / file.path
        try:
            raw = read_raw(path, file.path, file.delimiter, file.encoding, file.strip)
        except UserError as error:
            faults += error.faults
            continue
        if found := find_columns(raw, file):
            faults += found
            continue
        harvest = Harvester(raw, file).harvest()
        faults += harvest.faults
        for name, made in harvest.rows.items():
            rows.setdefault(name, []).extend(made)
        sources.append(
            {
                "file": file.path,
                "sha256": hash_file(path),
                "bytes": path.stat().st_size,
                "rows_in": len(raw.lines),
                "rows_made": {name: len(made) for name, made in sorted(harvest.rows.items())},
                "rows_left_out": _left_out(harvest),
                "columns_ignored": sorted(file.ignore),
            }
        )
    if faults:
        raise UserError(list(dict.fromkeys(faults)))  # a column may serve several rules
    counted = {rule.table for file in mapping.files for rule in file.rows if rule.count_trials}
    tables, faults = assemble(rows, counted)
    if faults:
        raise UserError(faults)
    made = {name: as_table(name, table) for name, table in tables.items() if table}
    provenance = {"made_by": "gluteal ingest", "sources": sources}
    return Ingested(mapping.title, mapping.synthetic, made, provenance)


def _left_out(harvest: Harvest) -> list[dict[str, Any]]:
    return [
        {"column": column, "value": value, "reason": reason, "rows": count}
        for (column, value, reason), count in sorted(harvest.skipped.items())
    ]
