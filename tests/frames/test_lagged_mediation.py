import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.errors import CannotTest
from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_joint import join_panel
from gluteal.frames.lagged_mediation import (
    allocated,
    choose_span,
    compare_arms,
    courses_of,
    lay_out_arms,
    listwise,
    one_step,
    through,
)

PAIR = ("hip_abd_nm_kg", "nprs_avg")
VISITS = ("baseline", "week04", "week08", "week12")
GAIN = 0.1
"""Of the programme, by visit."""


@pytest.fixture
def cohort():
    """120 people of two arms, 10 of none; four visits."""
    rng = np.random.default_rng(4)
    ids = [f"P{k:03d}" for k in range(130)]
    arm = np.array([["control", "programme"][k % 2] for k in range(120)] + [None] * 10, object)
    programme = arm == "programme"
    people = pd.DataFrame({
        "participant_id": ids, "arm": pd.Categorical(arm, ["control", "programme"]),
        "adherence": np.where(programme, rng.uniform(0.3, 1, 130), np.nan),
        "age_years": rng.uniform(20, 60, 130),
    })  # fmt: skip
    trait, pain = 1.2 + 0.2 * rng.normal(size=130), 5 + rng.normal(size=130)
    tables = []
    state = rng.normal(size=(130, 2))
    for k, visit in enumerate(VISITS):
        tables.append(pd.DataFrame({
            "participant_id": ids, "visit": visit, "week_nominal": 4.0 * k,
            "hip_abd_nm_kg": trait + 0.1 * state[:, 0] + GAIN * k * programme,
            "nprs_avg": pain + state[:, 1],
        }))  # fmt: skip
        state = state @ [[0.5, -0.2], [0.0, 0.4]] + rng.normal(size=(130, 2))
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, pd.concat(tables, ignore_index=True), none, none)


def lay(cohort, end=None, covariates=()):
    part = allocated(cohort)
    schedule, at = choose_span(part, PAIR, "baseline", end)
    return part, lay_out_arms(part, PAIR, schedule, at, covariates)


def test_people_without_an_arm_are_left_out(cohort):
    _part, arms = lay(cohort)
    assert len(arms.panel.people) == 120
    assert arms.arm.sum() == 60
    assert list(arms.earlier) == [1, 2]


def test_two_arms_are_needed(cohort):
    with pytest.raises(CannotTest, match="there is control"):
        allocated(cohort.only({"arm": ("control",)}))
    without = Cohort(cohort.people.drop(columns="arm"), cohort.visits, cohort.sides, cohort.trials)
    with pytest.raises(CannotTest, match="there is none"):
        allocated(without)


def test_the_span_begins_before_the_programme(cohort):
    assert choose_span(cohort, PAIR, "baseline", None)[1] == 3
    assert choose_span(cohort, PAIR, "baseline", "week08")[1] == 2
    with pytest.raises(CannotTest, match="week04: no equally spaced visit"):
        choose_span(cohort, PAIR, "baseline", "week04")
    with pytest.raises(CannotTest, match="week26"):
        choose_span(cohort, PAIR, "baseline", "week26")
    with pytest.raises(CannotTest, match="do not begin at week04"):
        choose_span(cohort, PAIR, "week04", None)


def test_each_arm_needs_people_at_each_visit(cohort):
    first = cohort.people["participant_id"].iloc[8:].tolist()
    gone = cohort.visits["participant_id"].isin(first) & (cohort.visits["visit"] == "week08")
    cohort.visits.loc[gone, "hip_abd_nm_kg"] = np.nan
    with pytest.raises(CannotTest, match="4 people with values at baseline and week08") as caught:
        lay(cohort)
    assert caught.value.faults[0].column == "hip_abd_nm_kg"


def test_gains_are_differences_between_the_arms_given_the_baseline(cohort):
    _part, arms = lay(cohort, covariates=("age_years",))
    gains, total = compare_arms(arms)
    for k, part in zip(arms.earlier, gains, strict=True):
        assert part.value == pytest.approx(GAIN * k, abs=0.12)
        design = np.column_stack([np.ones(120), arms.arm, arms.panel.first[:, 0], arms.panel.fixed])
        want = np.linalg.lstsq(design, arms.panel.first[:, k], rcond=None)[0][1]
        assert part.value == pytest.approx(want)
    assert total.n == 120


def test_one_regression_uses_the_same_people_in_both_legs(cohort):
    cohort.visits.loc[cohort.visits.index[-5:], "nprs_avg"] = np.nan
    cohort.visits.loc[cohort.visits.index[-40:-30], "nprs_avg"] = np.nan
    _part, arms = lay(cohort)
    gain, slope = one_step(arms)
    assert gain.n == slope.n == 110


def test_the_indirect_part_follows_the_paths(cohort):
    part, arms = lay(cohort)
    found = fit_lagged(arms.panel, "free", fixed=False)
    gains, total = compare_arms(arms)
    joint = join_panel([*gains, total], arms.panel.people, found, arms.panel)
    value = dict(zip(joint.names, joint.values, strict=True))
    want = value["gain_1"] * value["c_2"] * value["d_3"] + value["gain_2"] * value["c_3"]
    indirect = through(joint, arms, found)
    assert float(indirect(joint.values[None])[0]) == pytest.approx(want)
    assert part.people["arm"].notna().all()


def test_a_dose_has_a_course_where_it_differs(cohort):
    assert courses_of(allocated(cohort)) == ("arm", "adherence")
    programme = cohort.people["arm"] == "programme"
    cohort.people["adherence"] = np.where(programme, 0.7, np.nan)
    assert courses_of(allocated(cohort)) == ("arm",)
    people = cohort.people.drop(columns="adherence")
    none = Cohort(people, cohort.visits, cohort.sides, cohort.trials)
    assert courses_of(allocated(none)) == ("arm",)


def test_complete_people_are_found(cohort):
    cohort.visits.loc[3, "nprs_avg"] = np.nan
    _part, arms = lay(cohort)
    assert listwise(arms.panel).sum() == 119
