import numpy as np
import pytest

from gluteal.constants import constant
from gluteal.estimates import COLUMNS
from gluteal.frames.course import Course
from gluteal.frames.responder_rows import define_responses, list_responders, write_threshold
from gluteal.frames.responders import find_threshold


def draw(n=80):
    rng = np.random.default_rng(3)
    y = np.round(np.column_stack([rng.uniform(1, 9, n), rng.uniform(0, 8, n)]))
    people, z = np.arange(n).astype(object), np.zeros((n, 0))
    weeks, visits = np.array([0.0, 12]), ("baseline", "week12")
    return Course(people, visits, weeks, y, (np.arange(n) % 2).astype(float), z, (), 0)


def test_shares_are_compared_among_those_who_can_respond():
    course, threshold = draw(), find_threshold("nprs_avg")
    rows = list_responders(course, 1, threshold, 0.95)
    counted = course.y[:, 0] >= 3
    before, after, arm = course.y[counted, 0], course.y[counted, 1], course.arm[counted]
    response = (before - after >= 2) & (before - after >= 0.3 * before)
    gap, more = rows[0]
    assert gap.estimate == pytest.approx(response[arm == 1].mean() - response[arm == 0].mean())
    assert more["n_people"] == counted.sum()
    assert more["n_missing"] == 80 - counted.sum()
    assert [row[1]["scale"] for row in rows] == ["difference", "ratio", "difference", "difference"]
    assert all(set(row[1]) <= set(COLUMNS) for row in rows)
    assert [row[1]["role"] for row in rows] == ["secondary"] * 3 + ["sensitivity"]


def test_an_arm_of_hardly_anybody_is_not_compared():
    course = draw(4)
    course.y[:, 0] = [5, 1, 5, 1]
    assert list_responders(course, 1, find_threshold("nprs_avg"), 0.95) == []


def test_thresholds_say_how_sure_they_are():
    assert write_threshold(constant("mic_nprs")) == "2"
    assert write_threshold(constant("mdc_nprs")) == "2 (unverified)"
    names = list(define_responses(np.array([5.0]), np.array([2.0]), find_threshold("nprs_avg")))
    assert names[0].startswith("fall ≥ MIC 2 and ≥ 30 %")
