"""What the check found, as a list for the person who mends data and as counts for a report."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from gluteal.cohort.files import write_text
from gluteal.errors import Fault

COLUMNS = ("severity", "file", "row", "column", "value", "rule", "remedy")


class RuleCount(TypedDict):
    """How often one rule was broken; it names nobody and no value."""

    rule: str
    severity: str
    table: str
    column: str
    n: int


def write_queries(path: Path, faults: Iterable[Fault]) -> None:
    """Write every fault, one a row: errors first, then queries, each by file and row.

    The list holds participants' values: it belongs beside the data, never into a report.
    """
    order = sorted(faults, key=lambda f: (f.severity != "error", f.file, f.row or 0, f.column))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for fault in order:
        row = "" if fault.row is None else fault.row
        values = (fault.column, fault.value, fault.rule, fault.remedy)
        writer.writerow([fault.severity, Path(fault.file).name, row, *values])
    write_text(path, out.getvalue())


def summarise(faults: Iterable[Fault]) -> list[RuleCount]:
    """Count faults by rule, without ids or values.

    Returns
    -------
    list of dict
        rule, severity, table, column, n; errors first, the most frequent first.

    Examples
    --------
    >>> summarise([Fault("visits.csv", "the cell is empty", "", 3, "examiner")])[0]["n"]
    1
    """
    counts = Counter((f.rule, f.severity, Path(f.file).stem, f.column) for f in faults)
    order = sorted(counts.items(), key=lambda kv: (kv[0][1] != "error", -kv[1], kv[0]))
    return [
        RuleCount(rule=rule, severity=severity, table=table, column=column, n=n)
        for (rule, severity, table, column), n in order
    ]
