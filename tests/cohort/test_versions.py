import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.cohort.tally import Tally
from gluteal.cohort.versions import changes, keep_latest, order_rows
from gluteal.errors import UserError


def keys(*columns):
    return [np.array(c, dtype=np.int64) for c in columns]


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), max_size=40))
def test_rows_are_sorted_as_tuples_are(found):
    columns = keys(*zip(*found, strict=True)) if found else keys([], [], [])
    order = order_rows(columns)
    assert [tuple(int(c[i]) for c in columns) for i in order] == sorted(found)


def test_keys_too_large_for_one_number_are_sorted_too():
    columns = keys([1 << 40, 0, 1 << 40], [1 << 40, 5, 3])
    assert order_rows(columns).tolist() == [1, 2, 0]


def test_group_starts():
    assert changes(keys([1, 1, 2, 2], [1, 1, 1, 2])).tolist() == [True, False, True, True]
    assert changes(keys([])).tolist() == []


def test_the_latest_version_wins_and_is_counted():
    tally = Tally()
    found = keys([0, 0, 0], [1, 1, 2], [0, 1, 0])
    last = keep_latest(found, np.array([1.0, 2.0, 3.0]), np.arange(3), tally, ["x"])
    assert last.tolist() == [False, True, True]
    assert tally.rows() == [{"variable": "x", "reason": "replaced by a correction", "n": 1}]


def test_the_same_row_twice_is_taken_once():
    tally = Tally()
    found = keys([0, 0, 0], [1, 1, 2], [0, 0, 0])
    last = keep_latest(found, np.array([1.0, 1.0, np.nan]), np.arange(3), tally, ["x"])
    assert last.sum() == 2
    assert tally.rows()[0]["reason"] == "the same row twice"


def test_two_values_of_one_trial_are_refused():
    with pytest.raises(UserError, match="1 trials have two different values"):
        keep_latest(
            keys([0, 0], [1, 1], [0, 0]), np.array([1.0, 2.0]), np.arange(2), Tally(), ["x"]
        )
