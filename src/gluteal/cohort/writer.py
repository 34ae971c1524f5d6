"""Write one table file: the same cells give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv as pacsv

from gluteal.cohort.reader import text_columns

pc: Any = pyarrow.compute  # its functions are made on import: no type checker sees them


def write_table(path: Path, chunks: Iterable[pa.Table], form: str) -> int:
    """Write the chunks of one table, one after the other; return the number of rows.

    Cells of a CSV are quoted only where they must be, so the same cells give the same bytes.
    A column may be typed (numbers, dictionaries, booleans as 0 and 1): it is written as the text
    that `read_table` gives back.
    """
    return _write_parquet(path, chunks) if form == "parquet" else _write_csv(path, chunks)


def _plain(table: pa.Table) -> pa.Table:
    """Keep numbers as they are; make booleans 0 and 1, and all else strings."""
    columns: list[pa.ChunkedArray] = []
    for column in table.columns:
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _write_parquet(path: Path, chunks: Iterable[pa.Table]) -> int:
    import pyarrow.parquet as pq

    rows = 0
    writer: pq.ParquetWriter | None = None
    try:
        for chunk in chunks:
            plain = _plain(chunk)
            if writer is None:
                writer = pq.ParquetWriter(path, plain.schema, compression="zstd")
            writer.write_table(plain)
            rows += plain.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _write_csv(path: Path, chunks: Iterable[pa.Table]) -> int:
    rows = 0
    with path.open("wb") as stream:
        for number, chunk in enumerate(chunks):
            if number == 0:
                stream.write(
                    _quoted(pa.table([[n] for n in chunk.column_names], names=_letters(chunk)))
                )
            stream.write(_csv_bytes(_plain(chunk)))
            rows += chunk.num_rows
    return rows


def _letters(chunk: pa.Table) -> list[str]:
    return [str(number) for number in range(chunk.num_columns)]


def _csv_bytes(table: pa.Table) -> pa.Buffer | bytes:
    sink = pa.BufferOutputStream()
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    try:
        pacsv.write_csv(table, sink, options)
    except pa.ArrowInvalid:  # some cell holds a comma, a quote or a line break
        return _quoted(table)
    return sink.getvalue()


def _quoted(table: pa.Table) -> bytes:
    if table.num_rows == 0:
        return b""
    cells: list[Any] = []
    for column in text_columns(table).columns:
        inner = pc.replace_substring(column, '"', '""')
        wrapped = pc.binary_join_element_wise('"', inner, '"', "")
        cells.append(pc.if_else(pc.match_substring_regex(column, r'[,"\r\n]'), wrapped, column))
    lines = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
    return ("\n".join(lines.to_pylist()) + "\n").encode()
