import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.glm import deviance_of, fit_glm, is_separated, mean_of

COVARIATES = ("glute", "age", "female", "bmi", "prior_lbp")


@pytest.fixture(scope="module")
def said(answers):
    return answers("glm")


@pytest.mark.parametrize("family", ["logistic", "poisson"])
@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_hc_equals_sandwich(base, matrix, said, family, kind):
    """HC1 to HC3 differ from HC0: the trap of statsmodels issue 7798."""
    fit = fit_glm(matrix(base, *COVARIATES), base["lbp"], family, kind)
    np.testing.assert_allclose(fit.coef, said[family]["coef"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said[family]["hc"][kind], rtol=1e-9)
    assert fit.converged


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_classical_equals_glm(base, matrix, said, family):
    fit = fit_glm(matrix(base, *COVARIATES), base["lbp"], family, "classical")
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said[family]["classical"], rtol=1e-9)
    assert fit.deviance == pytest.approx(said[family]["deviance"], rel=1e-10)
    assert fit.leverage.max() == pytest.approx(said[family]["leverage_max"], rel=1e-8)


def test_counts_and_their_dispersion(base, matrix, said):
    fit = fit_glm(matrix(base, "glute", "age", "female"), base["days"], "poisson")
    np.testing.assert_allclose(fit.coef, said["counts"]["coef"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said["counts"]["hc"]["HC3"], rtol=1e-9)
    assert fit.extra["dispersion"] == pytest.approx(said["counts"]["dispersion"], rel=1e-9)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_cr2_equals_clubsandwich(long, matrix, said, family):
    x = matrix(long, "glute", "wave", "age", "female")
    fit = fit_glm(x, long["lbp"], family, "CR2", long["id"].to_numpy())
    found = [fit.coefficient(j) for j in range(5)]
    for key, got in (("coef", "estimate"), ("se", "se"), ("df", "df")):
        want = said[f"cr2_{family}"][key]
        np.testing.assert_allclose([getattr(f, got) for f in found], want, rtol=1e-8)


def test_separation_is_found_and_never_looks_like_a_result():
    x = np.column_stack([np.ones(10), np.linspace(-2, 2, 10)])
    y = (x[:, 1] > 0).astype(float)
    fit = fit_glm(x, y, "logistic")
    assert fit.extra["separated"]
    assert not fit.converged
    assert "separate" in fit.warnings[0]


def test_a_group_without_events_separates_poisson_too():
    group = np.repeat([0.0, 1.0], 20)
    y = np.where(group == 1, 0, np.tile([0, 1], 20))
    x = np.column_stack([np.ones(40), group])
    assert is_separated(x, y, "poisson")
    assert not fit_glm(x, y, "poisson").converged


def test_overlap_is_not_separation():
    x = np.column_stack([np.ones(6), [0, 1, 2, 0, 1, 2]])
    assert not is_separated(x, np.array([0, 1, 0, 1, 0, 1.0]), "logistic")
    assert not is_separated(x, np.array([0, 1, 0, 1, 0, 1.0]), "poisson")


def test_large_effects_converge():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(3000), rng.normal(size=3000) * 1000])
    y = rng.uniform(size=3000) < mean_of("logistic", 0.3 + 0.004 * x[:, 1])
    fit = fit_glm(x, y, "logistic")
    assert fit.converged
    assert fit.coef[1] == pytest.approx(0.004, rel=0.15)


def test_deviance_of_a_perfect_fit_is_zero():
    y = np.array([1.0, 2.0, 5.0])
    assert deviance_of("poisson", y, y) == 0


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5000),
    family=st.sampled_from(["logistic", "poisson"]),
    scale=st.floats(0.01, 500),
)
def test_invariants(seed, family, scale):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(60, 2))
    x = np.column_stack([np.ones(60), z])
    chance = mean_of("logistic", -0.2 + z @ [0.6, -0.4])
    y = (rng.uniform(size=60) < chance).astype(float)
    if is_separated(x, y, family):
        return
    plain = fit_glm(x, y, family)
    order = rng.permutation(60)
    mixed = fit_glm(x[order], y[order], family)
    np.testing.assert_allclose(mixed.coef, plain.coef, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(mixed.cov, plain.cov, rtol=1e-5, atol=1e-10)
    other = fit_glm(x * [1, scale, 1], y, family)
    np.testing.assert_allclose(other.coef * [1, scale, 1], plain.coef, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(plain.fitted, mean_of(family, x @ plain.coef), rtol=1e-10)
    if family == "logistic":  # the other outcome has the opposite odds
        flipped = fit_glm(x, 1 - y, family)
        np.testing.assert_allclose(flipped.coef, -plain.coef, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(flipped.cov, plain.cov, rtol=1e-5, atol=1e-10)
    # With an intercept, fitted means add up to the observed total.
    assert plain.fitted.sum() == pytest.approx(y.sum(), rel=1e-8)
