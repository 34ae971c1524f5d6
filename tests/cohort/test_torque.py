"""Torque by hand: force × lever arm / body mass, side by side."""

import math

import numpy as np
import pytest

from gluteal.cohort.derive import derive


def first(cohort, name):
    return cohort.visits.set_index(["participant_id", "visit"])[name]


@pytest.fixture
def cohort(rows, two_people):
    return derive(rows.package(**two_people))


def test_torque_per_mass_by_side(cohort):
    sides = cohort.sides.set_index(["participant_id", "side"])
    # 110 N × 0.8 m / 80 kg; 130 × 0.8 / 80; 90 × 0.8 / 60; 60 × 0.8 / 60
    expected = [1.1, 1.3, 1.2, 0.8]
    np.testing.assert_allclose(sides["hip_abd_nm_kg"], expected, rtol=1e-12)
    np.testing.assert_allclose(sides["hip_abd_nm"], [88, 104, 72, 48])
    np.testing.assert_allclose(sides["hip_abd_n"], [110, 130, 90, 60])
    np.testing.assert_allclose(sides["hip_abd_max_nm_kg"], [1.2, 1.4, 1.2, 0.8])
    np.testing.assert_allclose(sides["hip_abd_trial_n"], [3, 3, 1, 1])
    np.testing.assert_allclose(sides["hip_abd_trial_cv_pct"][:2], [1000 / 110, 1000 / 130])
    assert sides["hip_abd_trial_cv_pct"][2:].isna().all()
    np.testing.assert_allclose(sides["hip_abd_pct_bw"].iloc[0], 100 * 110 / (80 * 9.80665))


def test_person_means_and_asymmetry(cohort):
    p1, p2 = ("P1", "baseline"), ("P2", "baseline")
    assert first(cohort, "hip_abd_nm_kg")[p1] == pytest.approx(1.2)
    assert first(cohort, "hip_abd_weaker_nm_kg")[p2] == pytest.approx(0.8)
    assert first(cohort, "hip_abd_asym_log")[p1] == pytest.approx(math.log(130 / 110))
    assert first(cohort, "hip_abd_asym_log")[p2] == pytest.approx(math.log(60 / 90))
    assert first(cohort, "hip_abd_asym_abs_log")[p2] == pytest.approx(math.log(90 / 60))
    assert first(cohort, "hip_abd_asym_pct_signed")[p1] == pytest.approx(100 * 20 / 120)
    assert first(cohort, "hip_abd_asym_pct_max")[p2] == pytest.approx(-100 * 30 / 90)
    # P1 hurts on the left; P2 on both sides, so no side is involved.
    assert first(cohort, "hip_abd_lsi_pct")[p1] == pytest.approx(100 * 110 / 130)
    assert first(cohort, "hip_abd_asym_involved_pct")[p1] == pytest.approx(100 * 20 / 130)
    assert np.isnan(first(cohort, "hip_abd_lsi_pct")[p2])


def test_the_best_trial_instead_of_the_mean(rows, two_people):
    best = derive(rows.package(**two_people), {"strength_summary": "max"})
    assert first(best, "hip_abd_nm_kg").tolist() == pytest.approx([1.3, 1.0])
    assert first(best, "hip_abd_max_nm_kg").tolist() == pytest.approx([1.3, 1.0])


def test_no_lever_arm_no_torque(rows, two_people):
    two_people["measurements"] = [
        m
        for m in two_people["measurements"]
        if (m["participant_id"], m["test"]) != ("P1", "lever_arm")
    ]
    cohort = derive(rows.package(**two_people))
    nm = first(cohort, "hip_abd_nm_kg")
    assert np.isnan(nm["P1", "baseline"])
    assert first(cohort, "hip_abd_n")["P1", "baseline"] == 120
    said = {(r["variable"], r["reason"]): r["n"] for r in cohort.meta["set_aside"]}
    assert said["hip_abd_nm", "torque not computable: no lever arm"] == 6


def later(rows, two_people, *, mass="NA:not_recorded", week="4"):
    two_people["visits"] += [rows.visit("P1", "later", week, mass=mass)]
    two_people["measurements"] += [rows.force("P1", "left", 100, visit="later")]
    return derive(rows.package(**two_people))


def test_lever_and_mass_are_carried_and_flagged(rows, two_people):
    cohort = later(rows, two_people)
    sides = cohort.sides.set_index(["participant_id", "visit", "side"])
    one = sides.loc[("P1", "later", "left")]
    assert one["hip_abd_nm_kg"] == pytest.approx(100 * 0.8 / 80)
    assert bool(one["lever_carried"])
    assert not bool(sides.loc[("P1", "baseline", "left"), "lever_carried"])
    assert first(cohort, "mass_carried").tolist() == [False, True, False]
    assert first(cohort, "body_mass_kg")["P1", "later"] == 80


def test_a_mass_of_nine_weeks_ago_is_too_old(rows, two_people):
    cohort = later(rows, two_people, week="9")
    assert np.isnan(first(cohort, "hip_abd_nm_kg")["P1", "later"])
    assert first(cohort, "hip_abd_nm")["P1", "later"] == pytest.approx(80)
    assert np.isnan(first(cohort, "body_mass_kg")["P1", "later"])


def test_a_lever_arm_in_cm_called_m_is_set_aside(rows, two_people):
    for row in two_people["measurements"]:
        if row["test"] == "lever_arm" and row["participant_id"] == "P2":
            row["value"] = "80"
    cohort = derive(rows.package(**two_people))
    assert np.isnan(first(cohort, "hip_abd_nm")["P2", "baseline"])
    said = {(r["variable"], r["reason"]): r["n"] for r in cohort.meta["set_aside"]}
    assert said["hip_abd_lever_m", "outside the hard range"] == 2


def test_one_position_only(rows, two_people):
    two_people["measurements"] += [
        rows.force("P1", "left", 400, 7, position="standing"),
        rows.lever("P1", "left", 0.8, position="standing", trial="7"),
    ]
    cohort = derive(rows.package(**two_people))
    assert first(cohort, "hip_abd_nm_kg")["P1", "baseline"] == pytest.approx(1.2)
    assert cohort.meta["positions"] == {"abd": "side_lying"}
    standing = derive(rows.package(**two_people), {"positions": {"abd": "standing"}})
    assert first(standing, "hip_abd_nm_kg")["P1", "baseline"] == pytest.approx(4.0)


def test_two_assessors_the_first_counts_and_trials_keep_both(rows, two_people):
    two_people["measurements"] += [
        rows.force("P1", "left", 200, n, assessor="B") for n in (1, 2, 3)
    ]
    two_people["measurements"] += [rows.lever("P1", "left", 0.4, assessor="B")]
    cohort = derive(rows.package(**two_people))
    assert first(cohort, "hip_abd_nm_kg")["P1", "baseline"] == pytest.approx(1.2)
    trials = cohort.trials
    second = trials[(trials["assessor"] == "B") & (trials["variable"] == "hip_abd_nm")]
    assert second["value"].tolist() == pytest.approx([80.0] * 3)


def test_the_allometric_exponent(rows):
    people, visits, measured = [], [], []
    for n, mass in enumerate((50, 60, 70, 80, 90)):
        who = f"P{n}"
        people.append(rows.person(who))
        visits.append(rows.visit(who, mass=str(mass)))
        for side in ("left", "right"):
            measured += [rows.lever(who, side, 0.5), rows.force(who, side, 20 * mass**0.67)]
    tables = {"participants": people, "visits": visits, "measurements": measured}
    cohort = derive(rows.package(**tables))
    assert cohort.meta["allometric"]["abd"]["b"] == pytest.approx(0.67, abs=1e-9)
    np.testing.assert_allclose(first(cohort, "hip_abd_allom"), 10, rtol=1e-9)
    fixed = derive(rows.package(**tables), {"allometric_exponent": 1.0})
    np.testing.assert_allclose(first(fixed, "hip_abd_allom"), first(fixed, "hip_abd_nm_kg"))


def test_too_few_people_for_an_exponent(cohort):
    assert "not estimated" in cohort.meta["allometric"]["abd"]["source"]
    assert "hip_abd_allom" not in cohort.visits


def test_one_trial_that_hurts_marks_the_visit(rows, two_people):
    force = [m for m in two_people["measurements"] if m["test"] == "hip_force"]
    mine = [m for m in force if m["participant_id"] == "P1"]
    for one in mine:
        one["pain_during"] = "0"
    two_people["measurements"][two_people["measurements"].index(mine[0])]["pain_during"] = "1"
    made = derive(rows.package(**two_people))
    found = first(made, "hip_abd_pain_during")
    assert bool(found[("P1", "baseline")]) is True
    # P2 was not asked.
    assert found.isna().sum() == 1
