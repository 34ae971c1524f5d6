import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.margins import (
    average_slope,
    contrast_means,
    difference,
    log_ratio,
    standardise,
)

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


@pytest.fixture(scope="module")
def curved(base):
    """Designs of a model in which sex changes the slope, and what builds them."""

    def build(glute, female):
        return np.column_stack([np.ones(len(base)), glute, female, base["age"], glute * female])

    return build(base["glute"], base["female"]), build


def fit_of(family, x, d):
    y = d[{"linear": "pain", "logistic": "lbp", "poisson": "days"}[family]]
    return fit_linear(x, y) if family == "linear" else fit_glm(x, y, family)


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_mean_slopes_and_contrasts_equal_the_delta_method_in_r(base, curved, answers, family):
    x, build = curved
    fit, said = fit_of(family, x, base), answers("margins")
    zero, one = np.zeros(len(base)), np.ones(len(base))
    by = np.column_stack([zero, one, zero, zero, base["female"]])
    # R's numerical derivatives have 8 digits or so.
    found = average_slope(fit, family, x, by)
    assert (found.estimate, found.se) == pytest.approx(tuple(said["slope"][family]), rel=1e-6)
    if family == "logistic":
        found = average_slope(fit, family, x, by, weights=base["age"])
        assert (found.estimate, found.se) == pytest.approx(tuple(said["slope_weighted"]), rel=1e-6)
    sets = [build(base["glute"] + shift, base["female"]) for shift in (0, 0.5)]
    for scale in ("difference", "log_ratio"):
        found = contrast_means(fit, family, sets, scale)
        want = tuple(said["contrast"][family][scale])
        assert (found.estimate, found.se) == pytest.approx(want, rel=1e-7)


def test_marginal_odds_ratio_equals_r(base, curved, answers):
    x, build = curved
    sets = [build(base["glute"], np.full(len(base), value)) for value in (0, 1)]
    found = contrast_means(fit_of("logistic", x, base), "logistic", sets, "log_odds_ratio")
    assert (found.estimate, found.se) == pytest.approx(tuple(answers("margins")["odds"]), rel=1e-7)


def test_the_model_gives_the_degrees_of_freedom(long, matrix):
    x = matrix(long, "glute", "wave")
    fit = fit_linear(x, long["pain"], "CR2", long["id"].to_numpy())
    found, want = average_slope(fit, "linear", x, 1), fit.coefficient(1)
    assert (found.se, found.df) == pytest.approx((want.se, want.df), rel=1e-9)
    risks = fit_glm(x, long["lbp"], "logistic", "CR2", long["id"].to_numpy())
    sets = [x, x + np.eye(3)[1] * 0.5]
    assert 40 < contrast_means(risks, "logistic", sets).df < 180


def test_random_covariates_add_the_variance_of_their_average():
    """A sample of a population knows the mean risk no better than the mean of its outcomes."""
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(4000), rng.normal(size=4000) * 2])
    y = (rng.uniform(size=4000) < 1 / (1 + np.exp(-x[:, 1]))).astype(float)
    fit = fit_glm(x, y, "logistic", "classical")
    fixed = standardise(fit, "logistic", [x])[1][0, 0]
    random = standardise(fit, "logistic", [x], covariates="random")[1][0, 0]
    assert fixed < random
    assert random == pytest.approx(y.var() / 4000, rel=0.02)


def test_weights_are_repeated_rows(base, curved):
    x, _build = curved
    fit = fit_of("poisson", x, base)
    times = np.arange(len(base)) % 3
    few = standardise(fit, "poisson", [x], weights=times)
    many = standardise(fit, "poisson", [np.repeat(x, times, axis=0)])
    np.testing.assert_allclose(few[0], many[0], rtol=1e-12)
    np.testing.assert_allclose(few[1], many[1], rtol=1e-12)


def test_ratios_of_means_without_one_are_refused():
    x = np.column_stack([np.ones(6), np.arange(6)])
    fit = fit_linear(x, [-1, -2, -3, -4, -5, -6.5])
    with pytest.raises(UserError, match="no ratio"):
        contrast_means(fit, "linear", [x, x + 1], "log_ratio")
    with pytest.raises(UserError, match="no odds"):
        contrast_means(fit, "linear", [x, x + 1], "log_odds_ratio")
    with pytest.raises(ValueError, match="two designs"):
        contrast_means(fit, "linear", [x])
    with pytest.raises(ValueError, match="shape of the design"):
        average_slope(fit, "linear", x, np.zeros((6, 3)))


@settings(max_examples=20)
@given(st.integers(0, 500), st.floats(0.01, 100), st.sampled_from(["logistic", "poisson"]))
def test_invariants(seed, scale, family):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(80), rng.normal(size=(80, 2))])
    y = (rng.uniform(size=80) < 0.4).astype(float)
    fit, other = fit_glm(x, y, family), fit_glm(x * [1, scale, 1], y, family)
    slope = average_slope(fit, family, x, 1)
    moved = average_slope(other, family, x * [1, scale, 1], 1)
    assert moved.estimate * scale == pytest.approx(slope.estimate, rel=1e-6, abs=1e-9)
    assert moved.se * scale == pytest.approx(slope.se, rel=1e-6)
    # A small step's difference is the slope; turning a contrast round turns its sign.
    sets = [x, x + np.eye(3)[1] * 1e-5]
    small = contrast_means(fit, family, sets)
    assert small.estimate / 1e-5 == pytest.approx(slope.estimate, rel=1e-3, abs=1e-5)
    back = contrast_means(fit, family, sets[::-1])
    assert (back.estimate, back.se) == pytest.approx((-small.estimate, small.se), rel=1e-9)


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
