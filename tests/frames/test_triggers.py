import json

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames import triggers

SI = [("pain_site_left_si", "pain_site_right_si")]
TWO = [("agg_stand",), ("agg_walk",)]


def legs(cohort):
    return cohort.frame(["hip_abd_nm_kg", "age_years", *SI[0]], "side")


def people(cohort):
    return cohort.frame(["hip_abd_nm_kg", "age_years", "agg_stand", "agg_walk"], "person")


@pytest.fixture
def si(two_legs):
    return triggers.stack_triggers(legs(two_legs), SI, "hip_abd_nm_kg", ["age_years"], "logistic")


@pytest.fixture
def two(two_legs):
    return triggers.stack_triggers(people(two_legs), TWO, "hip_abd_nm_kg", ["age_years"], "linear")


@pytest.fixture(scope="module")
def r(parity):
    return json.loads((parity / "two_legs.json").read_text())


@pytest.mark.parametrize("working", ["independence", "exchangeable"])
def test_legs_equal_r(si, r, working):
    model = triggers.fit_common(si, working)
    np.testing.assert_allclose(model.coef, r["si"][working]["coef"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(model.cov)), r["si"][working]["se"], rtol=1e-6)


def test_a_common_and_a_slope_each_equal_r(two, r):
    model = triggers.fit_common(two)
    np.testing.assert_allclose(model.coef, r["triggers"]["coef"], rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(model.cov)), r["triggers"]["se"], rtol=1e-7)
    each, weights = triggers.fit_each(two)
    found = [each.contrast(w) for w in weights]
    want = r["each"]
    assert [f.estimate for f in found] == pytest.approx(want["coef"][1:3], rel=1e-7)
    assert [f.se for f in found] == pytest.approx(want["se"][1:3], rel=1e-7)
    test = triggers.same_slopes(each, 2)
    gap = each.coefficient(len(each.coef) - 1)
    assert test.p == pytest.approx(gap.p)


def test_a_leg_takes_the_mark_of_its_own_side(two_legs, si):
    marks = legs(two_legs)
    left = marks["side"].astype("str") == "left"
    own = np.where(left, marks["pain_site_left_si"], marks["pain_site_right_si"])
    assert si.y.sum() == own.astype(float).sum()
    assert si.labels == ("Pain site: sacroiliac",)
    assert (len(si.y), si.people, si.n_missing) == (240, 120, 0)


def test_missing_answers_leave_the_others(two_legs):
    frame = people(two_legs)
    frame.loc[0, "agg_walk"] = np.nan
    frame.loc[1, "hip_abd_nm_kg"] = np.nan
    stack = triggers.stack_triggers(frame, TWO, "hip_abd_nm_kg", [], "linear")
    assert (len(stack.y), stack.people, stack.n_missing) == (237, 119, 3)


def test_crude_rows_are_the_same_rows(two):
    crude = two.crude()
    assert crude.x.shape == (240, 3)
    assert (crude.x[:, 2] == two.x[:, -1]).all()
    assert len(two.keep(two.trigger == 0).y) == 120


def test_between_and_within_make_up_the_leg(si, two):
    model = triggers.fit_legs(si, "independence")
    assert len(model.coef) == si.x.shape[1] + 1
    assert triggers.fit_legs(two) is None


def test_given_the_person(si, two):
    logistic, at = triggers.fit_given_person(si)
    assert (at, len(logistic.coef)) == (1, si.x.shape[1])
    ordinal, at = triggers.fit_given_person(two)
    assert (at, len(ordinal.coef)) == (0, two.x.shape[1] - 1)
    assert triggers.fit_given_person(two.keep(two.trigger == 0)) is None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"agg_walk": np.nan}, "agg_walk"),
        ({"agg_walk": 3.0}, "agg_walk"),
        ({"hip_abd_nm_kg": 1.0}, "hip_abd_nm_kg"),
    ],
)
def test_what_does_not_vary_is_named(two_legs, change, column):
    frame = people(two_legs).assign(**change)
    with pytest.raises(UserError) as caught:
        triggers.stack_triggers(frame, TWO, "hip_abd_nm_kg", [], "linear")
    assert caught.value.faults[0].column == column


def test_strength_in_groups_and_few_people_are_refused(two_legs):
    frame = people(two_legs).assign(weak_abd=1)
    with pytest.raises(UserError, match="loses a third"):
        triggers.stack_triggers(frame, TWO, "weak_abd", [], "linear")
    with pytest.raises(UserError, match="4 people"):
        triggers.stack_triggers(frame.iloc[:4], TWO, "hip_abd_nm_kg", ["age_years"], "linear")
