import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.margins import difference, log_ratio, standardise

COVARIATES = ("glute", "age", "female", "bmi", "prior_lbp")


def test_risk_difference_and_ratio_equal_r(base, matrix, answers):
    x = matrix(base, *COVARIATES)
    fit = fit_glm(x, base["lbp"], "logistic", "HC3")
    means, cov = standardise(fit, "logistic", [x, x + np.eye(6)[1] * 0.5])
    rd, rr = difference(means, cov), log_ratio(means, cov)
    got = (*means, rd.estimate, rd.se, rr.estimate, rr.se)
    np.testing.assert_allclose(got, answers("glm")["gcomp"], rtol=1e-8)


def test_birthwt_equals_r_and_the_printed_answers(parity, answers):
    d = pd.read_csv(parity / "data" / "birthwt.csv")
    races = [d["race"] == 2, d["race"] == 3]
    rest = [d[name] for name in ("smoke", "ptl", "ht", "ui")]
    x = np.column_stack([np.ones(len(d)), d["age"], d["lwt"], *races, *rest]).astype(float)
    fit = fit_glm(x, d["low"], "logistic", "classical")
    sets = [np.where(np.arange(9) == 5, value, x) for value in (0.0, 1.0)]
    means, cov = standardise(fit, "logistic", sets)
    want = answers("classic")["birthwt"]["risks"]
    np.testing.assert_allclose(means, want["mean"], rtol=1e-8)
    np.testing.assert_allclose(cov, want["cov"], rtol=1e-7)
    assert means == pytest.approx([0.2458059961, 0.4162711200], abs=2e-10)
    found = difference(means, cov)
    assert found.estimate == pytest.approx(0.1704651238, abs=2e-9)
    assert found.se == pytest.approx(0.0729563141, rel=2e-5)  # printed from glm's default tolerance
    assert np.exp(log_ratio(means, cov).estimate) == pytest.approx(1.6934945710, abs=2e-9)


def test_linear_margins_are_the_coefficient(base, matrix):
    x = matrix(base, *COVARIATES)
    fit = fit_linear(x, base["pain"])
    means, cov = standardise(fit, "linear", [x, x + np.eye(6)[1]])
    found, want = difference(means, cov), fit.coefficient(1)
    assert found.estimate == pytest.approx(want.estimate)
    assert found.se == pytest.approx(want.se)
    assert means[0] == pytest.approx(base["pain"].mean())


def test_poisson_ratio_of_a_shift_is_the_coefficient(base, matrix):
    x = matrix(base, *COVARIATES)
    fit = fit_glm(x, base["lbp"], "poisson")
    means, cov = standardise(fit, "poisson", [x, x + np.eye(6)[1]])
    found = log_ratio(means, cov)
    assert found.estimate == pytest.approx(fit.coef[1])
    assert found.se == pytest.approx(fit.coefficient(1).se)
