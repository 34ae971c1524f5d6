import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import mean_of
from gluteal.estimators.sensitivity.measurement_error import ErrorVariance, calibrate_regression
from gluteal.estimators.sensitivity.simex import extrapolation_weights, fit_simex

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")["simex"]


def errors(model):
    return np.sqrt(np.diag(model.cov))


@pytest.mark.parametrize(("family", "outcome"), [("linear", "pain"), ("logistic", "lbp")])
def test_the_r_package_simex(base, matrix, said, family, outcome):
    """Both simulate (R 1,000 or 600 replicates a lambda): equal within Monte Carlo error."""
    x, want = matrix(base, "glute", "age", "female"), said[family]
    given = (x, base[outcome], ErrorVariance(0.03), 1, family)
    found = fit_simex(*given, replicates=400)
    np.testing.assert_allclose(found.extra["naive"], want["naive"], rtol=1e-8)
    noise = np.hypot(want["simulation_se"], found.extra["simulation_se"])
    assert (np.abs(found.coef - want["coef"]) < 3.5 * noise).all()
    assert (found.extra["simulation_se"] < 0.01 * errors(found)).all()
    np.testing.assert_allclose(errors(found), want["asymptotic"], rtol=0.03)
    line = fit_simex(*given, replicates=400, extrapolant="linear")
    assert line.coef[1] == pytest.approx(want["linear"][1], abs=3 * noise[1])
    jackknife = fit_simex(*given, replicates=400, se="jackknife")
    np.testing.assert_allclose(errors(jackknife), want["jackknife"], rtol=0.03)


def simulated(n, seed, family="linear"):
    rng = np.random.default_rng([seed, 6])
    c = rng.normal(size=n)
    truth = 0.6 * c + rng.normal(size=n)
    line = truth + c
    y = line + rng.normal(size=n)
    if family == "logistic":
        y = (rng.uniform(size=n) < mean_of("logistic", line)).astype(float)
    return np.c_[np.ones(n), truth + 0.5 * rng.normal(size=n), c], y


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_most_of_the_bias_goes(family):
    x, y = simulated(6000, 2, family)
    found = fit_simex(x, y, ErrorVariance(0.25), 1, family, replicates=20)
    naive = found.extra["naive"]
    assert abs(found.coef[1] - 1) < 0.4 * abs(naive[1] - 1)
    assert abs(found.coef[2] - 1) < abs(naive[2] - 1) + 0.01
    lambdas, path = found.extra["path"]
    assert (np.diff(path[:, 1]) < 0).all()
    assert lambdas[0] == 0


def test_the_errors_are_the_spread_over_studies():
    estimates, errors_of = [], {"stacked": [], "jackknife": []}
    for k in range(100):
        x, y = simulated(200, k)
        for se, kept in errors_of.items():
            found = fit_simex(x, y, ErrorVariance(0.25), replicates=20, se=se).coefficient(1)
            kept.append(found.se)
        estimates.append(found.estimate)
    spread = np.std(estimates, ddof=1)
    for kept in errors_of.values():
        assert np.median(kept) == pytest.approx(spread, rel=0.25)


def test_the_uncertainty_of_the_reliability_counts_as_in_regression_calibration():
    x, y = simulated(2000, 3)
    more = []
    for fit in (fit_simex, calibrate_regression):
        sure, unsure = (
            fit(x, y, ErrorVariance(0.25, s)).coefficient(1).se ** 2 for s in (0.0, 0.05)
        )
        more.append(np.sqrt(unsure - sure))
    assert more[0] == pytest.approx(more[1], rel=0.4)


def test_the_same_seed_gives_the_same_and_another_nearly_so():
    x, y = simulated(300, 4)
    one, two, other = (fit_simex(x, y, ErrorVariance(0.25), seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.coef, two.coef)
    gap = np.abs(one.coef - other.coef)
    assert (gap > 0).all()
    assert (gap < 6 * one.extra["simulation_se"] + 1e-12).all()


def test_extrapolation_weights_are_exact_for_their_polynomial():
    lambdas = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    w = extrapolation_weights(lambdas, 2)
    assert w @ (3 - 2 * lambdas + 0.5 * lambdas**2) == pytest.approx(5.5)
    assert extrapolation_weights(lambdas, 1) @ (3 - 2 * lambdas) == pytest.approx(5.0)


@settings(max_examples=20)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100))
def test_invariants(seed, scale):
    x, y = simulated(80, seed)
    plain = fit_simex(x, y, ErrorVariance(0.2, 0.05), replicates=10)
    other = fit_simex(
        x * [1, scale, 1], 2 * y + 5, ErrorVariance(0.2 * scale**2, 0.05 * scale**2), replicates=10
    )
    back = other.coef * [1, scale, 1] - [5, 0, 0]
    np.testing.assert_allclose(back, 2 * plain.coef, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(errors(other) * [1, scale, 1], 2 * errors(plain), rtol=1e-5)
    moved = fit_simex(x[:, [0, 2, 1]], y, ErrorVariance(0.2, 0.05), 2, replicates=10)
    np.testing.assert_allclose(moved.coef[[0, 2, 1]], plain.coef, rtol=1e-8, atol=1e-9)
    nothing = fit_simex(x, y, ErrorVariance(0.0), replicates=4)
    np.testing.assert_allclose(nothing.coef, nothing.extra["naive"], rtol=1e-7, atol=1e-8)


def test_people_with_several_rows_count_once():
    x, y = simulated(150, 4)
    person = np.tile(np.arange(150), 2)
    once = fit_simex(x, y, ErrorVariance(0.2), replicates=200)
    twice = fit_simex(np.vstack([x, x]), np.r_[y, y], ErrorVariance(0.2), person=person)
    np.testing.assert_allclose(errors(twice), errors(once), rtol=0.05)
    assert twice.extra["units"] == 150


def test_degenerate_input():
    x, y = simulated(60, 1)
    with pytest.raises(UserError, match="nothing reliable"):
        fit_simex(x, y, ErrorVariance(9.0))
    with pytest.raises(UserError, match="missing or infinite"):
        fit_simex(x * np.where(np.arange(60) == 3, np.nan, 1)[:, None], y, ErrorVariance(0.1))
    with pytest.raises(ValueError, match="lambdas"):
        fit_simex(x, y, ErrorVariance(0.1), lambdas=[0.0, 1.0])
    with pytest.raises(ValueError, match="several rows"):
        fit_simex(x, y, ErrorVariance(0.1), se="jackknife", person=np.arange(60))
    split = fit_simex(x, x[:, 1] > 0, ErrorVariance(0.1), family="logistic", replicates=4)
    assert not split.converged
    assert split.warnings


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 14),
    kind=st.sampled_from(KINDS),
    family=st.sampled_from(["linear", "logistic"]),
    se=st.sampled_from(["stacked", "jackknife"]),
)
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind, family, se):
    y, a, z = poor_data(seed, n, kind)
    outcome = y if family == "linear" else a
    try:
        found = fit_simex(z, outcome, ErrorVariance(0.3), 1, family, replicates=4, se=se)
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.coef).all()
    assert se == "jackknife" or np.isfinite(found.cov).all()
