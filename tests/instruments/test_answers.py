import numpy as np
import pandas as pd
import pytest

from gluteal.instruments.answers import arrange, encode, number


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3.0), ("3.0", 3.0), ("2.5", 2.5), ("-9", -9.0), ("1e1", 10.0)]
)
def test_numbers_are_read(text, value):
    assert number(text, None) == value


@pytest.mark.parametrize("text", ["", "NA:refused", "NA:no_answer"])
def test_missing_values_are_missing(text):
    assert np.isnan(number(text, None))
    assert np.isnan(number(text, {"1": 0.0}))


@pytest.mark.parametrize("text", ["yes", "2,5", "n/a", "nan", "inf", "1_0", "٣", "3 4"])
def test_anything_else_is_no_answer(text):
    assert number(text, None) is None


def test_a_recode_is_the_whole_list_of_answers():
    recode = {"1": 0.0, "2": 1.0, "yes": 1.0}
    assert number("1", recode) == 0
    assert number("2.0", recode) == 1
    assert number("yes", recode) == 1
    assert number("0", recode) is None  # it must not slip through unchanged


def test_rows_become_a_table_in_any_order(rows):
    table = pd.concat(
        [
            rows("gpe7", {"change": 2}, "P002"),
            rows("hads", {"a_2": 1, "a_1": 3}, "P001"),
            rows("hads", {"a_1": "NA:refused"}, "P002", "week04"),
        ]
    )
    codes = {"a_1": (0, 1, 2, 3), "a_2": (0, 1, 2, 3)}
    for order in (table, table[::-1]):
        items, faults = arrange(encode(order), "hads", codes, None)
        assert not faults
        assert items.index.tolist() == [("P001", "baseline"), ("P002", "week04")]
        np.testing.assert_array_equal(items, [[3, 1], [np.nan, np.nan]])


def test_an_empty_cell_is_missing(rows):
    table = rows("hads", {"a_1": 1})
    table["value"] = pd.Series([None], dtype="str")
    items, faults = arrange(encode(table), "hads", {"a_1": (0, 1)}, None)
    assert not faults
    assert np.isnan(items.iloc[0, 0])


def test_each_kind_of_wrong_answer_is_one_fault(rows):
    table = pd.concat(
        [
            rows("hads", {"a_1": 7, "a_2": "lots"}, "P001"),
            rows("hads", {"a_1": 7, "a_2": 1, "b_1": 1}, "P002"),
        ]
    )
    codes = {"a_1": (0, 1, 2, 3), "a_2": (0, 1, 2, 3)}
    _, faults = arrange(encode(table), "hads", codes, None)
    found = {(fault.column, fault.value): fault.rule for fault in faults}
    assert set(found) == {("hads.a_1", "7"), ("hads.a_2", "lots"), ("item", "b_1")}
    assert "2 answers, the first by P001 at baseline" in found[("hads.a_1", "7")]


def test_an_item_answered_twice_is_named(rows):
    table = pd.concat([rows("hads", {"a_1": 1}), rows("hads", {"a_1": 2})])
    _, faults = arrange(encode(table), "hads", {"a_1": (0, 1, 2, 3)}, None)
    assert [fault.column for fault in faults] == ["hads.a_1"]
    assert "P001 at baseline has 2 rows" in faults[0].rule
