import numpy as np
import pandas as pd
import pytest

from gluteal.analyses.activation_test import Spec
from gluteal.frames.squeeze import take_squeeze
from gluteal.frames.squeeze_rows import NOT_VALIDATED, SqueezeRows

SPEC = Spec(strength="hip_abd_nm_kg", mdc_pct=6, mdc_source="a study", resamples=100)


@pytest.fixture
def made(two_legs):
    found = take_squeeze(two_legs, SPEC.squeeze, SPEC.strength, "baseline")
    return SqueezeRows(two_legs, SPEC, found)


def test_every_row_says_that_the_test_is_not_validated(made):
    rows = [made.correlate(), *made.beside(), *made.other_measures(), *made.reliability()]
    assert len(rows) > 10
    assert all(NOT_VALIDATED in row["warnings"] for row in rows)
    fine = [row for row in rows if row["converged"]]
    assert all(NOT_VALIDATED in row["contrast"] for row in fine)


def test_sensitivity_specificity_and_j_belong_together(made):
    rows = [r for r in made.beside() if "by 1 or more" in r["contrast"]]
    j, sensitivity, specificity = (row["estimate"] for row in rows)
    assert j == pytest.approx(sensitivity + specificity - 1)


def test_without_an_error_the_rows_against_it_are_left_out(two_legs):
    spec = Spec(strength="hip_abd_nm_kg", resamples=100)
    found = take_squeeze(two_legs, spec.squeeze, spec.strength, "baseline")
    made = SqueezeRows(two_legs, spec, found)
    assert made.error is None
    assert {row["scale"] for row in made.beside()} == {"correlation", "proportion", "ratio"}


def test_of_patients_alone_nobody_is_left_out(two_legs):
    two_legs.people["lbp"] = two_legs.people["lbp"] | True
    found = take_squeeze(two_legs, SPEC.squeeze, SPEC.strength, "baseline")
    assert not list(SqueezeRows(two_legs, SPEC, found).other_measures())


def test_a_group_with_hardly_anybody_is_a_row_without_a_result(two_legs):
    ill = np.arange(len(two_legs.people)) > 0
    two_legs.people["lbp"] = pd.array(ill, dtype="boolean")
    found = take_squeeze(two_legs, SPEC.squeeze, SPEC.strength, "baseline")
    rows = list(SqueezeRows(two_legs, SPEC, found).other_measures())
    assert [row["converged"] for row in rows] == [False, True]
    assert not np.isfinite(rows[0].get("estimate", np.nan))
