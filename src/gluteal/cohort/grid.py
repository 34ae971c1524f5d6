"""One table as codes and distinct words: rules look at each word once, however many rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from gluteal.cohort.arrays import booleans, read_flags, read_numbers, repeat, strings
from gluteal.cohort.tables import REASONS
from gluteal.errors import Fault, Severity

pc: Any = pyarrow.compute  # its functions are made on import: no type checker sees them
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


class Column:
    """One column: ``codes`` by row, and ``words``, what the codes stand for.

    Words are stripped, so that a space too many is one fault and not a wrong name as well;
    `text` gives a cell as it stands in the file.
    """

    def __init__(self, cells: pa.ChunkedArray) -> None:
        encoded = cells.combine_chunks().dictionary_encode()
        self._raw: Any = encoded.dictionary
        self._raw_codes: Codes = read_numbers(encoded.indices).astype(np.int64)
        stripped = pc.utf8_trim_whitespace(self._raw)
        self._spaced = read_flags(pc.not_equal(stripped, self._raw))
        self.codes = self._raw_codes
        self.stripped: Any = stripped
        if self._spaced.any():
            again = stripped.dictionary_encode()
            self.stripped = again.dictionary
            self.codes = read_numbers(again.indices).astype(np.int64)[self.codes]

    @cached_property
    def words(self) -> list[str]:
        """The distinct words as text."""
        return self.stripped.to_pylist()

    @cached_property
    def word_numbers(self) -> Floats:
        """The distinct words as numbers; NaN where a word is none."""
        fits = pc.match_substring_regex(self.stripped, NUMBER)
        found = np.full(len(self.stripped), np.nan)
        found[read_flags(fits)] = read_numbers(pc.cast(self.stripped.filter(fits), pa.float64()))
        return np.where(np.isfinite(found), found, np.nan)

    @cached_property
    def numbers(self) -> Floats:
        """The number in each row; NaN where there is none."""
        return self.word_numbers[self.codes]

    @cached_property
    def missing(self) -> Flags:
        """Whether a row holds a reason instead of a value."""
        return self.among(REASONS)

    @cached_property
    def spaced(self) -> Flags:
        """Whether a row has spaces around its word."""
        return self._spaced[self._raw_codes]

    def among(self, words: Iterable[str]) -> Flags:
        """Say row by row whether the cell is one of some words."""
        return self.each(pc.is_in(self.stripped, value_set=strings(words)))

    def matches(self, pattern: str) -> Flags:
        """Say row by row whether the cell fits a pattern."""
        return self.each(pc.match_substring_regex(self.stripped, pattern))

    def each(self, flags: Any) -> Flags:
        """Take what was found out about each word to the rows."""
        found: Flags = flags if isinstance(flags, np.ndarray) else read_flags(flags)
        return found[self.codes]

    def shared(self, numbering: dict[str, int]) -> Codes:
        """Return each row's number in a numbering shared between tables; new words are added."""
        places = [numbering.setdefault(word, len(numbering)) for word in self.words]
        return np.array(places, dtype=np.int64)[self.codes]

    def text(self, row: int | np.intp) -> str:
        """Return one cell as it stands in the file."""
        return self._raw[int(self._raw_codes[row])].as_py()


class Grid:
    """One table of a package, ready for rules.

    Parameters
    ----------
    name, file : str
        The table and its file, as messages name it.
    table : Table
        Columns of strings.
    skipped : sequence of int
        Row numbers that could not be read: numbers after them move on.
    """

    def __init__(self, name: str, file: str, table: pa.Table, skipped: Sequence[int] = ()) -> None:
        self.name = name
        self.file = file
        self.lines = number_lines(table.num_rows, skipped)
        if table.num_columns > 1 and table.num_rows:  # blank rows were named by the reader
            full = ~blank_rows(table)
            if not full.all():
                table, self.lines = table.filter(booleans(full)), self.lines[full]
        self.table = table
        self.n = table.num_rows
        self.whole = self.n > 0 and not skipped  # else rows that others refer to may be lost
        self._columns: dict[str, Column] = {}

    @property
    def names(self) -> list[str]:
        """The columns that the file has."""
        return self.table.column_names

    def __contains__(self, name: str) -> bool:
        return name in self.table.column_names

    def column(self, name: str, default: str = "na") -> Column:
        """Return a column; one that the file lacks holds its default in every row."""
        if name not in self._columns:
            cells = self.table.column(name) if name in self else None
            if cells is None:
                cells = pa.chunked_array([repeat(default, self.n)])
            self._columns[name] = Column(cells)
        return self._columns[name]

    def faults(
        self,
        where: Flags,
        column: str,
        rule: str,
        remedy: str,
        severity: Severity = "error",
        values: Sequence[str] | None = None,
    ) -> list[Fault]:
        """Make one fault a flagged row; ``values`` replaces the cells as what stood there."""
        hits = np.flatnonzero(where)
        cells = self.column(column) if values is None and column in self else None
        return [
            Fault(
                self.file,
                rule,
                remedy,
                int(self.lines[row]),
                column,
                values[i] if values is not None else cells.text(row) if cells else "",
                severity=severity,
            )
            for i, row in enumerate(hits)
        ]


def number_lines(rows: int, skipped: Sequence[int]) -> Codes:
    """Return row numbers as a spreadsheet counts: the header is row 1."""
    if not skipped:
        return np.arange(2, rows + 2, dtype=np.int64)
    every = np.arange(2, rows + len(skipped) + 2, dtype=np.int64)
    return every[~np.isin(every, skipped)]


def blank_rows(table: pa.Table) -> Flags:
    """Say which rows hold nothing at all."""
    blank = np.ones(table.num_rows, dtype=bool)
    nothing = strings([""])[0]
    for column in table.columns:
        if not blank.any():
            break
        blank &= read_flags(pc.equal(column, nothing).combine_chunks())
    return blank


def combine(*columns: Column) -> Codes:
    """Return one number a combination of several columns: equal rows, equal numbers."""
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    size = 1
    for column in columns:
        width = max(len(column.stripped), 1)
        if size * width > 1 << 60:
            _, key = np.unique(key, return_inverse=True)
            size = int(key.max(initial=0)) + 1
        key = key * width + column.codes
        size *= width
    return key


def number_groups(key: Codes) -> tuple[Codes, Codes]:
    """Return each row's group, numbered from 0 on, and the first row of each group."""
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return group.astype(np.int64), first.astype(np.int64)
