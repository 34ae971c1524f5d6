from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gluteal.frames.arms import compare_course
from gluteal.frames.course import Course
from gluteal.frames.natural_course import find_course
from gluteal.frames.programme_panels import draw_panels
from gluteal.frames.responders import find_threshold
from gluteal.variables import variable

BARE = SimpleNamespace(visits=pd.DataFrame({"participant_id": [], "visit": []}))


def build(n=60, arms=2):
    rng = np.random.default_rng(5)
    y = 5 + rng.normal(size=(n, 1)) + rng.normal(size=(n, 3))
    people, weeks = np.arange(n).astype(object), np.array([0.0, 4, 12])
    arm = (np.arange(n) % arms == 0).astype(float)
    course = Course(people, ("a", "b", "c"), weeks, y, arm, np.zeros((n, 0)), (), 0)
    return compare_course(course)


def draw(model, natural=None, threshold=True):
    known = find_threshold("nprs_avg") if threshold else None
    return draw_panels(BARE, model, 2, known, natural, variable("nprs_avg"), 0.95, 5)


def test_two_arms_have_means_and_responders():
    model = build()
    panels = draw(model)
    assert len(panels["means"]) == 6
    last = next(r for r in panels["means"] if r["arm"] == "programme" and r["visit"] == "c")
    assert last["estimate"] == pytest.approx(model.mean(2, 0.95, programme=True).estimate)
    assert {row["arm"] for row in panels["curve"]} == {"programme", "control"}
    assert panels["thresholds"] == [{"mic": 2.0, "mdc": 2.0, "verified": False}]
    assert "natural" not in panels


def test_one_arm_has_the_published_course_and_no_responders():
    panels = draw(build(arms=1), find_course("persistent", "0-10", "LBP1"))
    assert "curve" not in panels
    assert panels["natural"][0] == {"week": 0.0, "value": 5.1}
    assert panels["natural"][-1]["week"] == 12.0
    assert "Costa" in panels["source"][0]["source"]


def test_nothing_is_drawn_of_fewer_than_ten_people():
    assert draw(build(18)) == {}
    assert "curve" not in draw(build(), threshold=False)
