import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.constants import constants
from gluteal.errors import UserError
from gluteal.frames import context_time as timed

N = 30


def make(arm=None, weeks=(0, 26), onset=None):
    ids = [f"P{k:02d}" for k in range(N)]
    facts = {"participant_id": ids, "lbp": [True] * 20 + [False] * 10}
    if arm is not None:
        facts["arm"] = arm
    if onset is not None:
        facts["incident_lbp"] = pd.array(onset, dtype="boolean")
    values = np.random.default_rng(0).normal(5, 1, N)
    rows = [
        {"participant_id": i, "visit": f"w{w}", "week_nominal": float(w), "nprs_avg": v - w / 10}
        for w in weeks for i, v in zip(ids, values, strict=True)
    ]  # fmt: skip
    return Cohort(typed(pd.DataFrame(facts)), pd.DataFrame(rows), pd.DataFrame(), pd.DataFrame())


def test_published_points_have_the_intervals_of_their_abstract():
    found = timed.read_constant(constants()["course_acute_wk6_costa2012"], 0.95)
    assert (found.estimate, found.low, found.high) == pytest.approx((2.3, 2.1, 2.5))


def test_the_course_is_compared_at_matching_weeks():
    found = timed.compare_course(make(), "nprs_avg", "lbp", "persistent")
    assert [p.week for p in found.points] == [0, 26]
    assert found.change.n == 20  # those with pain at entry
    assert found.change.found.estimate == pytest.approx(-2.6)
    assert found.published_change.estimate == pytest.approx(-2.5)
    assert found.gap.estimate == pytest.approx(-0.1)


def test_where_there_are_arms_usual_care_is_compared():
    arm = ["control"] * 8 + ["programme"] * 12 + [None] * 10
    found = timed.compare_course(make(arm), "nprs_avg", "lbp", "persistent")
    assert (found.change.n, found.arm) == (8, "control")


def test_weeks_that_do_not_match():
    with pytest.raises(UserError) as error:
        timed.compare_course(make(weeks=(0, 12)), "nprs_avg", "lbp", "acute")
    assert error.value.faults[0].column == "week_nominal"


def test_new_pain_over_our_weeks():
    onset = [None] * 20 + [True] * 2 + [False] * 7 + [None]
    ours, theirs, weeks, gap = timed.compare_incidence(make(onset=onset), "incident_lbp", "lbp")
    assert (ours.n, ours.events, ours.n_missing, weeks) == (9, 2, 1, 26)
    assert theirs == pytest.approx(1 - 0.75**0.5)
    assert gap.estimate == pytest.approx(2 / 9 - theirs)
    with pytest.raises(UserError) as error:
        timed.compare_incidence(make(onset=[True] * 20 + [None] * 10), "incident_lbp", "lbp")
    assert error.value.faults[0].column == "incident_lbp"
