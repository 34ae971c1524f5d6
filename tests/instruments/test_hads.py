import numpy as np
import pytest


def sheet(anxiety, depression):
    return {
        **{f"a_{i}": a for i, a in enumerate(anxiety, 1)},
        **{f"d_{i}": a for i, a in enumerate(depression, 1)},
    }


GAP = np.nan


def test_two_sums(score):
    # 1+2+0+3+1+0+2 = 9; seven times 3 = 21
    scores, _ = score("hads", [sheet((1, 2, 0, 3, 1, 0, 2), [3] * 7)])
    assert scores[["hads_a", "hads_d"]].to_numpy().tolist() == [[9, 21]]


def test_the_half_rule_needs_four_of_seven(score):
    # 1 + 2 + 0 + 3 = 6 over four items x 7 = 10.5; three items are too few
    scores, notes = score("hads", [sheet((1, 2, 0, 3, GAP, GAP, GAP), (1, 2, 0) + (GAP,) * 4)])
    assert scores["hads_a"][0] == pytest.approx(10.5)
    assert np.isnan(scores["hads_d"][0])
    assert notes["anxiety: prorated (up to 3 missing)"] == 1
    assert notes["depression: not scored (over 3 missing)"] == 1
