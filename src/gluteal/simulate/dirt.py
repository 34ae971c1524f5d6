"""The errors of real data files, each one logged, so that cleaning can be scored (note 7.5).

A person's visit gets at most one kind of error in a table. An error of units keeps the unit that
the column declares: that is what makes it an error.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.cohort.files import write_text
from gluteal.cohort.tables import TABLES
from gluteal.simulate.mistakes import CHANGES, ONCE, RATES, Cells, Hit, find_able
from gluteal.simulate.streams import Settings, blocks

COLUMNS = ("table", "row", "key", "column", "kind", "clean_value", "dirty_value")


class Spoiler:
    """Put errors into the tables of a cohort as they pass, and keep the log."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log: list[tuple[Any, ...]] = []

    def spoil(self, name: str, chunks: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Pass the chunks of one table on (one a block), with errors."""
        if name not in RATES:
            yield from chunks
            return
        written = 0
        for block, chunk in zip(blocks(self.settings), chunks, strict=True):
            spoilt = _spoil(name, chunk, block.rng(f"dirt {name}"), written, self.log)
            written += len(spoilt)
            yield spoilt

    def write(self, path: Path) -> None:
        """Write the log."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.log)
        write_text(path, out.getvalue())


def _spoil(name: str, chunk: pa.Table, rng: Any, written: int, log: list[Any]) -> pa.Table:
    grid = Cells(chunk)
    person, visit = grid.column("participant_id"), grid.column("visit")
    group = person.astype(np.int64) * len(grid.words["visit"]) + visit
    kinds = _draw(name, rng, int(group.max()) + 1)
    once = np.arange(len(kinds)) % len(grid.words["visit"]) == 0
    rows = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[rows], np.arange(len(kinds) + 1))
    hits: list[tuple[str, Hit]] = []
    twice: list[int] = []
    for kind in RATES[name]:
        able = find_able(name, kind, grid)
        for place in np.flatnonzero(kinds == kind):
            if kind in ONCE and not once[place]:
                continue
            mine = rows[starts[place] : starts[place + 1]]
            mine = mine[able[mine]]
            if not len(mine):
                continue
            if kind == "duplicated_row":
                twice.append(int(rng.choice(mine)))
                continue
            hits += [(kind, hit) for hit in CHANGES[kind](grid, mine, rng)]
    keys = [key for key in TABLES[name].key if key in chunk.column_names]
    order = np.sort(np.concatenate([np.arange(len(chunk)), np.array(twice, dtype=np.int64)]))
    line = np.searchsorted(order, np.arange(len(chunk))) + written + 2

    def entry(row: int, column: str, kind: str, clean: str, dirty: str, at: int) -> None:
        key = " ".join(grid.text(k, row) for k in keys)
        log.append((name, at, key, column, kind, clean, dirty))

    found = [(int(line[row]), row, column, kind, text) for kind, (row, column, text) in hits]
    found += [(int(line[row]) + 1, row, "", "duplicated_row", "") for row in twice]
    for at, row, column, kind, text in sorted(found, key=lambda f: (f[0], f[2])):
        entry(row, column, kind, grid.text(column, row) if column else "", text, at)
    for _, (row, column, text) in hits:  # after the log, which names rows by their clean keys
        grid.write(column, row, text)
    return grid.finish(order)


def _draw(name: str, rng: Any, groups: int) -> Any:
    """Draw the kind of error of each person's visit; most have none."""
    kinds = [kind for kind in RATES[name] if kind not in ONCE]
    drawn = _choose(rng, groups, {kind: RATES[name][kind] for kind in kinds})
    extra = {kind: rate for kind, rate in RATES[name].items() if kind in ONCE}
    return np.where(drawn == "", _choose(rng, groups, extra), drawn) if extra else drawn


def _choose(rng: Any, groups: int, rates: dict[str, float]) -> Any:
    edges = np.cumsum(list(rates.values()))
    return np.array([*rates, ""])[np.searchsorted(edges, rng.random(groups), side="right")]
