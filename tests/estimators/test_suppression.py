"""Small cells: hidden, and not to be worked out from the others."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.suppression import suppress_counts

TABLES = st.integers(1, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 9, 20]), min_size=width, max_size=width),
        min_size=2,
        max_size=4,
    )
)


def test_a_small_cell_takes_a_partner_in_its_column_and_its_row():
    marks = suppress_counts([[2, 10], [28, 30], [20, 20]], 5)
    assert marks == [
        ["small", "hidden", "shown"],
        ["shown", "shown", "shown"],
        ["hidden", "hidden", "shown"],
    ]


def test_nothing_small_nothing_hidden():
    assert suppress_counts([[5, 0], [9, 7]], 5) == [["shown"] * 3] * 2
    assert suppress_counts([], 5) == []
    assert suppress_counts([[1, 2]], 1) == [["shown"] * 3]


def test_small_cells_fixed_by_their_sum_take_a_third():
    """1 + 1 of 32: the reader who knows the 30 would know both."""
    marks = suppress_counts([[1], [1], [30], [40]], 5)
    assert [row[0] for row in marks] == ["small", "small", "hidden", "shown"]


def solutions(counts, marks, least):
    """All tables that agree with what is shown, in the columns' sums and the shown row sums."""
    rows, width = len(counts), len(counts[0])
    sizes = [sum(row[j] for row in counts) for j in range(width)]
    cells = list(product(range(rows), range(width)))

    def allowed(i, j):
        if marks[i][j] == "shown":
            return [counts[i][j]]
        return range(1, least) if marks[i][j] == "small" else range(least, max(sizes) + 1)

    found = []

    def walk(at, table):
        if at == len(cells):
            sums = [sum(table[i, j] for i in range(rows)) for j in range(width)]
            if sums != sizes:
                return
            for i in range(rows):
                known = marks[i][-1] == "shown" and width > 1
                if known and sum(table[i, j] for j in range(width)) != sum(counts[i]):
                    return
            found.append(dict(table))
            return
        i, j = cells[at]
        used = sum(table[k, j] for k in range(i))
        for n in allowed(i, j):
            if used + n <= sizes[j]:
                table[i, j] = n
                walk(at + 1, table)
                del table[i, j]

    walk(0, {})
    return found


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([0, 1, 2, 3, 6, 8]), min_size=2, max_size=2),
        min_size=2,
        max_size=3,
    )
)
def test_no_line_of_a_table_gives_a_small_cell_away(counts):
    """A line with a small cell has at least two unknowns, unless nothing is left to hide."""
    marks = suppress_counts(counts, 4)
    width = len(counts[0])
    table = [[*row, sum(row)] for row in counts]
    lines = [[(i, j) for i in range(len(counts))] for j in range(width + 1)]
    lines += [[(i, j) for j in range(width + 1)] for i in range(len(counts))]
    for line in lines:
        unknown = [at for at in line if marks[at[0]][at[1]] != "shown"]
        rest = [(i, j) for i, j in line if marks[i][j] == "shown" and table[i][j] > 0]
        assert len(unknown) != 1 or not rest


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_the_reader_is_left_with_more_than_one_table(small):
    counts = [[small, 6], [9, 8], [7, 12]]
    marks = suppress_counts(counts, 5)
    values = {table[0, 0] for table in solutions(counts, marks, 5)}
    assert len(values) > 1


@given(TABLES)
def test_every_small_cell_is_marked_and_zero_never(counts):
    marks = suppress_counts(counts, 5)
    for row, kinds in zip(counts, marks, strict=True):
        for n, mark in zip(row, kinds, strict=False):
            assert (mark == "small") == (0 < n < 5)
            assert n or mark == "shown"
            assert mark != "hidden" or n >= 5
