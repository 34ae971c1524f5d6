import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

FULL = st.lists(st.integers(0, 5), min_size=10, max_size=10)


def sheet(*answers):
    return {f"item_{i}": a for i, a in enumerate(answers, 1)}


def test_complete_by_hand(score):
    # 3+2+1+4+0+5+2+1+3+2 = 23 of 50 = 46 %
    scores, notes = score("odi", [sheet(3, 2, 1, 4, 0, 5, 2, 1, 3, 2)])
    assert scores["odi_pct"].tolist() == [46]
    assert scores["odi_item_8"].tolist() == [1]
    assert notes["complete"] == 1


def test_one_missing_takes_five_off_the_denominator(score):
    # Without item 8: 22 of 45 = 48.889 %, the same as putting the mean in its place
    scores, notes = score("odi", [sheet(3, 2, 1, 4, 0, 5, 2, np.nan, 3, 2)])
    assert scores["odi_pct"][0] == pytest.approx(48.8889, abs=1e-4)
    assert notes["prorated (up to 1 missing)"] == 1
    assert notes["item 8 missing"] == 1


def test_the_boundary_of_missing_items(score):
    two = sheet(3, 2, 1, 4, 0, 5, 2, np.nan, np.nan, 2)  # 19 of 40 = 47.5 %
    scores, notes = score("odi", [two])
    assert np.isnan(scores["odi_pct"][0])
    assert notes["not scored (over 1 missing)"] == 1
    scores, _ = score("odi", [two], max_missing=2)
    assert scores["odi_pct"].tolist() == [47.5]
    one = sheet(3, 2, 1, 4, 0, 5, 2, 1, np.nan, 2)
    assert np.isnan(score("odi", [one], max_missing=0)[0]["odi_pct"][0])


def test_nothing_answered_is_nothing_whatever_the_limit(score):
    scores, notes = score("odi", [{}], max_missing=9)
    assert np.isnan(scores["odi_pct"][0])
    assert notes["item 8 missing"] == 0  # a questionnaire not handed out has no item left out


@given(FULL, FULL)
def test_monotone(score, first, second):
    lower = sheet(*map(min, first, second))
    upper = sheet(*map(max, first, second))
    scores, _ = score("odi", [lower, upper])
    assert scores["odi_pct"][0] <= scores["odi_pct"][1]


def test_the_ends(score):
    scores, _ = score("odi", [sheet(*[0] * 10), sheet(*[5] * 10)])
    assert scores["odi_pct"].tolist() == [0, 100]
