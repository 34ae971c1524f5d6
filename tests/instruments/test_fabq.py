import numpy as np
import pytest


def sheet(**changed):
    return {f"item_{i}": changed.get(f"item_{i}", i % 7) for i in range(1, 17)}


def gaps(*numbers):
    return dict.fromkeys([f"item_{number}" for number in numbers], np.nan)


def test_sub_scales_by_hand(score):
    # Answers are the item's number modulo 7.
    # PA: items 2..5 -> 2 + 3 + 4 + 5 = 14
    # W: items 6, 7, 9, 10, 11, 12, 15 -> 6 + 0 + 2 + 3 + 4 + 5 + 1 = 21
    scores, _ = score("fabq", [sheet()])
    assert scores[["fabq_pa", "fabq_w"]].to_numpy().tolist() == [[14, 21]]


def test_items_outside_the_sub_scales_do_not_count(score):
    scores, _ = score("fabq", [sheet(**gaps(1, 8, 13, 14, 16))])
    assert scores[["fabq_pa", "fabq_w"]].to_numpy().tolist() == [[14, 21]]


def test_the_boundaries_of_missing_items(score):
    # PA without item 5: (2 + 3 + 4) x 4 / 3 = 12; without two: none
    # W without 6 and 7: (2 + 3 + 4 + 5 + 1) x 7 / 5 = 21; without three: none
    scores, notes = score("fabq", [sheet(**gaps(5, 6, 7)), sheet(**gaps(4, 5, 6, 7, 9))])
    assert scores["fabq_pa"][0] == pytest.approx(12)
    assert scores["fabq_w"][0] == pytest.approx(21)
    assert np.isnan(scores.loc[1]).all()
    assert notes["physical activity: prorated (up to 1 missing)"] == 1
    assert notes["work: not scored (over 2 missing)"] == 1


def test_the_ends(score):
    scores, _ = score("fabq", [{f"item_{i}": 6 for i in range(1, 17)}])
    assert scores[["fabq_pa", "fabq_w"]].to_numpy().tolist() == [[24, 42]]
