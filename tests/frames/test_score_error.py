import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.frames.score_error import (
    NOTHING,
    estimate_error,
    rounding_variance,
    settle_error,
    stated_error,
)

NAME = "hip_abd_nm_kg"
SESSION, TRIAL = 0.06, 0.09


def trials(n=900, assessors=("A", "B"), seed=2, repeats=3):
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        truth = rng.normal(1.3, 0.3)
        for k, who in enumerate(assessors):
            session = rng.normal(0, SESSION) + 0.1 * k
            rows += [
                (f"P{person}", "baseline", side, NAME, who, trial, truth + session
                 + rng.normal(0, TRIAL))
                for side in ("left", "right") for trial in range(1, repeats + 1)
            ]  # fmt: skip
    names = ["participant_id", "visit", "side", "variable", "assessor", "trial", "value"]
    return Cohort(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), pd.DataFrame(rows, columns=names))


def test_two_assessors_give_session_and_trial_error():
    found = estimate_error(trials(), NAME)
    truth = SESSION**2 + TRIAL**2 / 6
    assert found.source == "assessors"
    assert found.people == 900
    assert found.low < truth < found.high
    assert found.variance == pytest.approx(truth, rel=0.08)
    assert found.trials == pytest.approx(TRIAL**2 / 6, rel=0.1)
    assert "two assessors" in found.describe("Nm/kg")


def test_a_constant_distance_between_assessors_does_not_count():
    some = trials()
    shifted = some.trials.copy()
    shifted.loc[shifted["assessor"] == "B", "value"] += 5
    moved = Cohort(some.people, some.visits, some.sides, shifted)
    assert estimate_error(moved, NAME).variance == pytest.approx(
        estimate_error(some, NAME).variance, rel=1e-9
    )


def test_trials_alone_are_said_to_be_too_little():
    found = estimate_error(trials(assessors=("A",)), NAME)
    assert found.source == "trials"
    assert found.variance == pytest.approx(TRIAL**2 / 6, rel=0.1)
    assert "too small" in found.describe("Nm/kg")


def test_few_people_measured_twice_are_not_enough():
    assert estimate_error(trials(n=14), NAME).source == "trials"


def test_without_repeats_there_is_no_error_but_that_of_rounding():
    nobody = Cohort(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
    assert estimate_error(nobody, NAME) == NOTHING
    assert estimate_error(trials(assessors=("A",), repeats=1), NAME) == NOTHING
    assert estimate_error(nobody, "nprs_avg").source == "rounding"
    assert rounding_variance("nprs_avg") == pytest.approx(1 / 12)


def test_settings_come_first():
    some = trials()
    assert settle_error(some, NAME, "none", "exposure") == NOTHING
    stated = settle_error(some, NAME, {"exposure": 0.05}, "exposure")
    assert stated.source == "stated"
    assert stated.variance == pytest.approx(0.0025)
    assert settle_error(some, NAME, {"outcome": 0.05}, "exposure").source == "assessors"
    assert stated_error("nprs_avg", 0.5).variance == pytest.approx(0.25 + 1 / 12)
