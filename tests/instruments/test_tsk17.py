import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st


def sheet(answer=2, missing=0, **changed):
    made = {f"item_{i}": np.nan if i > 17 - missing else answer for i in range(1, 18)}
    return {**made, **changed}


def test_items_4_8_12_16_are_reversed(score):
    # All 1: 13 x 1 + 4 x (5 - 1) = 29; all 4: 13 x 4 + 4 x 1 = 56
    scores, _ = score("tsk17", [sheet(1), sheet(4)])
    assert scores["tsk17"].tolist() == [29, 56]
    least = sheet(1, **{f"item_{i}": 4 for i in (4, 8, 12, 16)})
    most = sheet(4, **{f"item_{i}": 1 for i in (4, 8, 12, 16)})
    assert score("tsk17", [least, most])[0]["tsk17"].tolist() == [17, 68]


def test_a_file_that_reversed_them_already_says_so(score):
    assert score("tsk17", [sheet(1)], reversed=True)[0]["tsk17"].tolist() == [17]


def test_eighty_percent_are_fourteen_of_seventeen(score):
    # Items 15 to 17 missing: 11 answers of 2 and three reversed (3): 31 x 17 / 14 = 37.643
    scores, _ = score("tsk17", [sheet(2, 3), sheet(2, 4)])
    assert scores["tsk17"][0] == pytest.approx(37.6429, abs=1e-4)
    assert np.isnan(scores["tsk17"][1])


@given(st.lists(st.integers(1, 4), min_size=17, max_size=17))
def test_reversing_all_answers_mirrors_the_score(score, answers):
    turned = {f"item_{i}": 5 - a for i, a in enumerate(answers, 1)}
    plain = {f"item_{i}": a for i, a in enumerate(answers, 1)}
    scores, _ = score("tsk17", [plain, turned])
    assert scores["tsk17"].sum() == 85  # 17 x 5
