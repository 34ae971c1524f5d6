import numpy as np
import pytest

from gluteal.simulate.course import draw_course
from gluteal.simulate.sheet import Sheet
from gluteal.simulate.strength import (
    LEVER,
    POSITION,
    add_strength,
    choose_retest,
    measure_torque,
    true_torque,
)


def test_the_second_assessor_sees_fifteen_percent_and_at_least_thirty(block):
    assert choose_retest(block(2000)).sum() == 300
    assert choose_retest(block(60)).sum() == 30
    assert choose_retest(block(12)).sum() == 12


def test_trials_scatter_as_specified(block):
    course = draw_course(block(5000))
    torque = measure_torque(course, "abd", 0, np.random.default_rng(1))
    error = np.log(torque / true_torque(course, "abd", 0)[:, :, None])
    session = error.mean(axis=(1, 2))
    trial = error - error.mean(axis=(0, 1)) - session[:, None, None]
    assert session.std() == pytest.approx(np.sqrt(0.045**2 + 0.05**2 / 6), rel=0.05)
    assert trial.std() == pytest.approx(0.05 * np.sqrt(5 / 6), rel=0.05)
    assert np.exp(error.mean(axis=(0, 1))) == pytest.approx([1.0, 1.015, 1.010], abs=0.003)


def test_force_times_lever_is_torque(block):
    made = block(300)
    course, sheet = draw_course(made), Sheet(300)
    add_strength(sheet, made, course, 0)
    found = sheet.flatten([]).to_pylist()
    assert {row["position"] for row in found} == set(POSITION.values())
    levers = {(r["person"], r["muscle"], r["side"]): r["value"] for r in found if r["unit"] == "m"}
    ratios = [
        r["value"]
        * levers[r["person"], r["muscle"], r["side"]]
        / course.mass[r["person"], 0]
        / true_torque(course, r["muscle"], 0)[r["person"], int(r["side"] == "right")]
        for r in found
        if r["unit"] == "N"
    ]
    assert np.median(ratios) == pytest.approx(1.005, abs=0.01)
    assert np.std(np.log(ratios)) == pytest.approx(np.hypot(0.045, 0.05), rel=0.15)


def test_levers_are_plausible_for_each_muscle():
    assert LEVER["abd"][0] * 1.7 == pytest.approx(0.78, abs=0.05)
    assert LEVER["er"][0] * 1.7 < LEVER["ext"][0] * 1.7 < 0.45
