import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.estimators.power import power_t_test
from gluteal.frames.power_plan import plan_study, read_spread, write_settings

HOW = {
    "sd": 1.0, "share": 0.5, "explained": 0.0, "correlation": 0.6, "risk": 0.2, "visits": 4,
    "sd_within": 1.0, "reliability": 1.0, "dropout": 0.2,
}  # fmt: skip
STUDIES = ("group_difference", "arm_difference", "incidence", "within_person")


@pytest.mark.parametrize("study", STUDIES)
def test_size_and_effect_answer_each_other(study):
    plan = plan_study(study, 0.95, **HOW)
    effect = plan.solve_effect(200, 0.8, 20)
    assert plan.power(plan.people(200), effect) == pytest.approx(0.8)
    kept = 1.0 if study == "within_person" else 0.8
    assert plan.solve_people(effect, 0.8, kept) == pytest.approx(200, abs=2)
    assert plan.build(effect).truth == effect


def test_dropout_takes_people_and_covariates_take_variance():
    plan = plan_study("group_difference", 0.95, **HOW | {"explained": 0.36})
    assert plan.people(100) == 80
    assert plan.power(80, 0.5) == pytest.approx(power_t_test(40, 0.5 / 0.8))
    assert plan_study("within_person", 0.95, **HOW).people(100) == 100  # missed pairs instead


def test_what_cannot_be_reached_is_none():
    plan = plan_study("incidence", 0.95, **HOW)
    assert plan.solve_people(0.0001, 0.8, 1.0) is None
    assert plan.solve_effect(100, 0.8, 0.01) is None


@pytest.fixture
def cohort():
    ids = [f"P{k:02d}" for k in range(20)]
    people = pd.DataFrame({"participant_id": ids, "lbp": [True] * 10 + [False] * 10})
    visits = pd.DataFrame({
        "participant_id": ids * 2, "visit": ["baseline"] * 20 + ["week12"] * 20,
        "week_nominal": [0.0] * 20 + [12.0] * 20,
        "attended": pd.array([True] * 35 + [False] * 5, dtype="boolean"),
        "hip_abd_nm_kg": np.r_[np.linspace(1, 2, 20), np.full(20, np.nan)],
    })  # fmt: skip
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def test_only_spread_and_attendance_are_read(cohort):
    found = read_spread(cohort, "hip_abd_nm_kg", "baseline")
    assert found["n"] == 20
    assert found["dropout"] == pytest.approx(0.25)
    assert found["sd"] == pytest.approx(np.linspace(1, 2, 20).std(ddof=1))
    swapped = Cohort(cohort.people.assign(lbp=~cohort.people["lbp"]), cohort.visits,
                     cohort.sides, cohort.trials)  # fmt: skip
    assert read_spread(swapped, "hip_abd_nm_kg", "baseline") == found
    assert "sd" not in read_spread(cohort, "", "baseline")


def test_a_measure_without_spread(cohort):
    flat = Cohort(cohort.people, cohort.visits.assign(hip_abd_nm_kg=1.0), cohort.sides,
                  cohort.trials)  # fmt: skip
    with pytest.raises(UserError) as error:
        read_spread(flat, "hip_abd_nm_kg", "baseline")
    assert error.value.faults[0].column == "hip_abd_nm_kg"


@pytest.mark.parametrize("study", STUDIES)
def test_settings_are_named(study):
    rows = dict(write_settings(study, HOW))
    assert len(rows) >= 4
    assert ("Correlation of visits" in rows) is (study == "arm_difference")
