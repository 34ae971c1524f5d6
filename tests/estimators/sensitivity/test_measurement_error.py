import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import mean_of
from gluteal.estimators.sensitivity.measurement_error import (
    ErrorVariance,
    calibrate_regression,
    error_from_icc,
    error_from_sem,
    simulate_interval,
)

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")["rc"]


def errors(model):
    return np.sqrt(np.diag(model.cov))


@pytest.mark.parametrize(("family", "outcome"), [("linear", "pain"), ("logistic", "lbp")])
def test_r_by_hand(base, matrix, said, family, outcome):
    """R imputes the expected true exposure and differentiates all equations numerically."""
    x, want = matrix(base, "glute", "age", "female"), said[family]
    found = calibrate_regression(x, base[outcome], ErrorVariance(0.03), 1, family)
    np.testing.assert_allclose(found.coef, want["coef"], rtol=1e-8)
    np.testing.assert_allclose(errors(found), want["se"], rtol=1e-6)
    assert found.extra["reliability"] == pytest.approx(said["reliability"], rel=1e-10)
    wider = calibrate_regression(x, base[outcome], ErrorVariance(0.03, 0.008), 1, family)
    np.testing.assert_allclose(errors(wider), want["se_error"], rtol=1e-6)


def simulated(n, seed, family="linear", error=0.5):
    """True slope 1 (0.5 for logistic), a covariate of slope 1 that goes with the exposure."""
    rng = np.random.default_rng([seed, 6])
    c = rng.normal(size=n)
    truth = 0.6 * c + rng.normal(size=n)
    w = truth + error**0.5 * rng.normal(size=n)
    line = truth + c
    if family == "linear":
        y = line + rng.normal(size=n)
    else:
        y = (rng.uniform(size=n) < mean_of("logistic", line / 2)).astype(float)
    return np.c_[np.ones(n), w, c], y


@pytest.mark.parametrize(("family", "slope"), [("linear", 1.0), ("logistic", 0.5)])
def test_truth_is_recovered_where_the_naive_fit_misses_it(family, slope):
    x, y = simulated(20_000, 1, family)
    found = calibrate_regression(x, y, ErrorVariance(0.5), 1, family)
    for j in (1, 2):
        effect = found.coefficient(j)
        assert effect.estimate == pytest.approx(slope, abs=3.5 * effect.se + 0.02 * (slope < 1))
    assert found.extra["naive"][1] < 0.75 * slope
    assert found.extra["naive"][2] > 1.05 * slope


def test_the_error_counts_the_reliability_study():
    """Spread over studies that each estimate the reliability anew, from 40 people."""
    estimates, wide, narrow = [], [], []
    rng = np.random.default_rng(9)
    for k in range(200):
        x, y = simulated(300, k)
        sem = np.sqrt(0.5 * rng.chisquare(40) / 40)
        with_df = calibrate_regression(x, y, error_from_sem(sem, 40)).coefficient(1)
        estimates.append(with_df.estimate)
        wide.append(with_df.se)
        narrow.append(calibrate_regression(x, y, error_from_sem(sem)).coefficient(1).se)
    spread = np.std(estimates, ddof=1)
    assert np.median(wide) == pytest.approx(spread, rel=0.2)
    assert np.median(narrow) < 0.95 * np.median(wide)


@settings(max_examples=25)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100), icc=st.floats(0.7, 1.0))
def test_invariants(seed, scale, icc):
    x, y = simulated(100, seed)
    error = error_from_icc(icc, float(x[:, 1].std(ddof=1)), 0.02)
    plain = calibrate_regression(x, y, error)
    other = calibrate_regression(
        x * [1, scale, 1], y + 5, ErrorVariance(error.value * scale**2, error.se * scale**2)
    )
    np.testing.assert_allclose(
        other.coef * [1, scale, 1] - [5, 0, 0], plain.coef, rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(errors(other) * [1, scale, 1], errors(plain), rtol=1e-5)
    assert abs(plain.coef[1]) >= abs(plain.extra["naive"][1]) * (1 - 1e-12)


def test_without_error_nothing_changes():
    x, y = simulated(100, 3)
    found = calibrate_regression(x, y, ErrorVariance(0.0))
    np.testing.assert_allclose(found.coef, found.extra["naive"], rtol=1e-12)
    np.testing.assert_allclose(found.cov, found.extra["naive_cov"], rtol=1e-10)


def test_people_with_several_rows_count_once():
    x, y = simulated(100, 4)
    once = calibrate_regression(x, y, ErrorVariance(0.3))
    person = np.tile(np.arange(100), 2)
    # The exposure's spread divides by its degrees of freedom: the same up to 3 in 100.
    twice = calibrate_regression(np.vstack([x, x]), np.r_[y, y], ErrorVariance(0.3), person=person)
    np.testing.assert_allclose(errors(twice), errors(once), rtol=0.05)


@pytest.mark.parametrize("icc", [0.0, -0.2, 1.01, np.nan])
def test_iccs_that_are_no_reliability(icc):
    with pytest.raises(UserError, match="ICC"):
        error_from_icc(icc, 1.0)


def test_degenerate_input():
    x, y = simulated(60, 1)
    with pytest.raises(UserError, match="nothing reliable"):
        calibrate_regression(x, y, ErrorVariance(5.0))
    with pytest.raises(UserError, match="variance"):
        ErrorVariance(-1.0)
    with pytest.raises(UserError, match="degrees of freedom"):
        error_from_sem(1.0, 0)
    with pytest.raises(UserError, match="deviation"):
        error_from_icc(0.8, 0.0)
    with pytest.raises(UserError, match="one person"):
        calibrate_regression(x, y, ErrorVariance(0.1), person=np.zeros(60))
    with pytest.raises(UserError, match="row 2"):
        calibrate_regression(x, np.where(np.arange(60) == 2, np.inf, y), ErrorVariance(0.1))
    with pytest.raises(ValueError, match="intercept"):
        calibrate_regression(x[:, 1:2], y, ErrorVariance(0.1), 0)


def test_doubtful_corrections_are_flagged():
    x, y = simulated(200, 1)
    spread = float(x[:, 1].var())
    weak = calibrate_regression(x, y, ErrorVariance(0.6 * spread, 0.2 * spread))
    assert "not clearly above zero" in weak.warnings[0]
    rng = np.random.default_rng(1)
    w = rng.normal(size=400)
    steep = (w + 0.25 * rng.logistic(size=400) > 0).astype(float)
    strong = calibrate_regression(
        np.c_[np.ones(400), w], steep, ErrorVariance(0.3), family="logistic"
    )
    assert "approximation is poor" in strong.warnings[0]


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 14),
    kind=st.sampled_from(KINDS),
    family=st.sampled_from(["linear", "logistic"]),
)
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind, family):
    y, a, z = poor_data(seed, n, kind)
    try:
        found = calibrate_regression(
            z, y if family == "linear" else a, ErrorVariance(0.3), 1, family
        )
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.coef).all()
    assert np.isfinite(found.cov).all()


def test_a_simulated_interval_is_the_wald_one_where_error_is_small():
    x, y = simulated(2000, 1, error=0.05)
    error = ErrorVariance(0.05, 0.002)
    model = calibrate_regression(x, y, error)
    wald, drawn = model.coefficient(1), simulate_interval(model, error)
    assert (drawn.low, drawn.high) == pytest.approx((wald.low, wald.high), abs=0.05 * wald.se)
    assert simulate_interval(model, error) == drawn
    assert simulate_interval(model, error, seed=2) != drawn


def test_a_simulated_interval_covers_where_reliability_is_low():
    inside = {"wald": 0, "drawn": 0}
    rng = np.random.default_rng(3)
    for k in range(300):
        x, y = simulated(300, k, error=0.6)
        error = error_from_sem(np.sqrt(0.6 * rng.chisquare(30) / 30), 30)
        model = calibrate_regression(x, y, error)
        both = model.coefficient(1), simulate_interval(model, error, draws=2000)
        for name, found in zip(inside, both, strict=True):
            inside[name] += found.low <= 1 <= found.high
    assert 0.92 < inside["drawn"] / 300 < 0.985
    assert inside["wald"] < inside["drawn"]


def test_no_limit_is_given_where_nothing_reliable_may_be_left():
    x, y = simulated(200, 1)
    spread = float(x[:, 1].var())
    error = ErrorVariance(0.6 * spread, 0.3 * spread)
    assert simulate_interval(calibrate_regression(x, y, error), error).high == np.inf
