import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.ordinal import brant_test, fit_ordinal


@pytest.fixture(scope="module")
def said(answers):
    return answers("glm")


@pytest.fixture(scope="module")
def xy(base):
    return base[["glute", "age", "female"]].to_numpy(), base["grade"].to_numpy()


def test_equals_clm(xy, said):
    fit, want = fit_ordinal(*xy), said["clm"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-7)
    # clm stops its own Newton at a gradient of 1e-10: its last digits are not ours.
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=1e-6)
    np.testing.assert_allclose(fit.extra["thresholds"], want["thresholds"], rtol=1e-7)
    np.testing.assert_allclose(fit.extra["threshold_se"], want["threshold_se"], rtol=1e-6)
    assert fit.log_likelihood == pytest.approx(want["loglik"], rel=1e-10)
    assert fit.converged


def test_wine_equals_clm(parity, answers):
    wine = pd.read_csv(parity / "data" / "wine.csv")
    x = np.column_stack([wine["temp"] == "warm", wine["contact"] == "yes"]).astype(float)
    fit, want = fit_ordinal(x, wine["rating"] - 1), answers("classic")["wine"]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-9)
    np.testing.assert_allclose(fit.extra["thresholds"], want["thresholds"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=1e-8)
    np.testing.assert_allclose(fit.extra["threshold_se"], want["threshold_se"], rtol=1e-8)
    np.testing.assert_allclose(fit.coef, [2.5031020, 1.5277977], atol=6e-8)  # as printed
    assert fit.log_likelihood == pytest.approx(-86.49192337, abs=6e-9)


def test_brant_equals_the_paper_in_r(xy, said):
    omnibus, single = brant_test(*xy)
    assert (omnibus.statistic, omnibus.df) == pytest.approx(
        tuple(said["brant"]["omnibus"]), rel=1e-8
    )
    for found, want in zip(single, said["brant"]["single"], strict=True):
        assert (found.statistic, found.df) == pytest.approx(tuple(want), rel=1e-8)


def test_brant_finds_slopes_that_differ():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3000, 1))
    y = (x[:, 0] * 2 + rng.logistic(size=3000) > 0).astype(int)
    y[y == 1] += (rng.logistic(size=int(y.sum())) > 0).astype(int)
    omnibus, _single = brant_test(x, y)
    assert omnibus.p < 1e-6


def test_brant_is_silent_where_a_cut_is_separated():
    x = np.arange(12.0)[:, None]
    assert brant_test(x, np.r_[[0] * 4, [1, 2] * 4]) is None


def test_two_categories_are_logistic_regression(base):
    x = base[["glute", "bmi"]].to_numpy()
    ordinal = fit_ordinal(x, base["lbp"])
    logit = fit_glm(np.column_stack([np.ones(len(x)), x]), base["lbp"], "logistic", "classical")
    np.testing.assert_allclose(ordinal.coef, logit.coef[1:], rtol=1e-7)
    np.testing.assert_allclose(ordinal.cov, logit.cov[1:, 1:], rtol=1e-6, atol=1e-12)


def test_separation_does_not_converge():
    x = np.arange(12.0)[:, None]
    fit = fit_ordinal(x, np.repeat([0, 1, 2], 4))
    assert not fit.converged
    assert fit.warnings


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[0], [1], [2]], [1, 1, 1], "two categories"),
        ([[0], [1], [2]], [0, 1, 0.5], "whole numbers"),
        ([[0], [1], [2]], [0, -1, 1], "whole numbers"),
        ([[0], [1], [np.nan]], [0, 1, 1], "missing"),
        ([[1], [1], [1]], [0, 1, 1], "combination"),
        ([0, 1, 2], [0, 1, 1], "no columns"),
    ],
)
def test_faults_of_the_data_are_named(x, y, message):
    with pytest.raises(UserError, match=message):
        fit_ordinal(x, y)


def test_gaps_are_refused():
    with pytest.raises(ValueError, match="gaps"):
        fit_ordinal(np.ones((3, 1)), [0, 2, 2])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2000), st.floats(0.01, 1000), st.floats(-50, 50))
def test_invariants(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, 2))
    y = np.digitize(x @ [0.8, -0.5] + rng.logistic(size=80), [-1, 0.5])
    if len(set(y)) < 3:
        return
    plain = fit_ordinal(x, y)
    moved = fit_ordinal(x * [scale, 1] + [shift, 0], y)
    np.testing.assert_allclose(moved.coef * [scale, 1], plain.coef, rtol=1e-5, atol=1e-8)
    # Counting the categories backwards turns the sign.
    back = fit_ordinal(x, 2 - y)
    np.testing.assert_allclose(back.coef, -plain.coef, rtol=1e-5, atol=1e-8)
    order = rng.permutation(80)
    np.testing.assert_allclose(
        fit_ordinal(x[order], y[order]).coef, plain.coef, rtol=1e-6, atol=1e-9
    )
