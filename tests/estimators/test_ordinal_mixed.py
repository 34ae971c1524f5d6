import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.logit_mixed import fit_logit_mixed
from gluteal.estimators.ordinal import fit_ordinal
from gluteal.estimators.ordinal_mixed import fit_ordinal_mixed


@pytest.fixture(scope="module")
def wine(parity):
    d = pd.read_csv(parity / "data" / "wine.csv")
    x = np.column_stack([d["temp"] == "warm", d["contact"] == "yes"]).astype(float)
    return x, d["rating"] - 1, d["judge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("classic")["clmm"]


def draw(seed, people=40, rows=4, sd=1.0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), rows)
    x = rng.normal(size=(len(person), 1))
    line = 0.8 * x[:, 0] + sd * rng.normal(size=people)[person] + rng.logistic(size=len(person))
    return x, np.digitize(line, [-1, 0.3, 1.5]), person


def test_laplace_equals_its_formula_in_r(wine, said):
    """clmm's own answers have 5 digits here: its modes are found to a gradient of 1e-4."""
    fit, want = fit_ordinal_mixed(*wine, points=1), said["by_hand"]
    found = np.r_[fit.extra["thresholds"], fit.coef, fit.extra["sd"]]
    np.testing.assert_allclose(found, want["par"], rtol=1e-8)
    errors = np.r_[fit.extra["threshold_se"], np.sqrt(np.diag(fit.cov)), fit.extra["sd_se"]]
    np.testing.assert_allclose(errors, want["se"], rtol=1e-7)
    assert fit.log_likelihood == pytest.approx(want["loglik"], rel=1e-12)
    np.testing.assert_allclose(fit.coef, said["laplace"]["coef"], rtol=1e-5)
    printed = (3.0629966, 1.8348849, -81.5654093)
    assert (*fit.coef, fit.log_likelihood) == pytest.approx(printed, rel=1e-5)


@pytest.mark.parametrize("name", ["points", "fixture"])
def test_quadrature_equals_clmm(wine, long, said, name):
    x, y, who = wine if name == "points" else (long[["glute", "wave"]], long["grade"], long["id"])
    fit, want = fit_ordinal_mixed(x, y, who, points=10 if name == "points" else 15), said[name]
    # clmm's modes stop at a gradient of 1e-4, which leaves it about 5 digits.
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-5)
    np.testing.assert_allclose(fit.extra["thresholds"], want["thresholds"], rtol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=2e-5)
    np.testing.assert_allclose(fit.extra["modes"], want["modes"], atol=2e-5)
    assert fit.extra["sd"] == pytest.approx(want["sd"], rel=1e-5)
    assert fit.log_likelihood == pytest.approx(want["loglik"], abs=1e-8)


def test_two_categories_are_the_logistic_model():
    x, y, person = draw(3)
    ordinal = fit_ordinal_mixed(x, y > 1, person, points=9)
    logit = fit_logit_mixed(np.column_stack([np.ones(len(x)), x]), y > 1, person, points=9)
    np.testing.assert_allclose(ordinal.coef, logit.coef[1:], rtol=1e-6)
    np.testing.assert_allclose(ordinal.extra["thresholds"], -logit.coef[:1], rtol=1e-6)
    np.testing.assert_allclose(ordinal.cov, logit.cov[1:, 1:], rtol=1e-6)
    assert ordinal.log_likelihood == pytest.approx(logit.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(ordinal.extra["modes"], logit.extra["modes"], atol=1e-6)


def test_truth_is_recovered():
    fit = fit_ordinal_mixed(*draw(1, people=1500, sd=1.3))
    assert fit.coef[0] == pytest.approx(0.8, abs=0.08)
    assert fit.extra["sd"] == pytest.approx(1.3, abs=0.12)
    np.testing.assert_allclose(fit.extra["thresholds"], [-1, 0.3, 1.5], atol=0.15)


def test_no_difference_between_clusters_is_on_the_boundary():
    x = np.tile([[0.0], [1], [0], [1], [1]], (30, 1))
    y = np.tile([0, 1, 2, 1, 2], 30)
    fit = fit_ordinal_mixed(x, y, np.repeat(np.arange(30), 5))
    assert fit.extra["boundary"]
    assert "boundary" in fit.warnings[0]
    np.testing.assert_allclose(fit.coef, fit_ordinal(x, y).coef)


def test_separation_is_flagged():
    x = np.arange(24.0)[:, None]
    fit = fit_ordinal_mixed(x, np.repeat([0, 1, 2], 8), np.tile(np.arange(6), 4))
    assert not fit.converged
    assert np.isnan(fit.cov).all()
    assert fit.warnings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": np.zeros(6)}, "1 clusters"),
        ({"cluster": np.arange(6)}, "6 clusters of 6 rows"),
        ({"y": np.zeros(6)}, "two categories"),
        ({"x": np.ones((6, 1))}, "combination"),
    ],
)
def test_faults_of_the_data_are_named(change, message):
    x = np.arange(6.0)[:, None]
    how = {"x": x, "y": [0, 1, 0, 2, 1, 2], "cluster": [0, 0, 1, 1, 2, 2]}
    with pytest.raises(UserError, match=message):
        fit_ordinal_mixed(**{**how, **change})


@settings(max_examples=10)
@given(st.integers(0, 500), st.floats(0.05, 50))
def test_invariants(seed, scale):
    x, y, person = draw(seed)
    plain = fit_ordinal_mixed(x, y, person, points=5)
    assert plain.converged or plain.warnings
    if not plain.converged or plain.extra["sd"] < 0.05:
        return
    order = np.random.default_rng(seed).permutation(len(y))
    other = fit_ordinal_mixed((x * scale + 1)[order], y[order], person[order], points=5)
    np.testing.assert_allclose(other.coef * scale, plain.coef, rtol=1e-5)
    back = fit_ordinal_mixed(x, 3 - y, person, points=5)
    np.testing.assert_allclose(back.coef, -plain.coef, rtol=1e-5)
    assert back.extra["sd"] == pytest.approx(plain.extra["sd"], rel=1e-5)
