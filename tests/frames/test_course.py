import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.frames.course import Course, lay_wide, read_course

VISITS = (("baseline", 0.0), ("week04", 4.0), ("week12", 12.0))


def build(n=20, arms=("programme", "control")):
    ids = [f"P{k:02d}" for k in range(n)]
    people = pd.DataFrame({"participant_id": ids, "arm": [arms[k % len(arms)] for k in range(n)]})
    visits = pd.DataFrame(
        [
            {"participant_id": name, "visit": visit, "week_nominal": week, "nprs_avg": k % 7 + week}
            for k, name in enumerate(ids)
            for visit, week in VISITS
        ]
    )
    visits["phq9"] = np.arange(len(visits)) % 5.0
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(typed(people), typed(visits), none, none)


def test_the_outcome_is_laid_out_by_visit():
    made = read_course(build(), "nprs_avg", (), "baseline")
    assert made.visits == ("baseline", "week04", "week12")
    assert made.weeks.tolist() == [0, 4, 12]
    assert made.sizes() == (10, 10)
    assert made.two_arms
    np.testing.assert_allclose(made.y[3], [3, 7, 15])
    assert made.at("week12") == 2
    with pytest.raises(UserError, match="baseline"):
        made.at("baseline")


def test_weeks_count_from_the_visit_named_as_baseline():
    made = read_course(build(), "nprs_avg", (), "week04")
    assert made.weeks.tolist() == [0, 8]


def test_people_without_covariates_or_values_are_counted():
    cohort = build()
    at = (cohort.visits["participant_id"] == "P00") & (cohort.visits["visit"] == "baseline")
    cohort.visits.loc[at, "phq9"] = np.nan
    cohort.visits.loc[cohort.visits["participant_id"] == "P01", "nprs_avg"] = np.nan
    made = read_course(cohort, "nprs_avg", ("phq9",), "baseline")
    assert len(made.people) == 18
    assert made.n_missing == 2
    assert made.names == ("phq9",)
    before, after, arm = made.pairs(2)
    assert len(before) == len(after) == len(arm) == 18


def test_a_visit_with_hardly_anybody_is_left_out():
    cohort = build()
    cohort.visits.loc[cohort.visits["visit"] == "week04", "nprs_avg"] = np.nan
    made = read_course(cohort, "nprs_avg", (), "baseline")
    assert made.visits == ("baseline", "week12")
    assert made.weeks.tolist() == [0, 12]


def test_who_was_seen_only_at_a_visit_left_out_is_counted_as_missing():
    cohort = build()
    visits = cohort.visits
    seldom = (visits["visit"] == "week04") & ~visits["participant_id"].isin(["P00", "P01"])
    alone = visits["participant_id"].isin(["P00"]) & (visits["visit"] != "week04")
    visits.loc[seldom | alone, "nprs_avg"] = np.nan
    made = read_course(cohort, "nprs_avg", (), "baseline")
    assert made.visits == ("baseline", "week12")
    assert (len(made.y), made.n_missing) == (19, 1)


def test_one_arm_alone():
    made = read_course(build(), "nprs_avg", (), "baseline", "programme")
    assert made.sizes() == (10, 0)
    assert not made.two_arms
    cohort = build(arms=("programme",))
    bare = Cohort(cohort.people.drop(columns="arm"), cohort.visits, cohort.sides, cohort.trials)
    assert read_course(bare, "nprs_avg", (), "baseline", "programme").sizes() == (20, 0)


def test_faults_are_named():
    with pytest.raises(UserError, match="month3"):
        read_course(build(), "nprs_avg", (), "month3")
    with pytest.raises(UserError, match="arm"):
        read_course(build(arms=("other",)), "nprs_avg", (), "baseline")
    with pytest.raises(UserError, match="two visits"):
        read_course(build(4), "nprs_avg", (), "baseline")
    with pytest.raises(UserError, match="control arm only"):
        read_course(build(arms=("control",)), "nprs_avg", (), "baseline")
    with pytest.raises(UserError, match="age_years"):
        read_course(build(), "age_years", (), "baseline")


def test_only_keeps_people():
    made = read_course(build(), "nprs_avg", (), "baseline")
    half = made.only(made.arm == 1)
    assert isinstance(half, Course)
    assert half.sizes() == (10, 0)
    assert len(half.people) == len(half.y) == len(half.z)


def test_a_variable_wide():
    wide = lay_wide(build(), "phq9", ["P01", "P99"], ["baseline", "week12"])
    assert wide.shape == (2, 2)
    assert wide.iloc[0].tolist() == [3.0, 0.0]
    assert wide.iloc[1].isna().all()
