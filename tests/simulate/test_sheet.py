import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.simulate.sheet import CODES, DONE, Sheet, code_of, coded, ids, numbers, rounded


@given(st.lists(st.decimals(-999, 999, places=1), min_size=1, max_size=30))
def test_numbers_are_written_as_the_shortest_text(values):
    floats = rounded(np.array([float(v) for v in values]), 1)
    assert [float(text) for text in numbers(floats).to_pylist()] == [float(v) for v in values]
    assert all(len(text) <= 6 for text in numbers(floats).to_pylist())


def test_a_missing_number_is_its_reason():
    reasons = np.array([DONE, code_of("pain")])
    assert numbers(np.array([1.5, 9.9]), reasons).to_pylist() == ["1.5", "NA:pain"]


def test_zero_has_no_sign():
    assert numbers(rounded(np.array([-0.01]), 1)).to_pylist() == ["0"]


def test_ids_sort_as_the_people_do():
    assert ids(9, 2, 400) == ["P000010", "P000011"]
    assert ids(0, 1, 10**7) == ["P00000001"]


def test_an_unknown_reason_is_refused():
    with pytest.raises(ValueError, match="not in tuple"):
        code_of("boredom")
    assert CODES[code_of("lost")] == "NA:lost"


def test_rows_go_person_by_person_in_the_order_of_the_slots():
    sheet = Sheet(2)
    sheet.add({"test": "a"}, np.array([1.0, 2.0]), np.array([True, True]))
    sheet.add({"test": "b"}, np.array([3.0, 4.0]), np.array([False, True]), flag=np.array([0, 1]))
    rows = sheet.flatten(["flag", "other"])
    assert rows["person"].to_pylist() == [0, 1, 1]
    assert rows["test"].to_pylist() == ["a", "a", "b"]
    assert rows["value"].to_pylist() == [1.0, 2.0, 4.0]
    assert rows["flag"].to_pylist() == [-1, -1, 1]
    assert rows["other"].to_pylist() == [-1, -1, -1]
    assert rows["reason"].to_pylist() == [DONE] * 3


def test_words_are_looked_up():
    assert coded([1, 0], ["x", "y"]).to_pylist() == ["y", "x"]
