import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
