import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
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


def test_quine_equals_glm_nb_and_the_printed_answers(parity, answers):
    d = pd.read_csv(parity / "data" / "quine.csv")
    ages = [d["Age"] == f"F{k}" for k in (1, 2, 3)]
    x = np.column_stack(
        [np.ones(len(d)), d["Eth"] == "N", d["Sex"] == "M", *ages, d["Lrn"] == "SL"]
    )
    fit, want = fit_negative_binomial(x.astype(float), d["Days"]), answers("classic")["quine"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-7)
    printed = [2.89458, -0.5693717, 0.0823203, -0.4484281, 0.0880802, 0.3569010, 0.2921092]
    np.testing.assert_allclose(fit.coef, printed, atol=6e-7)
    assert fit.extra["theta"] == pytest.approx(1.2748926, abs=6e-8)
    assert fit.log_likelihood == pytest.approx(-546.5755091, abs=6e-8)


def test_time_at_risk_equals_glm_nb(parity, answers):
    d = pd.read_csv(parity / "data" / "quine.csv")
    x = np.column_stack([np.ones(len(d)), d["Sex"] == "M", d["Lrn"] == "SL"]).astype(float)
    at_risk = 1 + np.arange(1, len(d) + 1) % 5
    fit = fit_negative_binomial(x, d["Days"], offset=np.log(at_risk))
    want = answers("classic")["quine"]["rate"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-6)
    assert fit.extra["theta"] == pytest.approx(want["theta"], rel=1e-7)
    assert fit.log_likelihood == pytest.approx(want["loglik"], rel=1e-10)


@pytest.mark.parametrize(
    ("y", "message"), [([0, -1, 3, 2], "row 1 has -1"), ([np.nan, 1, 2, 3], "missing")]
)
def test_faults_of_the_data_are_named(y, message):
    with pytest.raises(UserError, match=message):
        fit_negative_binomial(np.ones((4, 1)), y)


def test_no_events_are_no_result():
    fit = fit_negative_binomial(np.column_stack([np.ones(9), np.arange(9)]), np.zeros(9))
    assert not fit.converged
    assert fit.warnings


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
