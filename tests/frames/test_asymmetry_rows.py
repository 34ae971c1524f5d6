import numpy as np
import pandas as pd
import pytest

from gluteal.analyses.side_asymmetry import Spec
from gluteal.frames.asymmetry_rows import SideRows, SizeRows, stem_of
from gluteal.frames.legs import stated_error

SPEC = Spec(outcome="pain_side", exposure="hip_abd_asym_log", adjust=("age_years",))
ERROR = stated_error(5, "a study")


@pytest.fixture
def frame(two_legs):
    names = ["hip_abd_asym_log", "hip_abd_nm_kg", "nprs_avg", "lbp", "pain_side", "age_years",
             "pain_site_left_si", "pain_site_right_si"]  # fmt: skip
    return two_legs.frame(names, "person")


def has(frame):
    return lambda name: name in frame


def test_the_corrected_odds_are_further_from_one(frame):
    made = SideRows(SPEC, frame, "pain_side")
    rows = {row["model"]: row for row in made.beside(ERROR, has(frame))}
    corrected = rows["corrected for error of the asymmetry"]
    share = ERROR.shrink(made.found.asymmetry)
    want = np.log(made.odds()["estimate"]) / share
    assert np.log(corrected["estimate"]) == pytest.approx(want)
    assert corrected["threat"] == "exposure error"


def test_a_variation_that_fails_is_a_row(frame):
    frame["hip_ext_asym_log"] = 0.1
    made = SideRows(SPEC, frame, "pain_side")
    rows = {row["model"]: row for row in made.beside(None, has(frame))}
    failed = rows["hip extension asymmetry, ln(right/left)"]
    assert failed["converged"] is False
    assert "one value" in failed["warnings"]
    assert failed["exposure"] == "hip_ext_asym_log"


def test_strength_is_always_adjusted_for(frame):
    made = SizeRows(SPEC, frame, "nprs_avg", "linear")
    assert made.adjust == ("age_years", "hip_abd_nm_kg")
    rows = {row["model"]: row for row in made.beside(ERROR, has(frame))}
    assert rows["mean strength not adjusted for"]["adjusted_for"] == "age_years"
    assert rows["crude"]["n_people"] == made.slope()["n_people"]
    assert rows["people with low back pain"]["threat"] == "exclusion"
    assert rows["mean strength not adjusted for"]["threat"] is None
    ill = frame[frame["lbp"]].reset_index(drop=True)
    made = SizeRows(SPEC, ill, "nprs_avg", "linear")
    few = frame.copy()
    few["lbp"] = pd.array([True] + [False] * (len(few) - 1), dtype="boolean")
    made_few = SizeRows(SPEC, few, "nprs_avg", "linear")
    failed = {row["model"]: row for row in made_few.beside(ERROR, has(few))}
    failed, head = failed["people with low back pain"], made_few.slope()
    assert failed["converged"] is False
    assert all(failed[key] == head[key] for key in ("outcome", "contrast", "scale", "unit"))
    models = {row["model"] for row in made.beside(ERROR, has(ill))}
    assert "people with low back pain" not in models  # nobody is left out of patients alone
    assert stem_of("hip_er_asym_log") == "hip_er"


def test_an_error_larger_than_the_spread_leaves_no_correction(frame):
    made = SideRows(SPEC, frame, "pain_side")
    rows = {row["model"]: row for row in made.beside(stated_error(90, "x"), has(frame))}
    assert rows["corrected for error of the asymmetry"]["converged"] is False
