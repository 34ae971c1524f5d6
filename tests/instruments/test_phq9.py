import numpy as np
import pandas as pd
import pytest

from gluteal.instruments.phq9 import SCORES, flag_safety


def sheet(*answers):
    return {f"item_{i}": a for i, a in enumerate(answers, 1)}


GAP = np.nan


def test_complete(score):
    # 1+2+0+3+1+0+2+1+0 = 10
    scores, _ = score("phq9", [sheet(1, 2, 0, 3, 1, 0, 2, 1, 0), sheet(*[3] * 9)])
    assert scores["phq9"].tolist() == [10, 27]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((1, 2, 0, 3, 1, 0, 2, 1, GAP), 11),  # 10 x 9 / 8 = 11.25 -> 11
        ((1, 2, 0, 3, 1, 0, 2, GAP, GAP), 12),  # 9 x 9 / 7 = 11.57 -> 12
        ((1, 1, 1, 1, 0, 0, 0, 0, GAP), 5),  # 4 x 9 / 8 = 4.5, a half goes up
        ((3, 3, 3, 3, 0, 0, 0, 0, GAP), 14),  # 12 x 9 / 8 = 13.5 -> 14
        ((1, 2, 0, 3, 1, 0, GAP, GAP, GAP), None),  # three missing: no score
    ],
)
def test_prorating_and_rounding(score, answers, expected):
    scores, _ = score("phq9", [sheet(*answers)])
    value = scores["phq9"][0]
    assert np.isnan(value) if expected is None else value == expected


def test_item_9_is_flagged_for_a_clinician_and_is_no_part_of_the_notes(score):
    items = pd.DataFrame({"item_9": [0.0, 1.0, 3.0, GAP]})
    assert flag_safety(items).tolist() == [False, True, True, False]
    scores, notes = score("phq9", [sheet(*[1] * 9), sheet(*[1] * 8, 0), sheet(*[1] * 8, GAP)])
    assert SCORES == ("phq9", "phq9_safety")
    assert scores["phq9_safety"].tolist()[:2] == [1, 0]
    assert np.isnan(scores["phq9_safety"][2])  # not asked is not a no
    assert not [rule for rule in notes if "9" in rule or "safety" in rule]
