"""The columns and the size of each table: what is missing, strange or empty."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from gluteal.cohort.grid import blank_rows, number_lines
from gluteal.cohort.tables import TABLES
from gluteal.errors import Fault, suggest
from gluteal.variables import variables

NEEDED = ("participants", "visits")


def check_columns(name: str, file: str, columns: list[str]) -> list[Fault]:
    """Name required columns that a table lacks, and columns that no dictionary knows."""
    table = TABLES[name]
    known = variables()
    fixed = [column.name for column in table.columns]
    own = [v.name for v in known.values() if name in v.tables] if table.open_to_dictionary else []
    faults: list[Fault] = []
    for column in columns:
        if column in fixed or column in own:
            continue
        homes = [t for t in known[column].tables if t != name] if column in known else []
        rule = "is no column of this table"
        remedy = f"{suggest(column, [*fixed, *own])}Rename it or take it out."
        if column == "":
            rule = "a column has no name"
        elif homes:
            remedy = f"It belongs to {' and '.join(homes)}."
        elif column in known:
            remedy = "It is derived: gluteal derive makes it. Take it out."
        faults.append(Fault(file, rule, remedy, 1, column))
    for column in table.columns:
        if column.required and column.name not in columns:
            # A misspelt header is one fault, not two: the strange column is named already.
            if any(repr(column.name) in fault.remedy for fault in faults):
                continue
            faults.append(Fault(file, "the column is missing", "Add it.", 1, column.name))
    return faults


def check_size(name: str, file: str, table: pa.Table, skipped: tuple[int, ...]) -> list[Fault]:
    """Name an empty table, and rows with nothing in them."""
    if table.num_rows == 0 and not skipped:
        if name in NEEDED:
            return [Fault(file, "the table has no rows", "Add rows.")]
        rule = "the table has no rows"
        return [Fault(file, rule, "Fill it, or take the file out.", severity="query")]
    if table.num_columns < 2:
        return []
    blank = number_lines(table.num_rows, skipped)[blank_rows(table)]
    return [
        Fault(file, "nothing stands in this row", "Delete it.", int(row)) for row in np.sort(blank)
    ]
