"""Traps of the field: legs counted as people, and strength cut into groups.

Small simulations of what goes wrong, beside the method of this package that does not.
"""

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.gee import fit_gee
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.frames.triggers import fit_common, stack_triggers

TIMES, PEOPLE = 600, 60
MARK = [("pain_site_left_si", "pain_site_right_si")]


def rejected(p):
    """Share of p below 0.05, with the two standard errors that the simulation leaves."""
    share = float(np.mean(np.asarray(p) < 0.05))
    return share, 2 * np.sqrt(share * (1 - share) / len(p))


@pytest.fixture(scope="module")
def two_legs_no_association():
    """Pain and strength of two legs: alike within a person, and nothing to do with each other."""
    rng = np.random.default_rng(20261124)
    made = []
    for _ in range(TIMES):
        strength = np.repeat(rng.normal(1.3, 0.3, PEOPLE), 2) + rng.normal(0, 0.06, 2 * PEOPLE)
        pain = np.repeat(rng.normal(0, 1, PEOPLE), 2) + rng.normal(0, 0.5, 2 * PEOPLE)
        made.append((strength, pain))
    return made


def test_two_legs_counted_as_two_people_alarm_three_times_too_often(two_legs_no_association):
    person = np.repeat(np.arange(PEOPLE), 2)
    naive, clustered, equations = [], [], []
    for strength, pain in two_legs_no_association:
        x = np.column_stack([np.ones(2 * PEOPLE), strength])
        naive.append(fit_linear(x, pain, "classical").coefficient(1).p)
        clustered.append(fit_linear(x, pain, "CR2", person).coefficient(1).p)
        equations.append(fit_gee(x, pain, person, "linear", "independence").coefficient(1).p)
    share, error = rejected(naive)
    assert share - error > 0.10
    for p in (clustered, equations):
        share, error = rejected(p)
        assert share - error < 0.05 < share + error + 0.005


def test_the_stacked_triggers_keep_their_level():
    """Marks of two sides, a row a leg, as functional_triggers takes them."""
    rng = np.random.default_rng(7)
    naive, ours = [], []
    for _ in range(250):
        strength = np.repeat(rng.normal(1.3, 0.3, 80), 2) + rng.normal(0, 0.06, 160)
        sore = np.repeat(rng.normal(0, 2.0, 80), 2) + rng.normal(0, 0.5, 160) > 0.5
        frame = pd.DataFrame({
            "participant_id": np.repeat([f"P{i}" for i in range(80)], 2),
            "side": ["left", "right"] * 80,
            "hip_abd_nm_kg": strength,
            "pain_site_left_si": pd.array(np.repeat(sore[::2], 2), dtype="boolean"),
            "pain_site_right_si": pd.array(np.repeat(sore[1::2], 2), dtype="boolean"),
        })  # fmt: skip
        stack = stack_triggers(frame, MARK, "hip_abd_nm_kg", [], "logistic")
        ours.append(fit_common(stack, "independence").coefficient(1).p)
        naive.append(fit_glm(stack.x, stack.y, "logistic", "classical").coefficient(1).p)
    share, error = rejected(naive)
    assert share - error > 0.07
    share, error = rejected(ours)
    assert share - error < 0.05 < share + error + 0.01


def test_strength_cut_at_its_median_loses_power():
    """240 people, pain falls a quarter SD per SD of strength: the slope finds it more often."""
    rng = np.random.default_rng(11)
    slope, median, tertile = [], [], []
    for _ in range(400):
        strength = rng.normal(size=240)
        pain = -0.23 * strength + rng.normal(size=240)
        one = np.ones(240)
        slope.append(fit_linear(np.column_stack([one, strength]), pain).coefficient(1).p)
        weak = strength < np.median(strength)
        median.append(fit_linear(np.column_stack([one, weak]), pain).coefficient(1).p)
        low, high = np.quantile(strength, [1 / 3, 2 / 3])
        ends = (strength < low) | (strength > high)
        x = np.column_stack([one[ends], strength[ends] < low])
        tertile.append(fit_linear(x, pain[ends]).coefficient(1).p)
    whole = rejected(slope)[0]
    assert whole > 0.9
    assert whole - rejected(median)[0] > 0.08
    assert whole > rejected(tertile)[0]


def test_a_median_split_lets_confounding_through():
    """Strength and pain share age alone: held as a number it leaves nothing, in halves it does."""
    rng = np.random.default_rng(13)
    number, half = [], []
    for _ in range(300):
        age = rng.normal(size=200)
        strength, pain = -0.7 * age + rng.normal(size=200), 0.7 * age + rng.normal(size=200)
        one = np.ones(200)
        x = np.column_stack([one, strength, age])
        number.append(fit_linear(x, pain).coefficient(1).p)
        x = np.column_stack([one, strength, age > np.median(age)])
        half.append(fit_linear(x, pain).coefficient(1).p)
    share, error = rejected(number)
    assert share - error < 0.05 < share + error + 0.01
    assert rejected(half)[0] > 0.15
