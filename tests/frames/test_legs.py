import numpy as np
import pandas as pd
import pytest

from gluteal.errors import CannotTest, UserError
from gluteal.frames import legs


def trials(people=30, error=0.05, assessors=("A", "B"), count=3, seed=1):
    """ln(right/left) of 0 with independent errors of each trial and leg."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"P{i:03d}", "baseline", side, "hip_abd_nm_kg", who, k, np.exp(rng.normal(0, error)))
        for i in range(people)
        for side in legs.SIDES
        for who in assessors
        for k in range(count)
    ]
    names = ["participant_id", "visit", "side", "variable", "assessor", "trial", "value"]
    return pd.DataFrame(rows, columns=names)


def with_trials(cohort, table):
    object.__setattr__(cohort, "trials", table)
    return cohort


def test_legs_stand_side_by_side(two_legs):
    pairs = legs.pair_legs(two_legs, ["squeeze_grade", "hip_abd_nm_kg"], "baseline")
    assert len(pairs) == 120
    ratio = legs.log_asymmetry(pairs, "hip_abd_nm_kg")
    np.testing.assert_allclose(ratio, two_legs.visits["hip_abd_asym_log"])
    assert set(pairs["squeeze_grade_left"]) <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_swapped_sides_turn_the_sign(two_legs):
    plain = legs.log_asymmetry(legs.pair_legs(two_legs, ["hip_abd_nm_kg"], "baseline"),
                               "hip_abd_nm_kg")  # fmt: skip
    two_legs.sides["side"] = two_legs.sides["side"].map({"left": "right", "right": "left"})
    turned = legs.pair_legs(two_legs, ["hip_abd_nm_kg"], "baseline")
    np.testing.assert_allclose(legs.log_asymmetry(turned, "hip_abd_nm_kg"), -plain)


@pytest.mark.parametrize("assessors", [("A", "B"), ("A",)])
def test_the_error_of_the_mean_of_trials_is_found(two_legs, assessors):
    cohort = with_trials(two_legs, trials(400, 0.05, assessors))
    found = legs.measure_error(cohort, "hip_abd_nm_kg", "baseline")
    # Two legs, three trials each: 0.05 √(2/3).
    assert found.sem == pytest.approx(0.05 * np.sqrt(2 / 3), rel=0.06)
    assert found.leg_pct == pytest.approx(100 * 0.05 / np.sqrt(3), rel=0.06)
    assert found.mdc == pytest.approx(1.96 * found.sem, rel=1e-4)
    assert ("assessors" in found.how) == (len(assessors) == 2)


def test_the_newtons_of_a_muscle_serve_its_torque(two_legs):
    table = trials(40).assign(variable="hip_abd_n")
    assert (
        legs.measure_error(with_trials(two_legs, table), "hip_abd_nm_kg", "baseline").people == 40
    )


@pytest.mark.parametrize(
    "table",
    [
        trials(9),
        trials(30, count=1, assessors=("A",)),
        trials(30).query("side == 'left'"),
        trials(30).assign(visit="week12"),
        trials(0),
    ],
)
def test_without_repeats_nothing_is_guessed(two_legs, table):
    assert legs.measure_error(with_trials(two_legs, table), "hip_abd_nm_kg", "baseline") is None


def test_a_stated_error_and_the_share_that_is_real():
    error = legs.stated_error(10, "a study")
    assert np.exp(error.mdc) == pytest.approx(1.1)
    rng = np.random.default_rng(1)
    seen = rng.normal(0, np.sqrt(error.sem**2 * 4), 5000)
    assert error.shrink(seen) == pytest.approx(0.75, abs=0.03)
    assert error.shrink(np.zeros(5)) == 0


def test_one_leg_alone_is_named(two_legs):
    assert legs.find_one_sided(two_legs, ["squeeze_grade"], "baseline") == []
    two_legs.sides.loc[two_legs.sides["side"] == "left", "squeeze_grade"] = np.nan
    lacking = legs.find_one_sided(two_legs, ["squeeze_grade", "hip_abd_nm_kg"], "baseline")
    assert lacking == ["squeeze_grade of both legs"]


def test_what_has_no_legs_or_no_ratio_is_named(two_legs):
    with pytest.raises(UserError) as caught:
        legs.pair_legs(two_legs, ["nprs_avg"], "baseline")
    assert caught.value.faults[0].column == "nprs_avg"
    two_legs.sides.loc[0, "hip_abd_nm_kg"] = 0.0
    pairs = legs.pair_legs(two_legs, ["hip_abd_nm_kg"], "baseline")
    with pytest.raises(UserError, match="zero"):
        legs.log_asymmetry(pairs, "hip_abd_nm_kg")


def test_legs_that_were_not_measured_are_lacking_and_what_has_no_legs_is_a_mistake(two_legs):
    del two_legs.sides["hip_abd_nm_kg"]
    with pytest.raises(CannotTest, match="not measured leg by leg"):
        legs.pair_legs(two_legs, ["hip_abd_nm_kg"], "baseline")
    with pytest.raises(UserError) as caught:
        legs.pair_legs(two_legs, ["age_years"], "baseline")
    assert not isinstance(caught.value, CannotTest)
