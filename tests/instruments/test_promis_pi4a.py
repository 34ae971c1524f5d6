import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gluteal.constants import constant


def sheet(*answers):
    return {f"item_{i}": a for i, a in enumerate(answers, 1)}


def test_the_table(score):
    # raw 4 -> 41.6; 2 + 3 + 3 + 2 = 10 -> 58.5; raw 20 -> 75.6
    scores, _ = score("promis_pi4a", [sheet(1, 1, 1, 1), sheet(2, 3, 3, 2), sheet(5, 5, 5, 5)])
    assert scores["promis_pi4a_t"].tolist() == [41.6, 58.5, 75.6]


def test_the_table_is_marked_unverified():
    assert not any(constant(f"promis_pi4a_t_{raw}").verified for raw in range(4, 21))


def test_the_table_needs_all_four(score):
    scores, notes = score("promis_pi4a", [sheet(2, 3, 3, np.nan)])
    assert np.isnan(scores["promis_pi4a_t"][0])
    assert notes["not scored (an item missing)"] == 1


def test_prorating_from_half_rounds_up(score):
    # 2 + 3 + 3 = 8 x 4 / 3 = 10.67 -> 11 -> 59.9; 2 + 3 = 5 x 2 = 10 -> 58.5; one item: none
    sheets = [sheet(2, 3, 3, np.nan), sheet(2, 3, np.nan, np.nan), sheet(2, *[np.nan] * 3)]
    scores, _ = score("promis_pi4a", sheets, missing="prorate")
    assert scores["promis_pi4a_t"][:2].tolist() == [59.9, 58.5]
    assert np.isnan(scores["promis_pi4a_t"][2])
    # 1 + 1 + 1 = 3 x 4 / 3 is 4 exactly, not 5 by a rounding error
    scores, _ = score("promis_pi4a", [sheet(1, 1, 1, np.nan)], missing="prorate")
    assert scores["promis_pi4a_t"].tolist() == [41.6]


@given(st.lists(st.integers(1, 4), min_size=4, max_size=4), st.integers(0, 3))
def test_one_more_point_is_more_interference(score, answers, place):
    worse = list(answers)
    worse[place] += 1
    scores, _ = score("promis_pi4a", [sheet(*answers), sheet(*worse)])
    assert scores["promis_pi4a_t"][0] < scores["promis_pi4a_t"][1]
