"""The state before the first cycle: people in order, simple fills, random first values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.impute.columns import (
    Column,
    Passive,
    compute,
    name_of,
    seems_constant_within,
)
from gluteal.estimators.impute.design import Layout, State, lay_out, person_means
from gluteal.estimators.impute.targets import Cells, find_cells
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class People:
    """Rows in the order of people.

    Attributes
    ----------
    order : ndarray of int, shape (n,)
        Position in the data of each row.
    codes, starts, counts : ndarray of int
        Person of each row, first row and rows of each person; empty without people.
    """

    order: Ints
    codes: Ints
    starts: Ints
    counts: Ints


def as_people(person: ArrayLike | None, n: int) -> People:
    """Bring the rows of each person together."""
    none = np.empty(0, dtype=np.intp)
    if person is None:
        return People(np.arange(n), none, none, none)
    codes, count = as_groups(person, n)
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=count)
    return People(order, codes[order], np.cumsum(counts) - counts, counts)


@dataclass(frozen=True, slots=True)
class Start:
    """What all imputations share.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        Rows in the order of people; simple fills done.
    layout : Layout
    base : ndarray, shape (n, width)
        The design with zeros where a value is missing.
    cells : tuple of Cells
        Of the columns to impute.
    rows : dict of int to ndarray of int
        Rows that are imputed, by column; passive columns too.
    fixed : dict of int to ndarray of int
        Rows that can take only one value, by column.
    lost : tuple of int
        Columns that cannot be imputed.
    events, warnings : tuple of str
    """

    values: Floats
    layout: Layout
    base: Floats
    cells: tuple[Cells, ...]
    rows: dict[int, Ints]
    fixed: dict[int, Ints]
    lost: tuple[int, ...]
    events: tuple[str, ...]
    warnings: tuple[str, ...]


def prepare(
    values: Floats,
    columns: Sequence[Column],
    passive: Sequence[Passive],
    roots: dict[int, set[int]],
    people: People,
) -> Start:
    """Sort out what is imputed, what has one possible value and what cannot be imputed."""
    values = values.copy()
    n, p = values.shape
    events: list[str] = []
    warnings: list[str] = []
    lost: list[int] = []
    fixed: dict[int, Ints] = {}
    by_person = [_by_person(values[:, j], columns[j], people) for j in range(p)]
    empty = int(np.isnan(values).all(1).sum())
    if empty:
        warnings.append(f"{empty} rows have no observed value")
    for j in range(p):
        if by_person[j] and columns[j].level is None and np.isnan(values[:, j]).any():
            events.append(
                f"column {name_of(columns, j)}: taken as the same in all rows of a person, as no "
                "observed values differ; set its level if it is not"
            )
    for j in range(p):
        named, missing = name_of(columns, j), np.isnan(values[:, j])
        if j in roots or not missing.any():
            continue
        if missing.all():
            lost.append(j)
            warnings.append(f"column {named}: nothing observed, so nothing imputed")
            continue
        seen = values[~missing, j]
        if seen.min() == seen.max():
            fixed[j] = np.flatnonzero(missing)
            values[missing, j] = seen[0]
            warnings.append(f"column {named}: only the value {seen[0]:g} is observed and imputed")
        elif by_person[j] and len(people.counts):
            fills = _copy_within(values, j, people)
            if fills.size:
                fixed_rows = ", ".join(str(people.order[i]) for i in fills[:5])
                events.append(
                    f"column {named}: {fills.size} cells taken from other rows of the person "
                    f"(first rows {fixed_rows})"
                )
                if not np.isnan(values[:, j]).any():
                    fixed[j] = fills
    for j in roots:
        if roots[j] & set(lost):
            lost.append(j)
            warnings.append(f"column {name_of(columns, j)}: a part of it cannot be imputed")
    # Fills may have completed passive values; where a part stays missing they are imputed.
    for one in passive:
        whole = ~np.isnan(values[:, one.parts]).any(1)
        parts = [values[whole, i] for i in one.parts]
        values[whole, one.column] = compute(one, parts, name_of(columns, one.column))
    shown = values.copy()
    shown[:, lost] = np.nan
    within = [not flag for flag in by_person]
    layout = lay_out(shown, columns, list(roots), within, people.starts, people.counts)
    cells = tuple(
        find_cells(values, columns[j], j, people.starts, people.counts, by_person[j])
        for j in range(p)
        if j not in roots and j not in lost and np.isnan(values[:, j]).any()
    )
    rows = {one.column: one.rows for one in cells}
    for j in roots:
        if j not in lost and (at := np.flatnonzero(np.isnan(values[:, j]))).size:
            rows[j] = at
    base = np.zeros((n, layout.width))
    base[:, 0] = 1.0
    for j, coding in enumerate(layout.codings):
        if coding.at.size:
            known = ~np.isnan(values[:, j])
            base[np.ix_(known, coding.at)] = coding.encode(values[known, j])
    return Start(
        values, layout, base, cells, rows, fixed, tuple(lost), tuple(events), tuple(warnings)
    )


def _by_person(values: Floats, column: Column, people: People) -> bool:
    if not len(people.counts):
        return False
    if column.level is not None:
        return column.level == "person"
    return seems_constant_within(values, people.codes, len(people.counts))


def _copy_within(values: Floats, j: int, people: People) -> Ints:
    """Fill a person's missing cells by the value that other rows of theirs have."""
    lost = np.isnan(values[:, j])
    seen = np.add.reduceat((~lost).astype(float), people.starts)
    known = np.zeros(len(seen))
    first = np.flatnonzero(~lost)
    known[people.codes[first[::-1]]] = values[first[::-1], j]
    fills = np.flatnonzero(lost & (seen[people.codes] > 0))
    values[fills, j] = known[people.codes[fills]]
    return fills


def start_state(
    start: Start,
    columns: Sequence[Column],
    passive: Sequence[Passive],
    streams: Sequence[np.random.Generator],
) -> State:
    """Fill every missing cell with a random observed value of its column."""
    b, layout = len(streams), start.layout
    numbers = [one for one in start.cells if one.method in ("pmm", "norm") and not one.by_person]
    exact = any(one.method == "norm" for one in numbers) or len(layout.starts) > 0
    base = start.base if exact else start.base.astype(np.float32)
    x = np.repeat(base[None], b, axis=0)
    parts = {i for one in passive for i in (*one.parts, one.column)} - set(start.lost)
    raw = {i: np.repeat(start.values[None, :, i], b, axis=0) for i in parts}
    for cells in start.cells:
        pick = np.stack([s.integers(0, len(cells.seen), len(cells.missing)) for s in streams])
        values = cells.spread_out(cells.seen[pick])
        x[:, cells.rows[:, None], layout.codings[cells.column].at] = layout.codings[
            cells.column
        ].encode(values)
        if cells.column in raw:
            raw[cells.column][:, cells.rows] = values
    for one in passive:
        if one.column not in start.rows:
            continue
        rows = start.rows[one.column]
        found = compute(one, [raw[i][:, rows] for i in one.parts], name_of(columns, one.column))
        raw[one.column][:, rows] = found
        coding = layout.codings[one.column]
        x[:, rows[:, None], coding.at] = coding.encode(found)
    for coding in layout.codings:
        if coding.means_at.size:
            means = person_means(x[:, :, coding.at], layout.starts, layout.counts)
            x[:, :, coding.means_at] = np.repeat(means, layout.counts, axis=1)
    matched = any(one.method == "pmm" for one in numbers)
    return State(layout, x, raw, matched)
