import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.cohort.grid import Column, Grid, blank_rows, combine, number_groups, number_lines


def column(*cells):
    return Column(pa.chunked_array([pa.array(cells, pa.string())]))


def test_a_space_makes_no_other_word_but_the_cell_stays_as_it_is():
    found = column("P1", "P1 ", " P1", "P2")
    assert found.words == ["P1", "P2"]
    assert found.codes.tolist() == [0, 0, 0, 1]
    assert found.spaced.tolist() == [False, True, True, False]
    assert [found.text(row) for row in range(4)] == ["P1", "P1 ", " P1", "P2"]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1", 1), ("-2.50", -2.5), (".5", 0.5), ("1e3", 1000), ("+3.", 3), (" 4 ", 4)],
)
def test_numbers_are_read(cell, number):
    assert column(cell).numbers.tolist() == [number]


@pytest.mark.parametrize("cell", ["", "1,5", "nan", "inf", "0x10", "1_000", "12 N", "1e999", "٣"])
def test_what_is_no_number_is_nan(cell):
    assert np.isnan(column(cell).numbers).all()


def test_reasons_count_as_missing_and_words_do_not():
    found = column("NA:pain", "NA", "na", "", "3")
    assert found.missing.tolist() == [True, False, False, False, False]


def test_lines_are_counted_as_a_spreadsheet_does():
    assert number_lines(3, ()).tolist() == [2, 3, 4]
    assert number_lines(3, (3,)).tolist() == [2, 4, 5]


def test_blank_rows_are_passed_over_and_the_lines_stay_right():
    table = pa.table({"a": ["1", "", "3"], "b": ["x", "", ""]})
    assert blank_rows(table).tolist() == [False, True, False]
    grid = Grid("visits", "v.csv", table)
    assert (grid.n, grid.lines.tolist()) == (2, [2, 4])
    faults = grid.faults(np.array([False, True]), "b", "rule", "remedy")
    assert [(f.row, f.column, f.value) for f in faults] == [(4, "b", "")]


def test_a_column_that_the_file_lacks_holds_its_default():
    grid = Grid("measurements", "m.csv", pa.table({"a": ["1", "2"]}))
    assert grid.column("assessor").words == ["na"]
    assert grid.column("version", "0").numbers.tolist() == [0, 0]
    assert "assessor" not in grid


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 3))))
def test_equal_rows_have_equal_numbers_and_no_others(rows):
    parts = [[str(row[i]) for row in rows] for i in range(3)]
    key = combine(*(column(*part) for part in parts)) if rows else np.zeros(0, np.int64)
    same = {
        (a, b) for a, row_a in enumerate(rows) for b, row_b in enumerate(rows) if row_a == row_b
    }
    assert {(a, b) for a in range(len(rows)) for b in range(len(rows)) if key[a] == key[b]} == same
    group, first = number_groups(key)
    assert all(key[first[g]] == k for g, k in zip(group, key, strict=True))


def test_many_wide_columns_do_not_run_over():
    words = [str(i) for i in range(5000)]
    key = combine(*(column(*words) for _ in range(9)))
    assert len(np.unique(key)) == 5000


def test_one_numbering_is_shared_between_tables():
    names: dict[str, int] = {}
    assert column("b", "a").shared(names).tolist() == [0, 1]
    assert column("c", "a", "b").shared(names).tolist() == [2, 1, 0]
