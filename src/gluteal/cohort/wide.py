"""Tables with one column a variable: text becomes what the dictionary declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.package import Package
    from gluteal.cohort.tally import Tally

RUN_CHECK = "Run gluteal check, which names every fault of the package."


def require_columns(package: Package) -> None:
    """Refuse a package whose tables lack what ``derive`` reads.

    Raises
    ------
    UserError
        Naming every missing column and every empty required table.
    """
    from gluteal.cohort.tables import TABLES

    faults: list[Fault] = []
    for table in TABLES.values():
        if table.name not in package.tables:
            if table.required:
                faults.append(Fault(table.name, "the table is missing", "Add it."))
            continue
        there = package.tables[table.name]
        if table.required and there.num_rows == 0:
            faults.append(Fault(table.name, "the table has no rows", "Add rows."))
        faults += [
            Fault(table.name, "the column is missing", "Add it.", 1, column.name)
            for column in table.columns
            if column.required and column.name not in there.column_names
        ]
    if faults:
        raise UserError(faults)


def read_wide(package: Package, name: str, tally: Tally, text: Iterable[str] = ()) -> pd.DataFrame:
    """Read one table, numbers as float64 (booleans 0 and 1), words as text, reasons as missing.

    Numbers outside the hard range are set aside and counted; a cell that is no number where the
    dictionary wants one is a fault.

    Parameters
    ----------
    package : Package
        The cohort package.
    name : str
        A table of it.
    tally : Tally
        Counts what is set aside.
    text : iterable of str
        Columns that stay text.
    """
    import numpy as np
    import pandas as pd

    from gluteal.cohort.grid import Column
    from gluteal.cohort.tables import TABLES

    table = package.tables[name]
    kinds = {column.name: column.kind for column in TABLES[name].columns}
    own = {v.name: v for v in variables().values() if name in v.tables}
    kinds = {column: v.kind for column, v in own.items()} | kinds
    faults: list[Fault] = []
    columns: dict[str, Any] = {}
    for column in table.column_names:
        cells = Column(table[column])
        kind = "text" if column in text else kinds.get(column, "text")
        if kind in ("number", "integer", "boolean"):
            values = np.where(cells.missing, np.nan, cells.numbers)
            wrong = np.isnan(values) & ~cells.missing
            if kind == "boolean":
                wrong |= ~np.isnan(values) & ~np.isin(values, (0, 1))
            if wrong.any():
                faults.append(_wrong(name, column, kind, cells, wrong))
            elif column in own:
                values = tally.keep_in_range(column, values)
            columns[column] = values
        else:
            words = np.array([*cells.words, None], dtype=object)
            columns[column] = words[np.where(cells.missing, -1, cells.codes)]
            known = own.get(column)
            if kind == "category" and known is not None and known.levels:
                wrong = ~cells.missing & ~cells.among(known.levels)
                if wrong.any():
                    faults.append(_wrong(name, column, "word of this variable", cells, wrong))
    if faults:
        raise UserError(faults)
    return pd.DataFrame(columns)


def _wrong(name: str, column: str, kind: str, cells: Any, wrong: Any) -> Fault:
    first = int(wrong.argmax())
    wanted = {"boolean": "0 or 1", "integer": "number"}.get(kind, kind)
    rule = f"{int(wrong.sum())} cells hold no {wanted}"
    return Fault(name, rule, RUN_CHECK, first + 2, column, cells.text(first))


def index_unique(table: pd.DataFrame, name: str, keys: list[str]) -> None:
    """Refuse a table in which a key stands twice."""
    twice = table.duplicated(keys)
    if twice.any():
        row = int(twice.to_numpy().argmax())
        rule = f"{int(twice.sum())} rows repeat the {' and '.join(keys)} of another row"
        raise UserError(Fault(name, rule, RUN_CHECK, row + 2, ", ".join(keys)))
