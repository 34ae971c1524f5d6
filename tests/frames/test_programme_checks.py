from types import SimpleNamespace

import numpy as np
import pytest

from gluteal.frames.arms import compare_course
from gluteal.frames.course import Course
from gluteal.frames.programme_checks import (
    check_arms,
    check_change,
    check_dose,
    check_model,
    check_single,
)
from gluteal.frames.responders import find_threshold


def build(n=200, seed=6):
    rng = np.random.default_rng(seed)
    y = 5 + rng.normal(size=(n, 1)) + rng.normal(size=(n, 2))
    people, weeks = np.arange(n).astype(object), np.array([0.0, 12])
    arm = (np.arange(n) % 2).astype(float)
    return Course(people, ("baseline", "week12"), weeks, y, arm, np.zeros((n, 0)), (), 0)


def by_name(rows):
    return {row["name"]: row for row in rows}


def test_alike_arms_raise_no_flag():
    course = build()
    rows = check_arms(course, 1, 0.95, True) + check_model(compare_course(course).fit)
    assert all(row["ok"] is not False for row in rows)
    assert by_name(rows)["variance ratio of the arms"]["value"] == pytest.approx(1, abs=0.5)


def test_imbalance_loss_and_no_lot_are_flagged():
    course = build()
    course.y[course.arm == 1, 0] += 1
    course.y[np.flatnonzero(course.arm == 1)[:60], 1] = np.nan
    rows = by_name(check_arms(course, 1, 0.95, False))
    for name in (
        "imbalance at baseline",
        "lost by the end, programme",
        "unequal loss",
        "arms drawn by lot",
    ):
        assert rows[name]["ok"] is False, name
    assert rows["lost by the end, control"]["ok"] is True


def test_few_people_are_flagged():
    rows = by_name(check_arms(build(30), 1, 0.95, True))
    assert rows["people in the programme arm"]["ok"] is False
    assert "variance ratio of the arms" not in rows


def test_regression_to_the_mean_is_a_fact_and_entry_by_pain_a_flag():
    course = build(2000)
    rows = by_name(check_change(course, 1, 0.0))
    # Two visits of equal spread and correlation .5: r(change, baseline) = -.5 without any effect.
    assert rows["regression to the mean, programme"]["value"] == pytest.approx(-0.5, abs=0.06)
    assert rows["regression to the mean, programme"]["ok"] is None
    assert rows["entry by the outcome"]["ok"] is True
    entered = course.only(course.y[:, 0] >= 6)
    assert by_name(check_change(entered, 1, 0.0))["entry by the outcome"]["ok"] is False


def test_many_at_the_floor_are_flagged():
    course = build()
    course.y[:80, 1] = 0.0
    assert by_name(check_change(course, 1, 0.0))["share at the floor at the end"]["ok"] is False


def test_a_single_arm_is_locked():
    before, after = np.full(40, 6.0), np.full(40, 3.0)
    rows = by_name(check_single(before, after, find_threshold("nprs_avg")))
    assert rows["control arm"]["ok"] is False
    assert rows["responders in a single arm"]["value"] == 1.0
    assert "proves nothing" in rows["responders in a single arm"]["meaning"]
    assert "simulated" in rows["responders in a single arm"]["meaning"]
    odi = by_name(check_single(10 * before, 10 * after, find_threshold("odi_pct")))
    assert "simulated" not in odi["responders in a single arm"]["meaning"]  # measured for pain only
    assert len(check_single(before, after, None)) == 1


def test_weights_far_from_one_are_flagged():
    fine = SimpleNamespace(mean=1.0, high=3.0, effective=90.0)
    rows = by_name(check_dose(fine, 100, 5))
    assert rows["adherence drawn by lot"]["ok"] is False  # always: it never is
    assert [name for name, row in rows.items() if row["ok"] is False] == ["adherence drawn by lot"]
    wild = SimpleNamespace(mean=1.5, high=30.0, effective=20.0)
    assert sum(row["ok"] is False for row in check_dose(wild, 100, 5)) == 4
