"""A cohort package on disk: read it, and write it whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa

from gluteal.cohort.columns import check_columns, check_size
from gluteal.cohort.descriptor import (
    FILE,
    describe_package,
    describe_table,
    dictionary_rows,
    occurring,
    read_descriptor,
)
from gluteal.cohort.reader import open_table, read_table
from gluteal.cohort.tables import TABLES
from gluteal.cohort.writer import write_table
from gluteal.errors import Fault, UserError, suggest
from gluteal.provenance import hash_file

__all__ = ["Package", "open_package", "read_package", "read_table", "write_package"]

FORMS = ("csv", "parquet")
BESIDE = ("dictionary.csv", "dirt_log.csv")
"""Tables that may lie in a package without being part of the cohort."""


@dataclass(frozen=True)
class Package:
    """A cohort as its folder holds it; every cell is text.

    Attributes
    ----------
    folder : Path
        The folder.
    descriptor : dict
        What ``datapackage.json`` says.
    tables : dict of Table
        The tables by name, all columns strings.
    paths : dict of Path
        The file of each table.
    faults : tuple of Fault
        What was found while reading: queries only, unless `open_package` read it.
    skipped : dict of tuple of int
        Numbers of rows that could not be read (the header is row 1), by table.
    """

    folder: Path
    descriptor: dict[str, Any]
    tables: dict[str, pa.Table]
    paths: dict[str, Path]
    faults: tuple[Fault, ...] = ()
    skipped: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The study's title."""
        return str(self.descriptor.get("title", ""))

    @property
    def synthetic(self) -> bool:
        """Whether a program made the data."""
        return bool(self.descriptor["gluteal"]["synthetic"])

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The sha256 of each table's file."""
        return {
            name: hash_file(path)
            for name, path in sorted(self.paths.items())
            if name in self.tables
        }

    @cached_property
    def sha256(self) -> str:
        """One hash of all tables: it changes with any cell of any table."""
        lines = "".join(f"{name} {digest}\n" for name, digest in self.hashes.items())
        return sha256(lines.encode()).hexdigest()


def read_package(folder: Path) -> Package:
    """Read a cohort package, every cell as text.

    Raises
    ------
    UserError
        With every fault of the files: missing, unreadable, not UTF-8, ragged, empty, not a table
        of a cohort, a column missing or unknown. What the cells say is checked by
        ``gluteal.cohort.check``.
    """
    package = open_package(folder)
    if errors := [fault for fault in package.faults if fault.severity == "error"]:
        raise UserError(errors)
    return package


def open_package(folder: Path) -> Package:
    """Read what can be read of a package and keep the faults, so that all can be named at once."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "no such folder"
        fault = Fault(str(folder), what, "Name the folder that holds datapackage.json.")
        return Package(folder, {"gluteal": {"synthetic": False}}, {}, {}, (fault,))
    descriptor, faults = read_descriptor(folder)
    listed = [resource["path"] for resource in descriptor.get("resources", [])]
    paths, lost = _find(folder, listed)
    faults += lost
    tables: dict[str, pa.Table] = {}
    skipped: dict[str, tuple[int, ...]] = {}
    for name, path in paths.items():
        table, found, left_out = open_table(path)
        faults += found
        if table is not None:
            faults += check_columns(name, str(path), table.column_names)
            faults += check_size(name, str(path), table, left_out)
            tables[name] = table
            skipped[name] = left_out
    descriptor.setdefault("gluteal", {"synthetic": False})
    return Package(folder, descriptor, tables, paths, tuple(faults), skipped)


def _find(folder: Path, listed: list[str]) -> tuple[dict[str, Path], list[Fault]]:
    paths: dict[str, Path] = {}
    faults: list[Fault] = []
    for name, table in TABLES.items():
        both = [f"{name}.{form}" for form in FORMS]
        there = [file for file in both if (folder / file).exists()]
        if len(there) == 2:
            rule = f"{there[1]} lies beside it: which one is meant?"
            faults.append(Fault(str(folder / there[0]), rule, "Remove one of them."))
        elif there:
            paths[name] = folder / there[0]
        elif named := next((file for file in both if file in listed), None):
            remedy = f"Add it, or take it out of {FILE}."
            faults.append(Fault(str(folder / named), "no such file", remedy))
        elif table.required:
            rule = "no such file: every cohort has this table"
            faults.append(Fault(str(folder / both[0]), rule, "Add it."))
    for path in sorted(folder.iterdir()):
        known = path.stem in TABLES or path.name in BESIDE or path.name.startswith(".")
        if path.suffix in (".csv", ".parquet") and not known:
            rule = "is no table of a cohort package"
            remedy = f"{suggest(path.stem, TABLES)}Rename it or take it out of the folder."
            faults.append(Fault(str(path), rule, remedy))
    for file in listed:
        if Path(file).name != file or Path(file).stem not in TABLES:
            rule = f"lists {file!r}, which is no table of a cohort package"
            remedy = f"{suggest(Path(file).stem, TABLES)}Correct it."
            faults.append(Fault(str(folder / FILE), rule, remedy))
    return paths, faults


def write_package(
    folder: Path,
    tables: Mapping[str, pa.Table | Iterable[pa.Table]],
    *,
    title: str,
    synthetic: bool = False,
    provenance: Mapping[str, Any] | None = None,
    form: str = "csv",
) -> None:
    """Write a cohort package; the same input gives the same bytes.

    All files are written to a temporary folder first. Tables of an earlier package in ``folder``
    are replaced, and removed if the new one lacks them; other files stay.

    Parameters
    ----------
    folder : Path
        Where the package goes.
    tables : mapping
        Each table by name, whole or in chunks (for tables larger than memory).
    title : str
        The study's title.
    synthetic : bool
        Whether a program made the data. Reports say so.
    provenance : mapping, optional
        Where the data come from; it becomes ``provenance.json``, with the row counts.
    form : {"csv", "parquet"}
        How tables are written.

    Raises
    ------
    UserError
        If a name is no table of a package, or the folder cannot be written.
    """
    if form not in FORMS:
        raise UserError(f"no form {form!r} of a table. {suggest(form, FORMS)}Use csv or parquet.")
    if strange := [name for name in tables if name not in TABLES]:
        raise UserError([Fault(n, "is no table of a cohort", suggest(n, TABLES)) for n in strange])
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file, a folder was to be written here")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        _write(made, tables, title, synthetic, dict(provenance or {}), form)
        _move(made, folder)
    finally:
        rmtree(made, ignore_errors=True)


def _write(
    made: Path,
    tables: Mapping[str, pa.Table | Iterable[pa.Table]],
    title: str,
    synthetic: bool,
    provenance: dict[str, Any],
    form: str,
) -> None:
    resources: list[dict[str, Any]] = []
    names: set[str] = set()
    for name in TABLES:  # one order, whatever the order given
        if name not in tables:
            continue
        given = tables[name]
        whole: Iterable[pa.Table] = (given,) if isinstance(given, pa.Table) else given
        chunks = iter(whole)
        first: pa.Table | None = next(chunks, None)
        if first is None:
            raise ValueError(f"{name}: no chunk, so no columns are known")
        path = made / f"{name}.{form}"
        rows = write_table(path, _watch(name, chain([first], chunks), names), form)
        resources.append(
            describe_table(
                name, first.column_names, path.name, rows, path.stat().st_size, hash_file(path)
            )
        )
    provenance["rows"] = {resource["name"]: resource["rows"] for resource in resources}
    (made / "dictionary.csv").write_text(dictionary_rows(names), encoding="utf-8", newline="\n")
    for file, value in (
        ("provenance.json", provenance),
        (FILE, describe_package(title, synthetic, resources)),
    ):
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        (made / file).write_text(text, encoding="utf-8", newline="\n")


def _watch(name: str, chunks: Iterable[pa.Table], names: set[str]) -> Iterator[pa.Table]:
    """Pass chunks on and note which variables they hold."""
    by = {"measurements": ("test", "muscle"), "responses": ("instrument",)}.get(name, ())
    for chunk in chunks:
        there = [column for column in by if column in chunk.column_names]
        cells: list[tuple[str, ...]] = []
        if there:
            groups = chunk.group_by(there, use_threads=False).aggregate([])
            found = [groups[c].to_pylist() if c in there else ["na"] * len(groups) for c in by]
            cells = list(zip(*found, strict=True))
        names |= occurring(name, chunk.column_names, cells)
        yield chunk


def _move(made: Path, folder: Path) -> None:
    """Put finished files in place; the descriptor goes first and comes last."""
    if not folder.exists():
        made.chmod(0o755)
        made.replace(folder)
        return
    (folder / FILE).unlink(missing_ok=True)
    for name in TABLES:
        for form in FORMS:
            if not (made / f"{name}.{form}").exists():
                (folder / f"{name}.{form}").unlink(missing_ok=True)
    for path in sorted(made.iterdir(), key=lambda path: path.name == FILE):
        path.replace(folder / path.name)
