import math

import numpy as np
import pytest

from gluteal.cohort.derive import derive


@pytest.fixture
def measured(rows):
    def go(*measurements, settings=None):
        package = rows.package(
            participants=[rows.person("P1")],
            visits=[rows.visit("P1")],
            measurements=list(measurements),
        )
        return derive(package, settings)

    return go


def test_stance_best_mean_and_censoring(measured, rows):
    def stance(side, value, trial, **more):
        return rows.measure("P1", "sls_time", value, unit="s", side=side, trial=str(trial), **more)

    trials = [
        stance("left", 20, 1),
        stance("left", 45, 2, censored="right"),
        stance("right", 10, 1),
        stance("right", 30, 2),
    ]
    cohort = measured(*trials)
    sides = cohort.sides.set_index("side")
    assert sides["sls_time_s"].tolist() == [45, 30]
    assert sides["sls_time_mean_s"].tolist() == [32.5, 20]
    assert sides["sls_censored"].tolist() == [True, False]
    visit = cohort.visits.iloc[0]
    assert visit["sls_time_s"] == 37.5
    assert visit["sls_time_mean_s"] == 26.25
    assert bool(visit["sls_censored"])
    capped = measured(*trials, settings={"sls_cap_s": 30})
    assert capped.sides["sls_censored"].tolist() == [True, True]


def test_grades_are_categories_and_signs_booleans(measured, rows):
    cohort = measured(
        rows.measure("P1", "squeeze_grade", 2, side="left"),
        rows.measure("P1", "squeeze_grade", 4, side="right"),
        rows.measure("P1", "trendelenburg", 0, side="left", trial="1"),
        rows.measure("P1", "trendelenburg", 1, side="left", trial="2"),
    )
    sides = cohort.sides.set_index("side")
    assert sides["squeeze_grade"].tolist() == ["2", "4"]
    assert sides["squeeze_grade"].cat.ordered
    assert bool(sides.loc["left", "trendelenburg_pos"])
    assert "squeeze_grade" not in cohort.visits


def test_the_pelvis_needs_both_sides_and_radiographs_none(measured, rows):
    one = measured(rows.measure("P1", "pelvic_tilt_asis_psis", 8, unit="deg", side="left"))
    assert "pelvic_tilt_asis_psis_deg" not in one.visits
    both = measured(
        rows.measure("P1", "pelvic_tilt_asis_psis", 8, unit="deg", side="left"),
        rows.measure("P1", "pelvic_tilt_asis_psis", 11, unit="deg", side="right"),
        rows.measure("P1", "pelvic_tilt_radiographic_pt", 17, unit="deg"),
    )
    assert both.visits["pelvic_tilt_asis_psis_deg"].tolist() == [9.5]
    assert both.visits["pelvic_tilt_radiographic_pt_deg"].tolist() == [17]
    assert "pelvic_tilt_radiographic_pt_deg" not in both.sides


def test_emg_in_percent_and_ratios(measured, rows):
    def emg(test, muscle, value, trial="1"):
        return rows.measure("P1", test, value, unit="µV", muscle=muscle, side="left", trial=trial)

    cohort = measured(
        emg("emg_rms", "gmax", 50),
        emg("emg_mvic", "gmax", 150, "1"),
        emg("emg_mvic", "gmax", 200, "2"),
        emg("emg_rms", "bf", 30),
        emg("emg_mvic", "bf", 100),
        emg("emg_rms", "st", 40),
        emg("emg_mvic", "st", 80),
    )
    left = cohort.sides.iloc[0]
    assert left["emg_gmax_pct_mvic"] == pytest.approx(25)  # of the larger MVIC
    assert left["emg_ham_gmax_log_ratio"] == pytest.approx(math.log(40 / 25))
    assert cohort.visits["emg_ham_gmax_log_ratio"].iloc[0] == pytest.approx(math.log(1.6))
    assert "emg_es_gmax_log_ratio" not in cohort.sides
    assert cohort.meta["summaries"]["emg_gmax_mvic_uv"] == "largest"


def test_a_side_that_is_not_given_is_counted_not_guessed(measured, rows):
    cohort = measured(
        rows.measure("P1", "squeeze_grade", 2), rows.measure("P1", "cst30", 12, unit="1")
    )
    assert "squeeze_grade" not in cohort.sides
    assert {r["variable"] for r in cohort.meta["set_aside"]} == {"squeeze_grade"}
    assert cohort.visits["cst30_reps"].tolist() == [12]


def test_one_rm_of_legs(measured, rows):
    cohort = measured(
        rows.measure("P1", "one_rm", 100, muscle="leg_press", side="left", unit="kg"),
        rows.measure("P1", "one_rm", 220.462, muscle="leg_press", side="right", unit="lb"),
    )
    np.testing.assert_allclose(cohort.sides["leg_press_1rm_kg"], [100, 100], rtol=1e-5)
    np.testing.assert_allclose(cohort.visits["leg_press_1rm_kg"], [100], rtol=1e-5)
