import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.instruments.scale import (
    Interval,
    allows,
    as_given,
    count_rules,
    describe,
    label,
    numbered,
    prorate,
    steps,
    take,
)

ANSWERS = st.lists(st.integers(0, 5) | st.none(), min_size=1, max_size=12)


def test_prorated_sum_by_hand():
    # 1 + 2 + 3 = 6; with one missing (1 + 2) x 3 / 2 = 4.5; two missing are over the limit
    answers = np.array([[1, 2, 3], [1, 2, np.nan], [1, np.nan, np.nan], [np.nan] * 3])
    found = prorate(answers, 1)
    np.testing.assert_array_equal(found.total, [6, 4.5, np.nan, np.nan])
    assert found.complete.tolist() == [True, False, False, False]
    assert found.prorated.tolist() == [False, True, False, False]
    assert found.dropped.tolist() == [False, False, True, False]  # the last answered nothing
    assert count_rules(found, 1) == {
        "complete": 1,
        "prorated (up to 1 missing)": 1,
        "not scored (over 1 missing)": 1,
    }
    assert "prorated" not in "".join(count_rules(prorate(answers, 0), 0))


@given(ANSWERS, st.integers(0, 12))
def test_prorated_sum_is_mean_imputation(answers, allowed):
    row = np.array([[np.nan if a is None else a for a in answers]])
    missing = int(np.isnan(row).sum())
    total = prorate(row, allowed).total[0]
    if missing > allowed or missing == row.size:
        assert np.isnan(total)
    else:
        filled = np.where(np.isnan(row), np.nanmean(row), row).sum()
        assert total == pytest.approx(filled)
        assert 0 <= total <= 5 * row.size + 1e-9


@given(st.permutations([0.0, 1.0, 2.0, 3.0, float("nan")]))
def test_item_order_does_not_matter(order):
    assert prorate(np.array([order]), 1).total[0] == pytest.approx(7.5)  # 6 x 5 / 4


@given(st.lists(st.integers(0, 1), min_size=24, max_size=24))
def test_complete_sums_are_whole(answers):
    assert prorate(np.array([answers], dtype=float), 2).total[0] == sum(answers)


def test_allowed_answers():
    values = np.array([0, 0.5, 5, 6, np.nan])
    assert allows(steps(0, 5), values).tolist() == [True, False, True, False, False]
    assert allows(Interval(0, 5), values).tolist() == [True, True, True, False, False]
    assert describe(steps(0, 3)) == "0, 1, 2, 3"
    assert describe(Interval(0, 100)) == "0 to 100"
    assert list(numbered(2, (0, 1))) == ["item_1", "item_2"]


def test_an_item_without_a_column_was_not_answered():
    items = pd.DataFrame({"b": [1.0]})
    np.testing.assert_array_equal(take(items, ("a", "b")), [[np.nan, 1]])
    assert as_given(items, {"b": "nprs_avg"}).scores["nprs_avg"].tolist() == [1]


def test_taking_items_leaves_them_as_they_were():
    items = pd.DataFrame({"b": [1.0]})
    take(items, ("b",))[0, 0] = 9
    assert items["b"].tolist() == [1]


def test_labels():
    assert label(np.array([1, 0]), ("no", "yes"), np.array([True, False])).tolist() == ["yes", None]
