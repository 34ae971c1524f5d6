from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames.arms import compare_course, compare_end, lost_share, shift_missing
from gluteal.frames.course import Course


def draw(n=200, gap=-1.0, seed=1, lost=0.0, arms=2):
    rng = np.random.default_rng(seed)
    arm = (np.arange(n) % arms == 0).astype(float)
    person = 5 + rng.normal(0, 1.2, n)
    y = person[:, None] + rng.normal(0, 1, (n, 3)) + np.array([0.0, -1, -2])
    y[:, 1:] += gap * np.array([0.5, 1.0]) * arm[:, None]
    y[:, 1:][rng.random((n, 2)) < lost] = np.nan
    weeks, z = np.array([0.0, 4, 12]), np.zeros((n, 0))
    return Course(np.arange(n).astype(object), ("a", "b", "c"), weeks, y, arm, z, (), 0)


def test_the_difference_between_arms_is_found():
    made = compare_course(draw(2000, lost=0.2))
    for visit, truth in ((1, -0.5), (2, -1.0)):
        found = made.gap(visit, 0.95)
        assert abs(found.estimate - truth) < 3 * found.se
    assert made.correlation() == pytest.approx(1.44 / 2.44, abs=0.05)
    assert made.robust_gap(2, 0.95).estimate == pytest.approx(made.gap(2, 0.95).estimate)


def test_means_and_changes_agree_with_the_difference():
    made = compare_course(draw())
    gap = made.mean(2, 0.95, programme=True).estimate - made.mean(2, 0.95).estimate
    assert gap == pytest.approx(made.gap(2, 0.95).estimate)
    assert made.mean(0, 0.95, programme=True) == made.mean(0, 0.95)  # one mean at the baseline
    change = made.mean(2, 0.95, programme=True).estimate - made.mean(0, 0.95).estimate
    assert change == pytest.approx(made.change(2, 0.95, programme=True).estimate)


def test_one_arm_has_its_observed_changes():
    course = draw(60, arms=1)
    made = compare_course(course)
    found = made.change(2, 0.95)
    assert found.estimate == pytest.approx(float((course.y[:, 2] - course.y[:, 0]).mean()))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(120):
        found = compare_course(draw(80, seed=seed, lost=0.1)).gap(2, 0.95)
        held += found.low < -1.0 < found.high
    assert held >= 106  # 95 % less three standard errors


def test_analysis_of_covariance_and_crude_difference():
    course = draw(400)
    adjusted = compare_end(course, 2).coefficient(1)
    crude = compare_end(course, 2, baseline=False).coefficient(1)
    assert adjusted.se < crude.se
    means = [course.y[course.arm == code, 2].mean() for code in (1, 0)]
    assert crude.estimate == pytest.approx(means[0] - means[1])
    course.y[course.arm == 0, 2] = np.nan
    with pytest.raises(UserError, match="arm"):
        compare_end(course, 2)


def test_the_missing_are_moved_by_delta():
    course = draw(lost=0.3)
    found = compare_course(course).gap(2, 0.95)
    lost = lost_share(course, 2)
    assert lost[0] == pytest.approx(np.isnan(course.y[course.arm == 1, 2]).mean())
    moved = shift_missing(found, course, 2, 2.0)
    assert moved.estimate == pytest.approx(found.estimate + 2 * lost[0])
    assert moved.se > found.se
    assert shift_missing(found, course, 2, 0.0).estimate == found.estimate
    for outcome, sign in (("nprs_avg", 1), ("psfs_0_10", -1), ("hip_abd_nm_kg", -1)):
        shifted = shift_missing(found, replace(course, outcome=outcome), 2, 2.0)
        gap = moved.estimate - found.estimate
        assert shifted.estimate == pytest.approx(found.estimate + sign * gap)


def test_an_outcome_of_one_value_is_refused():
    course = draw()
    course.y[:] = 4.0
    with pytest.raises(UserError, match="one value"):
        compare_course(course)
