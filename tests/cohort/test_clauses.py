import numpy as np
import pytest
from pydantic import ValidationError

from gluteal.cohort.clauses import Clause, cite

NAN = np.nan
PAIN = Clause(
    reason="pain hardly fell", variable="nprs_avg", improved_below_pct=30, and_now=">= 4",
    constants=("mic_pct", "cut_referral_nprs"),
)  # fmt: skip


def judge(clause, before, now):
    return clause.judge(np.array(before, float), np.array(now, float)).tolist()


def test_too_little_improvement_and_still_high():
    #      fell 40 %, 28.6 %, 0 %, 20 % but low, rose from 0
    before, now = [10, 7, 5, 4, 0], [6, 5, 5, 3.2, 4]
    assert judge(PAIN, before, now) == [0, 1, 1, 0, 1]


def test_a_half_that_fails_needs_no_other_half():
    assert judge(PAIN, [NAN, NAN, 5], [3, 6, NAN])[:1] == [0]
    assert np.isnan(judge(PAIN, [NAN, NAN, 5], [3, 6, NAN])[1:]).all()


def test_worse_and_units_and_better_upwards():
    worse = Clause(reason="worse", variable="nprs_avg", worse_by=2, source="x")
    assert judge(worse, [3, 3, 3], [5, 4, 1]) == [1, 0, 0]
    odi = Clause(reason="r", variable="odi_pct", improved_below=10, and_now="> 20", source="x")
    assert judge(odi, [40, 40, 25], [31, 30, 18]) == [1, 0, 0]
    up = Clause(reason="r", variable="psfs_0_10", improved_below=2, better="higher", source="x")
    assert judge(up, [3, 3], [4, 6]) == [1, 0]


def test_text_and_sources():
    assert PAIN.write().endswith("less than 30% of its first value and is now >= 4")
    assert "Ostelo 2008" in PAIN.cite()
    assert "project decision" in PAIN.cite()
    assert cite("cut_referral_risk").count("project decision") == 1
    odi = Clause(reason="r", variable="odi_pct", improved_below=10, source="a trial")
    assert (odi.write(), odi.cite()) == (
        "Oswestry Disability Index improved by less than 10 %",
        "a trial",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"worse_by": 2}, "give one of"),
        ({"improved_below_pct": None}, "give one of"),
        ({"and_now": "four"}, "is no rule"),
        ({"constants": ()}, "needs a stated source"),
        ({"constants": ("mic_nrps",)}, "mic_nprs"),
    ],
)
def test_settings_that_are_refused(changes, words):
    with pytest.raises(ValidationError, match=words):
        Clause.model_validate(PAIN.model_dump() | changes)


def test_zero_is_a_cut():
    assert Clause(reason="r", variable="nprs_avg", worse_by=1, and_now="> 0", source="x")
