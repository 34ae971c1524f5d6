from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.bias_checks import (
    Answer,
    answer_error,
    answer_exclusions,
    answer_implausible,
    answer_robust,
    answer_weighted,
    attempt,
)
from gluteal.frames.one_effect import take_effect
from gluteal.frames.score_error import NOTHING, stated_error
from gluteal.variables import variables

TRUE = -0.2


def make(n=4000, seed=3, confounding=0.3):
    """Strength falls with age and with pain; pain rises with age: age confounds."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 60, n)
    z = (age - 40) / 10
    lbp = rng.random(n) < 1 / (1 + np.exp(-confounding * 2 * z))
    strength = 1.5 + TRUE * lbp - confounding * 0.2 * z + rng.normal(0, 0.25, n)
    tilt = 10 - 4 * strength + 0.5 * z + rng.normal(0, 2, n)
    return pd.DataFrame(
        {
            "participant_id": [f"P{i}" for i in range(n)],
            "lbp": pd.array(lbp, dtype="boolean"),
            "age_years": age,
            "hip_abd_nm_kg": strength,
            "pelvic_tilt_asis_psis_deg": tilt,
            "hip_oa": pd.array(rng.random(n) < 0.1, dtype="boolean"),
        }
    )


@pytest.fixture(scope="module")
def binary():
    return take_effect(make(), "hip_abd_nm_kg", "lbp", ("age_years",))


@pytest.fixture(scope="module")
def numeric():
    return take_effect(make(), "pelvic_tilt_asis_psis_deg", "hip_abd_nm_kg", ("age_years",))


@pytest.mark.parametrize("adjusted", [False, True])
def test_weights_find_the_truth_that_the_crude_difference_misses(binary, adjusted):
    crude = take_effect(binary.frame, "hip_abd_nm_kg", "lbp", ()).found(0.95).estimate
    found = answer_weighted(binary, 0.95, adjusted=adjusted).found
    assert abs(crude - TRUE) > 0.05
    assert abs(found.estimate - TRUE) < 3 * found.se
    assert found.se < 0.015


@pytest.mark.parametrize("adjusted", [False, True])
def test_density_weights_find_the_slope(numeric, adjusted):
    found = answer_weighted(numeric, 0.95, adjusted=adjusted).found
    assert abs(found.estimate - -4 * numeric.units) < 4 * found.se


def test_weights_tell_how_many_people_they_leave(binary):
    more = answer_weighted(binary, 0.95, adjusted=False).more
    assert "effective people, largest weight" in more["estimator"]


def test_outliers_hardly_move_the_robust_row(binary):
    frame = binary.frame.copy()
    frame.loc[frame.index[:40], "hip_abd_nm_kg"] = 8.0
    wild = take_effect(frame, "hip_abd_nm_kg", "lbp", ("age_years",))
    found = answer_robust(wild, 0.95).found
    assert abs(found.estimate - TRUE) < 0.03
    assert wild.found(0.95).se > 2 * found.se


def test_a_yes_or_no_has_no_outliers():
    effect = take_effect(make(300), "lbp", "hip_abd_nm_kg", (), "logistic")
    assert answer_robust(effect, 0.95).reason == "a yes or no has no outliers"


def test_error_of_the_exposure_is_taken_out(numeric):
    rng = np.random.default_rng(9)
    frame = numeric.frame.copy()
    frame["hip_abd_nm_kg"] += rng.normal(0, 0.15, len(frame))
    amount = (numeric.units, "per SD")
    pair = ("pelvic_tilt_asis_psis_deg", "hip_abd_nm_kg", ("age_years",))
    noisy = take_effect(frame, *pair, amount=amount)
    error = stated_error("hip_abd_nm_kg", 0.15)
    calibrated, simex = (one.found for one in answer_error(noisy, error, 0.95, 1))
    true = -4 * numeric.units
    assert abs(noisy.found(0.95).estimate - true) > 0.15
    assert abs(calibrated.estimate - true) < 3 * calibrated.se
    assert abs(simex.estimate - true) < 3 * simex.se


def test_trials_of_one_session_are_a_caution(numeric):
    error = replace(stated_error("hip_abd_nm_kg", 0.05), source="trials")
    for one in answer_error(numeric, error, 0.95, 1):
        assert "trials of one session" in one.more["warnings"]


def test_without_repeats_the_reason_is_given(numeric, binary):
    (one,) = answer_error(numeric, NOTHING, 0.95, 1)
    assert one.reason == "no repeats of the exposure"
    (two,) = answer_error(binary, NOTHING, 0.95, 1)
    assert "yes or no" in two.reason


def test_people_are_left_out_by_level(binary):
    (one,) = answer_exclusions(binary, {"hip osteoarthritis": {"hip_oa": ("1",)}}, 0.95)
    kept = binary.frame[~binary.frame["hip_oa"]]
    want = take_effect(kept, "hip_abd_nm_kg", "lbp", ("age_years",)).found(0.95)
    assert one.found.estimate == pytest.approx(want.estimate)
    assert one.more["n_people"] == len(kept)


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"men": {"sex": ("m",)}}, "sex not recorded"),
        ({"pain": {"lbp": ("1",)}}, "lbp is in the effect itself"),
        ({"the old": {"hip_oa": ("9",)}}, "nobody in the analysis"),
    ],
)
def test_who_cannot_be_left_out_is_told(binary, groups, reason):
    (one,) = answer_exclusions(binary, groups, 0.95)
    assert reason in one.reason
    assert not one.failed


def test_values_on_the_query_list_are_left_out(binary):
    frame = binary.frame.copy()
    frame.loc[frame.index[:12], "hip_abd_nm_kg"] = 6.0
    wild = take_effect(frame, "hip_abd_nm_kg", "lbp", ("age_years",))
    (one,) = answer_implausible(wild, 0.95)
    known = variables()["hip_abd_nm_kg"]
    fine = frame["hip_abd_nm_kg"].between(known.soft_low, known.soft_high)
    assert one.more["n_people"] == fine.sum() <= len(frame) - 12


def test_a_check_that_breaks_down_takes_no_other_along():
    def fail() -> Answer:
        raise UserError("it broke")

    made = attempt("robust", "x", fail)
    assert made.failed
    assert made.reason == "it broke"


def test_weights_that_leave_a_covariate_unbalanced_say_so():
    rng = np.random.default_rng(1)
    frame = make(400)
    frame["age_years"] = np.where(np.arange(400) % 25 == 0, 59.0, 25.0 + rng.uniform(0, 3, 400))
    frame["hip_abd_nm_kg"] = 1.5 - 0.03 * frame["age_years"] + rng.normal(0, 0.05, 400)
    pair = ("pelvic_tilt_asis_psis_deg", "hip_abd_nm_kg")
    skewed = take_effect(frame, *pair, ("age_years",))
    said = answer_weighted(skewed, 0.95, adjusted=False).more["warnings"]
    assert "weights leave age_years unbalanced" in said
    balanced = take_effect(make(), *pair, ("age_years",))
    assert "unbalanced" not in answer_weighted(balanced, 0.95, adjusted=False).more["warnings"]
