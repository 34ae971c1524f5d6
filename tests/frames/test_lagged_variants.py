import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_variants import TRADITIONAL, list_variants
from gluteal.frames.panel import choose_visits, lay_out, present
from gluteal.frames.score_error import NOTHING, ScoreError

PAIR = ("hip_abd_nm_kg", "nprs_avg")
WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0, "week26": 26.0}
ERRORS = (ScoreError(0.1, 0.08, 0.12, 31, 32, "assessors"), NOTHING)


@pytest.fixture
def cohort():
    rng = np.random.default_rng(3)
    n = 240
    ids = np.array([f"P{k:03d}" for k in range(n)])
    people = pd.DataFrame({
        "participant_id": ids,
        "arm": pd.Categorical(np.where(np.arange(n) % 2, "programme", "control"),
                              ["control", "programme"]),
    })  # fmt: skip
    values = rng.normal(size=(n, 1, 2)) + rng.normal(size=(n, 5, 2))
    visits = pd.DataFrame({
        "participant_id": np.repeat(ids, 5),
        "visit": np.tile(list(WEEKS), n),
        "week_nominal": np.tile(list(WEEKS.values()), n),
        "hip_abd_nm_kg": values[..., 0].ravel(),
        "nprs_avg": values[..., 1].ravel(),
    })  # fmt: skip
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def variants(some, every=True):
    courses = present(some, ("arm",))
    panel = lay_out(some, PAIR, choose_visits(some, PAIR), (), courses)
    free = fit_lagged(panel, "free", (0.1, 0.0))
    settings = (PAIR, (), ("arm",), "baseline", every, 1)
    return {v.name: v for v in list_variants(some, panel, "equal", ERRORS, free, settings)}


def test_each_model_answers_its_threat(cohort):
    found = variants(cohort)
    assert found["observed scores (attenuated)"].arrows == ("c", "b")
    assert found["without arm, dose and covariates"].threat == "crude"
    assert found["people without the programme"].panel.first.shape == (120, 4)
    left = found["error of hip abduction torque per body mass left to the model"]
    assert left.found is not None
    assert "error_x" in left.found.fit.names
    limits = [v for name, v in found.items() if "limit" in name]
    assert [v.threat for v in limits] == ["exposure error"] * 2
    assert found[TRADITIONAL].role == "exploratory"
    every = next(v for name, v in found.items() if "26" in name)
    assert every.panel.first.shape[1] == 5
    assert every.found is not None
    assert every.found.lags == "by length"


def test_all_visits_only_where_they_are_asked_for(cohort):
    assert not [name for name in variants(cohort, every=False) if "26" in name]


def test_a_model_that_fails_says_why(cohort):
    late = cohort.visits["visit"] == "week12"
    gone = late & (np.arange(len(cohort.visits)) // 5 >= 8)
    cohort.visits.loc[gone, "nprs_avg"] = np.nan
    found = variants(cohort)["people seen at every visit"]
    assert found.found is None
    assert found.reason
