import numpy as np
import pytest

from gluteal.estimators.counts import fit_negative_binomial


@pytest.fixture(scope="module")
def said(answers):
    return answers("glm")["nb"]


@pytest.fixture(scope="module")
def fit(base, matrix):
    return fit_negative_binomial(matrix(base, "glute", "age", "female"), base["days"])


def test_coefficients_and_theta_equal_glm_nb(fit, said):
    # glm.nb alternates until its deviance settles: about 8 digits of the maximum.
    np.testing.assert_allclose(fit.coef, said["mass_coef"], rtol=1e-7)
    assert fit.extra["theta"] == pytest.approx(said["mass_theta"], rel=1e-7)
    np.testing.assert_allclose(fit.coef, said["coef"], rtol=1e-9)
    assert fit.extra["theta"] == pytest.approx(said["theta"], rel=1e-9)
    assert fit.log_likelihood == pytest.approx(said["loglik"], rel=1e-10)


def test_errors_come_from_the_observed_information(fit, said):
    found = np.r_[np.sqrt(np.diag(fit.cov)), fit.extra["theta_se"]]
    np.testing.assert_allclose(found, said["se"], rtol=1e-8)


def test_fitted_means_and_dispersion(fit, base, matrix):
    x = matrix(base, "glute", "age", "female")
    np.testing.assert_allclose(fit.fitted, np.exp(x @ fit.coef), rtol=1e-12)
    assert 0.5 < fit.extra["dispersion"] < 2


def test_counts_without_overdispersion_are_not_a_result():
    y = np.tile([1, 2, 2, 3], 25)
    fit = fit_negative_binomial(np.ones((100, 1)), y)
    assert not fit.converged
    assert "Poisson" in fit.warnings[0]


def test_row_order_and_units(base, matrix, fit):
    mixed = base.sample(frac=1, random_state=1).assign(age=lambda d: d["age"] * 365.25)
    other = fit_negative_binomial(matrix(mixed, "glute", "age", "female"), mixed["days"])
    np.testing.assert_allclose(other.coef * [1, 1, 365.25, 1], fit.coef, rtol=1e-7)


def test_truth_is_recovered():
    rng = np.random.default_rng(3)
    x = rng.normal(size=20_000)
    mu = np.exp(1 + 0.3 * x)
    y = rng.negative_binomial(2.0, 2.0 / (2.0 + mu))
    fit = fit_negative_binomial(np.column_stack([np.ones(len(x)), x]), y)
    assert fit.coef[1] == pytest.approx(0.3, abs=0.03)
    assert fit.extra["theta"] == pytest.approx(2, abs=0.15)
