import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.firth import fit_firth, profile
from gluteal.estimators.glm import fit_glm


@pytest.fixture(scope="module")
def said(answers):
    return answers("glm")


def test_equals_the_penalised_likelihood_in_r(base, matrix, said):
    some = base[:60]
    x, want = matrix(some, "glute", "prior_lbp"), said["firth"]
    fit, found = fit_firth(x, some["lbp"]), profile(x, some["lbp"], 1)
    # R climbs with a general optimiser, then scoring steps; its roots have 8 digits or so.
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=1e-6)
    np.testing.assert_allclose((found.low, found.high), want["ci"], rtol=1e-6)
    assert found.p == pytest.approx(want["p"], rel=1e-6)


def test_separated_data_have_a_finite_estimate(said):
    x = np.column_stack([np.ones(10), [-2, -1.5, -1, -0.4, 0.1, 0.3, 0.9, 1.2, 2, 2.5]])
    y = np.repeat([0, 1], 5)
    assert fit_glm(x, y, "logistic").extra["separated"]
    fit, found, want = fit_firth(x, y), profile(x, y, 1), said["firth_apart"]
    assert fit.converged
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-6)

    np.testing.assert_allclose((found.low, found.high), want["ci"], rtol=1e-6)
    assert found.p == pytest.approx(want["p"], rel=1e-6)


def test_birthwt_equals_brglm2_and_the_printed_interval(parity, answers):
    d = pd.read_csv(parity / "data" / "birthwt.csv")
    races = [d["race"] == 2, d["race"] == 3]
    rest = [d[name] for name in ("smoke", "ptl", "ht", "ui")]
    x = np.column_stack([np.ones(len(d)), d["age"], d["lwt"], *races, *rest]).astype(float)
    fit, want = fit_firth(x, d["low"]), answers("classic")["birthwt"]["firth"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=1e-7)
    found = profile(x, d["low"], 5)
    assert (found.estimate, found.se) == pytest.approx((0.8782206131, 0.3942014711), rel=1e-7)
    assert (found.low, found.high) == pytest.approx((0.13102438, 1.65635056), abs=2e-8)
    assert found.p == pytest.approx(0.02106528, abs=1e-8)


def test_ten_separated_rows_equal_brglm2(answers):
    x = np.column_stack([np.ones(10), np.arange(1, 11), [1, 0, 1, 0, 1, 0, 1, 0, 1, 1]])
    fit, want = fit_firth(x, np.repeat([0, 1], 5)), answers("classic")["separated"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=1e-6)
    np.testing.assert_allclose(fit.coef, [-4.2365914, 0.8473183, -0.8391350], atol=6e-8)
    np.testing.assert_allclose(
        np.sqrt(np.diag(fit.cov)), [2.8035124, 0.4922928, 1.9365006], atol=6e-8
    )


@pytest.mark.parametrize(
    ("y", "message"), [([0, 1, 0, 2], "row 3 has 2"), ([0, 1, np.nan, 1], "missing")]
)
def test_faults_of_the_data_are_named(y, message):
    with pytest.raises(UserError, match=message):
        fit_firth(np.column_stack([np.ones(4), np.arange(4)]), y)


def test_one_level_of_the_outcome_still_has_an_estimate():
    """The prior alone keeps it finite; its interval says how little it knows."""
    fit = fit_firth(np.ones((8, 1)), np.zeros(8))
    assert fit.coef[0] == pytest.approx(np.log(0.5 / 8.5), rel=1e-8)


def test_the_penalty_shrinks(base, matrix):
    x = matrix(base, "glute", "bmi")
    firth, plain = fit_firth(x, base["lbp"]), fit_glm(x, base["lbp"], "logistic")
    assert abs(firth.coef[1]) < abs(plain.coef[1])
    assert firth.coef[1] == pytest.approx(plain.coef[1], rel=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 1000))
def test_invariants(seed, scale):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(25), rng.normal(size=25)])
    y = (rng.uniform(size=25) < 0.4).astype(float)
    y[:2] = 0, 1
    plain = fit_firth(x, y)
    np.testing.assert_allclose(
        fit_firth(x * [1, scale], y).coef * [1, scale], plain.coef, rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(fit_firth(x, 1 - y).coef, -plain.coef, rtol=1e-6, atol=1e-8)
    found = profile(x, y, 1)
    assert found.low < plain.coef[1] < found.high
    assert found.p == pytest.approx(profile(x[::-1], y[::-1], 1).p, rel=1e-5)


def test_a_covariate_far_from_zero_changes_nothing():
    rng = np.random.default_rng(8)
    z = rng.normal(size=25)
    y = (rng.uniform(size=25) < 1 / (1 + np.exp(-2 * z))).astype(float)
    slopes = [fit_firth(np.column_stack([np.ones(25), z + far]), y).coef[1] for far in (0, 2026)]
    assert slopes[1] == pytest.approx(slopes[0], rel=1e-7)
