"""A raw table as text: header, columns, and the line of the file that each row stood on."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from gluteal.errors import Fault, UserError

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Raw:
    """One raw table; every cell is text."""

    path: str
    columns: dict[str, list[str]]
    lines: list[int]


def read_raw(file: Path, path: str, delimiter: str, encoding: str, strip: bool = False) -> Raw:
    """Read a delimited text file, every cell as text.

    Parameters
    ----------
    file : Path
        Where it lies.
    path : str
        How the mapping calls it, for the messages.
    delimiter, encoding : str
        As declared.
    strip : bool
        Whether blanks around cells are dropped.

    Raises
    ------
    UserError
        If it is missing, a folder, unreadable, in another encoding, empty, ragged, or has a
        column twice.
    """
    text = _decode(_bytes(file, path), path, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    faults: list[Fault] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    start = 1
    try:
        for row in reader:
            line, start = start, reader.line_num + 1
            cells = [cell.strip() for cell in row] if strip else row
            if not header:
                header = [cell.strip() for cell in row]
                faults += _header(header, path, delimiter)
            elif len(row) == len(header):
                rows.append(cells)
                lines.append(line)
            elif row:  # a line without any character is not a row
                rule = f"the row has {len(row)} cells, the header {len(header)}"
                faults.append(Fault(path, rule, "Mend the row, or the delimiter.", row=line))
    except csv.Error as error:
        rule = f"is not a delimited table ({error})"
        raise UserError(Fault(path, rule, "Mend the quotes of that row.", row=start)) from error
    if not faults and not rows:
        faults.append(Fault(path, "the table is empty", "Put the file with its rows here."))
    if faults:
        raise UserError(faults)
    cells_by_column = zip(*rows, strict=True)
    return Raw(
        path, {name: list(c) for name, c in zip(header, cells_by_column, strict=True)}, lines
    )


def _bytes(file: Path, path: str) -> bytes:
    if file.is_dir():
        raise UserError(Fault(path, "is a folder, not a file", "Name the table itself."))
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        remedy = "Put the file there; paths are relative to the project folder (or --raw)."
        raise UserError(Fault(path, "no such file", remedy)) from error
    except OSError as error:
        rule = f"cannot be read ({error.strerror})"
        raise UserError(Fault(path, rule, "Check the file's permissions.")) from error


def _decode(content: bytes, path: str, encoding: str) -> str:
    if content.startswith(BOM) and encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        rule = "begins with a byte-order mark"
        raise UserError(Fault(path, rule, "Declare encoding: utf-8-sig.", row=1))
    if b"\x00" in content and not encoding.lower().startswith(("utf-16", "utf-32", "utf_16")):
        rule = "holds zero bytes: it is no text in this encoding"
        raise UserError(Fault(path, rule, "Save it as CSV, or declare utf-16."))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        rule = f"is not text in the encoding {encoding}"
        remedy = "Declare the encoding it was saved in, such as cp1252."
        raise UserError(Fault(path, rule, remedy, row=row)) from error


def _header(header: list[str], path: str, delimiter: str) -> list[Fault]:
    faults = [
        Fault(path, "the header has this column twice", "Rename one of them.", 1, name)
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    if len(header) == 1:
        for mark in ",;\t|":
            if mark != delimiter and mark in header[0]:
                rule = f"the delimiter is declared as {delimiter!r}, and the header holds {mark!r}"
                faults.append(Fault(path, rule, "Correct the delimiter.", row=1))
    return faults
