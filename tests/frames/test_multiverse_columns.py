import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.estimators.splines import place_knots, spline_basis
from gluteal.frames.multiverse_columns import (
    Store,
    code_covariate,
    code_exposures,
    code_outcomes,
    find_people,
    shape_exposure,
)

RNG = np.random.default_rng(1)
X = RNG.gamma(4.0, 0.4, 200)


@pytest.fixture
def frame():
    made = pd.DataFrame({"hip_abd_nm_kg": X, "nprs_avg": np.arange(200) % 11.0})
    made["nprs_now"] = 3.0
    made["lbp"] = pd.array([True, False] * 100, dtype="boolean")
    made["hip_oa"] = pd.array([False] * 190 + [True] * 10, dtype="boolean")
    made["med_opioid"] = pd.array([False] * 200, dtype="boolean")
    made["sex"] = pd.Categorical(["f", "m", None, "f"] * 50, ["f", "m"])
    made["pelvic_tilt_asis_psis_deg"] = X - 1.0
    return made


def slope(columns, y):
    design = np.column_stack([np.ones(len(y)), *columns])
    return np.linalg.lstsq(design, y, rcond=None)[0][1]


def test_each_form_answers_the_same_question():
    half, middle = X.std(ddof=1) / 2, X.mean()
    knots = place_knots(X, 4)
    curves = {
        "linear": lambda v: 2.0 * v,
        "log": np.log,
        "spline": lambda v: spline_basis(v, knots) @ np.array([0.5, -2.0, 3.0]),
    }
    for form, curve in curves.items():
        want = np.diff(curve(np.array([middle - half, middle + half])))[0]
        assert slope(shape_exposure(X, form), curve(X)) == pytest.approx(want, rel=1e-9), form


@pytest.mark.parametrize("form", ["linear", "log", "spline"])
def test_a_unit_change_changes_nothing(form):
    y = np.sin(X)
    assert slope(shape_exposure(7 * X, form), y) == pytest.approx(
        slope(shape_exposure(X, form), y), rel=1e-8
    )


def test_a_logarithm_needs_values_above_zero(frame):
    assert shape_exposure(X - 5, "log") is None
    assert shape_exposure(np.repeat([1.0, 2.0], 50), "spline") is None
    left = []
    names = ("hip_abd_nm_kg", "pelvic_tilt_asis_psis_deg")
    found = code_exposures(frame, names, ("linear", "log"), Store(), left)
    assert len(found) == 3
    assert "log" in left[0][0] and "cannot take" in left[0][1]


def test_a_yes_no_exposure_has_one_form(frame):
    found = code_exposures(frame, ("lbp",), ("linear", "log", "spline"), Store(), [])
    assert [words[1] for _, words in found] == ["yes against no"]


def test_outcomes_are_in_their_sd(frame):
    store, left = Store(), []
    found = code_outcomes(frame, ("nprs_avg", "nprs_now", "vas_mm", "sex"), store, left)
    assert len(found) == 1 and store.columns[0].std(ddof=1) == pytest.approx(1)
    reasons = [why for _, why in left]
    assert "one value" in reasons[0] and "too few" in reasons[1] and "number" in reasons[2]


@pytest.mark.parametrize("name", ["nprs_now", "sex", "vas_mm"])
def test_a_primary_outcome_that_cannot_be_used_is_refused(frame, name):
    with pytest.raises(UserError, match=name):
        code_outcomes(frame, (name,), Store(), [])
    with pytest.raises(UserError, match=name):
        code_exposures(frame, (name,), ("linear",), Store(), [])


def test_covariates_keep_their_gaps(frame):
    (male,) = code_covariate(frame, "sex")
    assert np.isnan(male).sum() == 50 and np.nanmax(male) == 1.0
    assert len(code_covariate(frame, "nprs_avg")) == 1
    with pytest.raises(UserError, match="phq9"):
        code_covariate(frame.assign(phq9=np.nan), "phq9")


def test_people_are_left_out_in_turn_and_together(frame):
    left = []
    masks, people = find_people(frame, ("hip_oa", "lbp", "med_opioid", "hip_pain"), left)
    assert [int(mask.sum()) for mask in masks] == [200, 190, 100, 95]
    assert people[0] == ((), "everybody") and people[-1][0] == ("hip_oa", "lbp")
    assert [why for _, why in left] == [
        "nobody would be left out",
        "this cohort has no value of it",
    ]
