"""Read one table file: every cell is text, and nothing is guessed.

An answer "None" or "NA" stays an answer; typing is the dictionary's business, not the reader's.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as pacsv

from gluteal.cohort.arrays import strings
from gluteal.errors import Fault, UserError

pc: Any = pyarrow.compute  # its functions are made on import: no type checker sees them
BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


def open_table(path: Path) -> tuple[pa.Table | None, list[Fault], tuple[int, ...]]:
    """Read a table as far as it can be read.

    Returns
    -------
    table : Table or None
        All columns as strings; None if the file cannot be read as a table.
    faults : list of Fault
        What is wrong with the file; a query if it could be read all the same.
    skipped : tuple of int
        Row numbers (the header is row 1) of rows left out for a wrong number of cells.
    """
    name = str(path)
    if path.is_dir():
        return None, [Fault(name, "is a folder, not a file", "Put the table itself here.")], ()
    if not path.is_file():
        return None, [Fault(name, "no such file", "Add the file or correct its name.")], ()
    try:
        return _open_parquet(path) if path.suffix == ".parquet" else _open_csv(path)
    except OSError as error:
        why = error.strerror or "not a readable file"
        return None, [Fault(name, f"cannot be read ({why})", "Check the file's permissions.")], ()


def read_table(path: Path) -> pa.Table:
    """Read one CSV or Parquet table with every cell as text.

    Raises
    ------
    UserError
        If the file is missing, a folder, unreadable, not UTF-8, ragged, or has a column twice.
    """
    table, faults, _ = open_table(path)
    if errors := [fault for fault in faults if fault.severity == "error"]:
        raise UserError(errors)
    assert table is not None  # without errors there is a table
    return table


def text_columns(table: pa.Table) -> pa.Table:
    """Cast every column to plain strings; a null becomes an empty cell."""
    nothing = strings([""])[0]
    columns = [
        pc.fill_null(column if column.type == pa.string() else column.cast(pa.string()), nothing)
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _open_parquet(path: Path) -> tuple[pa.Table | None, list[Fault], tuple[int, ...]]:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        if twice := _twice(str(path), table.column_names):
            return None, twice, ()
        return text_columns(table), [], ()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        fault = Fault(str(path), "is not a Parquet table of plain columns", "Write it again.")
        return None, [fault], ()


def _open_csv(path: Path) -> tuple[pa.Table | None, list[Fault], tuple[int, ...]]:
    name = str(path)
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start.strip():
        return None, [Fault(name, "the file is empty", "Add a header row and rows.")], ()
    if start.startswith(_WIDE_BOMS):
        return None, [Fault(name, "is UTF-16, not UTF-8", "Save it as CSV UTF-8.")], ()
    faults: list[Fault] = []
    if start.startswith(BOM):
        rule = "begins with a byte-order mark, which was passed over"
        faults.append(Fault(name, rule, "Nothing needs to be done.", severity="query"))
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), [])
    except UnicodeDecodeError:
        return None, [*faults, _not_utf8(path)], ()
    if fault := _separator(name, header) or _twice(name, header):
        return None, [*faults, *fault], ()
    bad: list[Any] = []
    try:
        table = _parse(path, header, bad, threads=True)
        if bad:  # rows are numbered only when read in one thread
            bad.clear()
            table = _parse(path, header, bad, threads=False)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):  # a header without even the end of its line
            return pa.Table.from_arrays([strings([])] * len(header), names=header), faults, ()
        fault = _not_utf8(path) if "UTF8" in str(error) else _unparsed(name, error)
        return None, [*faults, fault], ()
    faults += [_ragged(name, row) for row in bad]
    return table, faults, tuple(row.number for row in bad)


def _parse(path: Path, header: list[str], bad: list[Any], threads: bool) -> pa.Table:
    def keep(row: Any) -> str:
        bad.append(row)
        return "skip"

    return pacsv.read_csv(
        path,
        pacsv.ReadOptions(use_threads=threads),
        pacsv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
        ),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
        ),
    )


def _twice(name: str, header: list[str]) -> list[Fault]:
    return [
        Fault(name, "the header has this column twice", "Keep one of them.", 1, column)
        for column in dict.fromkeys(header)
        if header.count(column) > 1
    ]


def _separator(name: str, header: list[str]) -> list[Fault]:
    if len(header) == 1:
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if mark in header[0]:
                rule = f"cells are separated by {word}, not commas"
                return [Fault(name, rule, "Save it as comma-separated UTF-8.", 1)]
    return []


def _ragged(name: str, row: Any) -> Fault:
    rule = f"the row has {row.actual_columns} cells, the header {row.expected_columns}"
    remedy = "Fill the row up, or put cells that hold a comma in double quotes."
    return Fault(name, rule, remedy, row.number)


def _unparsed(name: str, error: Exception) -> Fault:
    why = str(error).splitlines()[0].rstrip(".")
    return Fault(name, f"is not a comma-separated table ({why})", "Save it as CSV UTF-8.")


def _not_utf8(path: Path) -> Fault:
    row = 1
    with path.open("rb") as stream:
        for row, line in enumerate(stream, start=1):  # noqa: B007
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                break
    return Fault(str(path), "the text is not UTF-8", "Save it as CSV UTF-8.", row)
