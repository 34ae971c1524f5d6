"""The descriptor of a cohort package: ``datapackage.json`` after Data Package v2."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from gluteal.cohort.tables import REASONS, TABLES, Column
from gluteal.errors import Fault
from gluteal.variables import Variable, variables

FILE = "datapackage.json"
PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean"}


def read_descriptor(folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    """Read ``datapackage.json`` and say what is wrong with it.

    Only what this package relies on is required: an object with ``resources`` and with
    ``gluteal.synthetic``, which says whether people or a program made the data.
    """
    path = folder / FILE
    name = str(path)
    if not path.is_file():
        return {}, [Fault(name, "no such file", "A cohort package needs its descriptor.")]
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = error.strerror or "not a readable file"
        return {}, [Fault(name, f"cannot be read ({why})", "Check the file's permissions.")]
    except UnicodeDecodeError:
        return {}, [Fault(name, "the text is not UTF-8", "Save it as UTF-8.")]
    except json.JSONDecodeError as error:
        rule = f"is not JSON ({error.msg})"
        return {}, [Fault(name, rule, "Mend it, or write the package again.", error.lineno)]
    if not isinstance(found, dict):
        return {}, [Fault(name, "is not a JSON object", "Write the package again.")]
    faults: list[Fault] = []
    listed = found.get("resources")
    if not isinstance(listed, list) or not all(
        isinstance(r, dict) and isinstance(r.get("path"), str) for r in listed
    ):
        faults.append(Fault(name, "lists no resources with a path", "Write the package again."))
        found["resources"] = []
    own = found.get("gluteal")
    if not isinstance(own, dict) or not isinstance(own.get("synthetic"), bool):
        rule = "does not say whether the data are synthetic"
        faults.append(Fault(name, rule, 'Add "gluteal": {"synthetic": false}, or true.'))
        found["gluteal"] = {"synthetic": False}
    return found, faults


def describe_package(
    title: str, synthetic: bool, resources: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Write the descriptor of a whole package."""
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": "cohort",
        "title": title,
        "gluteal": {"synthetic": synthetic},
        "resources": list(resources),
    }


def describe_table(
    name: str, columns: Iterable[str], path: str, rows: int, size: int, digest: str
) -> dict[str, Any]:
    """Write the entry of one table: file, size, hash, and the schema of its columns."""
    form = path.rpartition(".")[2]
    entry: dict[str, Any] = {
        "name": name,
        "path": path,
        "type": "table",
        "format": form,
        "mediatype": "text/csv" if form == "csv" else "application/vnd.apache.parquet",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "rows": rows,
        "schema": _schema(name, list(columns)),
    }
    return entry


def _schema(name: str, columns: list[str]) -> dict[str, Any]:
    table = TABLES[name]
    fixed = {column.name: column for column in table.columns}
    known = variables()
    keys = [key for key in table.key if key in columns]
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [
            _fixed_field(fixed[c], known.get(c)) if c in fixed else _field(c, known.get(c))
            for c in columns
        ],
        "primaryKey": keys,
        "missingValues": [{"value": code, "label": label} for code, label in REASONS.items()],
    }
    if foreign := _foreign_keys(name, columns):
        schema["foreignKeys"] = foreign
    return schema


def _foreign_keys(name: str, columns: list[str]) -> list[dict[str, Any]]:
    def refer(resource: str, fields: list[str]) -> dict[str, Any]:
        return {"fields": fields, "reference": {"resource": resource, "fields": fields}}

    if name in ("participants", "dispositions"):  # screened people need not be participants
        return []
    found = [refer("participants", ["participant_id"])]
    if name != "visits" and "visit" in columns:
        found.append(refer("visits", ["participant_id", "visit"]))
    return found


def _fixed_field(column: Column, known: Variable | None) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES.get(column.kind, "string")}
    if known is not None:
        field["title"] = known.label
        if known.unit:
            field["unit"] = known.unit
    if column.kind == "boolean":
        field |= {"trueValues": ["1"], "falseValues": ["0"]}
    if column.words:
        field["categories"] = list(column.words)
    if column.required and not column.may_miss:
        field["constraints"] = {"required": True}
    return field


def _field(name: str, known: Variable | None) -> dict[str, Any]:
    if known is None:  # a column of no dictionary: the check names it, the writer keeps it
        return {"name": name, "type": "string"}
    field: dict[str, Any] = {
        "name": known.name,
        "type": _TYPES.get(known.kind, "string"),
        "title": known.label,
    }
    if known.unit:
        field["unit"] = known.unit
    if known.kind == "boolean":
        field |= {"trueValues": ["1"], "falseValues": ["0"]}
    elif known.levels:
        field["categories"] = [{"value": v, "label": t} for v, t in known.levels.items()]
        field["categoriesOrdered"] = known.ordered
    bounds = {"minimum": known.low, "maximum": known.high}
    if limits := {name: bound for name, bound in bounds.items() if bound is not None}:
        field["constraints"] = limits
    return field


def dictionary_rows(names: set[str]) -> str:
    """Return the rows of the data dictionary for some variables, as CSV, in its own order."""
    table = files("gluteal").joinpath("variables.csv").read_text(encoding="utf-8")
    reader = csv.DictReader(table.splitlines())
    out = io.StringIO()
    writer = csv.DictWriter(out, list(reader.fieldnames or ()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in reader if row["name"] in names)
    return out.getvalue()


def occurring(name: str, columns: Iterable[str], cells: Iterable[tuple[str, ...]]) -> set[str]:
    """Name the variables that a table holds.

    Parameters
    ----------
    name : str
        The table.
    columns : iterable of str
        Its columns.
    cells : iterable of tuple
        The (test, muscle) pairs of measurements, or the (instrument,) of responses.
    """
    known = variables()
    found = {column for column in columns if column in known}
    pairs = set(cells)
    if name == "measurements":
        found |= {
            v.name
            for v in known.values()
            if "measurements" in v.tables
            and v.test
            and any(v.test == test and v.muscle in ("", muscle) for test, muscle in pairs)
        }
    if name == "responses":
        instruments = {instrument for (instrument,) in pairs}
        found |= {v.name for v in known.values() if v.instrument in instruments}
    return found
