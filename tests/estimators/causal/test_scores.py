import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.causal.scores import (
    as_binary,
    as_model,
    covariance_of,
    few_units,
    fit_scores,
    gather,
    sum_within,
)
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.robust import cr2_covariance


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_coefficients_and_sandwich_equal_the_regressions(births, family):
    of = births("low")
    fit = fit_scores(of.x, of.y, family)
    other = (
        fit_linear(of.x, of.y, "HC0") if family == "linear" else fit_glm(of.x, of.y, family, "HC0")
    )
    np.testing.assert_allclose(fit.coef, other.coef, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(covariance_of(fit.shares)[0], other.cov, rtol=1e-7, atol=1e-12)
    assert fit.converged


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_a_weight_of_two_is_a_row_twice(births, family):
    of = births("low")
    w = np.where(np.arange(len(of.y)) % 3 == 0, 2.0, 1.0)
    twice = np.r_[np.arange(len(of.y)), np.flatnonzero(w == 2)]
    plain = fit_scores(of.x[twice], of.y[twice], family)
    weighted = fit_scores(of.x, of.y, family, w)
    np.testing.assert_allclose(weighted.coef, plain.coef, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(weighted.bread, plain.bread, rtol=1e-7, atol=1e-12)


def test_rows_of_weight_zero_take_no_part(births):
    of = births("low")
    w = (np.arange(len(of.y)) % 4 > 0).astype(float)
    kept = w > 0
    fit = fit_scores(of.x, of.y, "logistic", w)
    np.testing.assert_allclose(
        fit.coef, fit_scores(of.x[kept], of.y[kept], "logistic").coef, rtol=1e-9, atol=1e-10
    )
    assert not fit.shares[~kept].any()


def test_ill_scaled_designs_stay_exact():
    rng = np.random.default_rng(2)
    t = rng.uniform(40, 60, 300)
    x = np.column_stack([np.ones(300), t, t**2, t**3])
    y = x @ [1.0, 2e-1, -3e-3, 4e-5]
    np.testing.assert_allclose(fit_scores(x, y, "linear").mean, y, rtol=1e-9)


def test_separation_is_said():
    x = np.column_stack([np.ones(20), np.linspace(-1, 1, 20)])
    fit = fit_scores(x, (x[:, 1] > 0).astype(float), "logistic")
    assert fit.separated
    assert not fit.converged
    assert "separate" in fit.warnings[0]


def test_people_are_summed_as_a_cluster_covariance_does(long, matrix):
    x, y = matrix(long, "glute", "age"), long["pain"].to_numpy()
    fit = fit_scores(x, y, "linear")
    cov, units = covariance_of(fit.shares, long["id"])
    # CR0 by hand, one person at a time.
    meat = np.zeros((3, 3))
    for who in long["id"].unique():
        at = (long["id"] == who).to_numpy()
        score = x[at].T @ (y - fit.mean)[at]
        meat += np.outer(score, score)
    np.testing.assert_allclose(cov, fit.bread @ meat @ fit.bread, rtol=1e-9)
    assert units == long["id"].nunique()
    larger, _df = cr2_covariance(x, y - fit.mean, np.ones(len(y)), long["id"].to_numpy(), fit.bread)
    assert (np.diag(cov) < np.diag(larger)).all()


def test_one_person_gives_no_standard_error():
    with pytest.raises(UserError, match="one person"):
        sum_within(np.ones((3, 1)), np.zeros(3))


def test_few_units_are_said():
    assert few_units(30) == ()
    assert "12" in few_units(12)[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 1, 1], "value 1 only"),
        ([0, 0], "value 0 only"),
        ([0, 1, 2], "other than 0 and 1"),
        ([0, 1, np.nan], "other than 0 and 1"),
        ([], "shape"),
        ([[0, 1]], "shape"),
    ],
)
def test_exposures_that_cannot_be_compared(values, message):
    with pytest.raises(UserError, match=message):
        as_binary(values, "the exposure")


def test_all_faults_come_at_once():
    def no(text):
        def check():
            raise UserError(text)

        return check

    with pytest.raises(UserError, match="first; second"):
        gather(no("first"), no("second"), no("first"))
    assert gather(lambda: 1, lambda: 2) == [1, 2]


@pytest.mark.parametrize(("family", "y"), [("logistic", [0, 1, 2, 0]), ("poisson", [0, -1, 2, 3])])
def test_outcomes_out_of_range(family, y):
    x = np.column_stack([np.ones(4), [0, 1, 2, 3]])
    with pytest.raises(UserError, match="outcome"):
        as_model(x, y, family)
