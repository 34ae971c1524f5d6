import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.instruments.nih_impact import FUNCTION, INTERFERENCE, ITEMS


def sheet(pain, interference, function):
    return {
        "pain_7d": pain,
        **dict(zip(INTERFERENCE, interference, strict=True)),
        **dict(zip(FUNCTION, function, strict=True)),
    }


def test_by_hand(score):
    # 6 + (2+3+2+3) + (6-4)+(6-3)+(6-5)+(6-4) = 6 + 10 + 8 = 24
    scores, _ = score("nih_impact", [sheet(6, (2, 3, 2, 3), (4, 3, 5, 4))])
    assert scores["nih_impact"].tolist() == [24]


def test_the_ends_are_8_and_50(score):
    scores, _ = score("nih_impact", [sheet(0, [1] * 4, [5] * 4), sheet(10, [5] * 4, [1] * 4)])
    assert scores["nih_impact"].tolist() == [8, 50]


@pytest.mark.parametrize("key", ITEMS)
def test_all_nine_or_none(score, key):
    scores, notes = score("nih_impact", [{**sheet(6, [2] * 4, [4] * 4), key: np.nan}])
    assert np.isnan(scores["nih_impact"][0])
    assert notes["not scored (an item missing)"] == 1


@given(st.integers(0, 10), st.lists(st.integers(1, 5), min_size=8, max_size=8))
def test_items_are_added_whatever_their_order(score, pain, answers):
    first = sheet(pain, answers[:4], answers[4:])
    second = sheet(pain, answers[3::-1], answers[:3:-1])
    scores, _ = score("nih_impact", [first, second])
    assert scores["nih_impact"][0] == scores["nih_impact"][1]
