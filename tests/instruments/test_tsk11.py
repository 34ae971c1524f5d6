import numpy as np
import pytest

from gluteal.instruments.tsk11 import NUMBERS


def sheet(answer=2, missing=0):
    keys = [f"item_{number}" for number in NUMBERS]
    return {key: np.nan if i < missing else answer for i, key in enumerate(keys)}


def test_no_item_is_reversed(score):
    # 11 items of 1, 2 and 4: 11, 22, 44
    scores, _ = score("tsk11", [sheet(1), sheet(2), sheet(4)])
    assert scores["tsk11"].tolist() == [11, 22, 44]


def test_eighty_percent_are_nine_of_eleven(score):
    scores, notes = score("tsk11", [sheet(3, 2), sheet(3, 3)])
    assert scores["tsk11"][0] == pytest.approx(33)
    assert np.isnan(scores["tsk11"][1])
    assert notes["prorated (up to 2 missing)"] == 1


def test_items_bear_their_tsk17_numbers():
    assert NUMBERS == (1, 2, 3, 6, 7, 9, 11, 13, 14, 15, 17)
