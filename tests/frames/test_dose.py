import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.dose import code_outcome, fit_curve, fit_slope


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    n = 300
    x = rng.normal(1.4, 0.3, n)
    return pd.DataFrame(
        {
            "participant_id": [f"P{i // 2}" for i in range(n)],
            "hip_abd_nm_kg": x,
            "age_years": rng.normal(43, 10, n),
            "nprs_avg": 6 - 2 * x + rng.normal(size=n),
            "odi_pct": 40 + 60 * (x - 1.4) ** 2 + rng.normal(size=n),
        }
    )


def test_the_curve_of_a_straight_relation_is_the_slope(frame):
    frame["nprs_avg"] = 6 - 2 * frame["hip_abd_nm_kg"] + 1e-6 * frame["age_years"]
    line = fit_slope(frame, "nprs_avg", "hip_abd_nm_kg", ("age_years",), "linear")
    curve = fit_curve(line, 4)
    assert line.per(0.5, 0.95).estimate == pytest.approx(-1.0)
    assert curve.against(1.9, 1.2, 0.95).estimate == pytest.approx(-1.4)


def test_the_curve_is_nothing_at_its_reference(frame):
    curve = fit_curve(fit_slope(frame, "nprs_avg", "hip_abd_nm_kg", (), "linear"), 4)
    assert curve.against(curve.reference, curve.reference, 0.95).estimate == 0
    points = curve.points(1.0, 1.8, 0.95)
    assert all(p["low"] <= p["estimate"] <= p["high"] for p in points)


def test_a_bend_is_found_and_turning_a_contrast_turns_its_sign(frame):
    curve = fit_curve(fit_slope(frame, "odi_pct", "hip_abd_nm_kg", (), "linear"), 4)
    assert curve.bend().p < 1e-10
    there, back = curve.against(1.0, 1.5, 0.95), curve.against(1.5, 1.0, 0.95)
    assert (there.estimate, there.low) == pytest.approx((-back.estimate, -back.high))


def test_clusters_widen_the_error_of_doubled_rows(frame):
    twice = pd.concat([frame, frame]).reset_index(drop=True)
    naive = fit_slope(twice, "nprs_avg", "hip_abd_nm_kg", (), "linear")
    aware = fit_slope(twice, "nprs_avg", "hip_abd_nm_kg", (), "linear", "participant_id")
    assert aware.per(1, 0.95).se > 1.2 * naive.per(1, 0.95).se


def test_models_are_compared_on_the_same_rows(frame):
    frame.loc[:9, "age_years"] = np.nan
    crude = fit_slope(frame, "nprs_avg", "hip_abd_nm_kg", (), "linear", also=("age_years",))
    assert len(crude.outcome) == 290


def test_one_person_is_refused(frame):
    frame["participant_id"] = "P1"
    with pytest.raises(UserError, match="one person"):
        fit_slope(frame, "nprs_avg", "hip_abd_nm_kg", (), "linear", "participant_id")


def test_a_constant_outcome_is_refused(frame):
    frame["nprs_avg"] = 3.0
    with pytest.raises(UserError, match="nprs_avg"):
        fit_slope(frame, "nprs_avg", "hip_abd_nm_kg", (), "linear")


def test_categories_are_numbered_without_gaps():
    frame = pd.DataFrame({"nprs_avg": [2.0, 5.0, np.nan, 9.0, 2.0]})
    np.testing.assert_array_equal(code_outcome(frame, "nprs_avg", "ordinal"), [0, 1, np.nan, 2, 0])


def test_negative_counts_are_refused():
    frame = pd.DataFrame({"days_with_pain_28d": [1.0, -2.0]})
    with pytest.raises(UserError, match="below zero"):
        code_outcome(frame, "days_with_pain_28d", "poisson")
