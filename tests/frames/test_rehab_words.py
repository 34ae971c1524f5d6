import numpy as np

from gluteal.frames.course import Course
from gluteal.frames.natural_course import find_course
from gluteal.frames.rehab_words import (
    name_difference,
    say_adherence,
    say_arms,
    say_change,
    say_responders,
)
from gluteal.frames.responders import find_threshold

COURSE = Course(
    np.arange(6).astype(object), ("a", "b"), np.array([0.0, 12]), np.ones((6, 2)),
    np.array([1.0, 1, 1, 1, 0, 0]), np.zeros((6, 0)), (), 0,
)  # fmt: skip


def test_arms_are_named_with_their_people_and_the_lot():
    text = say_arms("nprs_avg", ("phq9",), COURSE, "week12", True)
    for words in ("4 people", "(2)", "drawn by lot", "PHQ-9", "Kenward", "treatment policy"):
        assert words in text
    assert "association" in say_arms("nprs_avg", (), COURSE, "week12", False)
    assert "lot" not in say_arms("nprs_avg", (), COURSE, "week12", None)
    assert "association" in name_difference("week12", False)
    assert "association" not in name_difference("week12", True)


def test_thresholds_come_with_their_sources():
    text = say_responders(find_threshold("nprs_avg"))
    assert "Ostelo" in text
    assert "unverified" in text
    assert "not called improvement" in text


def test_a_single_arm_has_a_change():
    text = say_change("nprs_avg", COURSE, "week12", find_course("persistent", "0-10", "LBP1"))
    assert "No control arm" in text
    assert "Costa" in text
    assert "no effect can be read" in text
    assert "Costa" not in say_change("nprs_avg", COURSE, "week12", None)


def test_adherence_is_not_drawn_by_lot():
    text = say_adherence("nprs_avg", (), ("phq9", "stage_at_visit"), "week12", (0.01, 0.99))
    for words in ("PHQ-9", "not drawn by lot", "1st and 99th percentiles", "week12"):
        assert words in text
    assert "without covariates" in text
