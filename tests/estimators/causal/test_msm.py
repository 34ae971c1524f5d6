import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.causal.msm import as_weights, fit_msm
from gluteal.estimators.causal.weighing import weigh_binary, weigh_density, weigh_remaining
from gluteal.estimators.causal.weights import accumulate
from gluteal.estimators.glm import mean_of

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")


def errors(model):
    return np.sqrt(np.diag(model.cov))


@pytest.fixture(scope="module")
def visits(parity):
    return pd.read_csv(parity / "data" / "msm.csv")


def weights_of(m, matrix):
    exposure = weigh_binary(
        m["a"], matrix(m, "pain", "before", "visit"), numerator=matrix(m, "before", "visit")
    )
    staying = weigh_remaining(
        m["stayed"], matrix(m, "a", "pain", "visit"), numerator=matrix(m, "a", "visit")
    )
    return accumulate(exposure.times(staying), m["id"], m["visit"])


def test_repeated_exposure_with_dropout_equals_r(visits, matrix, said):
    """Against geeglm on R's weights, and R's numerical sandwich of all equations over people."""
    w = weights_of(visits, matrix)
    x, want = matrix(visits, "a", "before", "visit"), said["msm"]
    known = fit_msm(x, visits["y"], w, person=visits["id"], se="known")
    np.testing.assert_allclose(known.coef, want["linear"]["coef"], rtol=1e-8)
    np.testing.assert_allclose(errors(known), want["linear"]["known"], rtol=1e-8)
    assert known.se_type == "CR0"
    stacked = fit_msm(x, visits["y"], w, person=visits["id"])
    np.testing.assert_allclose(errors(stacked), want["linear"]["stacked"], rtol=1e-6)
    used = w.values[w.values > 0]
    spread = [used.mean(), used.max(), used.sum() ** 2 / (used**2).sum()]
    np.testing.assert_allclose(spread, want["weights"], rtol=1e-9)


def test_a_yes_no_outcome_equals_r(visits, matrix, said):
    w = weights_of(visits, matrix)
    high = np.where(visits["y"].isna(), np.nan, visits["y"] > 0)
    x = matrix(visits, "a", "before", "visit")
    found = fit_msm(x, high, w, "logistic", person=visits["id"], se="known")
    np.testing.assert_allclose(found.coef, said["msm"]["logistic"]["coef"], rtol=1e-8)
    np.testing.assert_allclose(errors(found), said["msm"]["logistic"]["known"], rtol=1e-8)
    stacked = fit_msm(x, high, w, "logistic", person=visits["id"])
    np.testing.assert_allclose(errors(stacked), said["msm"]["logistic"]["stacked"], rtol=1e-6)


def test_a_continuous_exposure_equals_r(base, matrix, said):
    w = weigh_density(
        base["glute"],
        matrix(base, "age", "female", "bmi", "prior_lbp"),
        numerator=matrix(base, "female"),
    )
    want = said["continuous"]
    for se in ("known", "stacked"):
        found = fit_msm(matrix(base, "glute", "female"), base["pain"], w, se=se)
        np.testing.assert_allclose(found.coef, want["coef"], rtol=1e-8)
        np.testing.assert_allclose(errors(found), want[se], rtol=1e-6)


def simulated_visits(n, seed):
    """Two visits: pain at the second follows from the first exposure and drives the second."""
    rng = np.random.default_rng([seed, 91])
    pain = rng.normal(size=n)
    a0 = (rng.uniform(size=n) < mean_of("logistic", pain)).astype(float)
    later = pain - a0 + rng.normal(size=n)
    a1 = (rng.uniform(size=n) < mean_of("logistic", later + a0)).astype(float)
    y = later - a1 + rng.normal(size=n)
    return pain, a0, later, a1, y


def test_the_joint_effect_of_two_exposures_is_recovered_where_regression_fails():
    """Truth: -1 for each exposure; adjusting for later pain loses the effect of the first."""
    n = 20_000
    pain, a0, later, a1, y = simulated_visits(n, 1)
    one, who = np.ones(n), np.arange(n)
    z = np.block([[np.c_[one, pain, 0 * one, 0 * one]], [np.c_[0 * one, 0 * one, one, later]]])
    z = np.c_[z, np.r_[0 * one, a0]]
    top = np.c_[np.r_[one, 0 * one], np.r_[0 * one, one], np.r_[0 * one, a0]]
    w = weigh_binary(np.r_[a0, a1], z, numerator=top)
    total = accumulate(w, np.r_[who, who], np.r_[0 * who, 0 * who + 1])
    last = np.r_[np.zeros(n), np.ones(n)]
    x = np.c_[np.ones(2 * n), np.r_[a0, a0], np.r_[a0, a1]]
    kept = type(total)(total.values * last, total.gradient, total.shares, total.probability)
    found = fit_msm(x, np.r_[y, y], kept, person=np.r_[who, who])
    for j in (1, 2):
        effect = found.coefficient(j)
        assert effect.estimate == pytest.approx(-1.0, abs=3.5 * effect.se)
        assert effect.se < 0.08
    naive = fit_msm(np.c_[one, a0, a1, later], y, np.ones(n))
    assert abs(naive.coef[1]) < 0.1


def test_dropout_by_the_outcome_before_is_undone():
    n = 20_000
    rng = np.random.default_rng(17)
    c = rng.normal(size=n)
    y = c + rng.normal(size=n)
    stayed = (rng.uniform(size=n) < mean_of("logistic", 0.5 - c)).astype(float)
    w = weigh_remaining(stayed, np.c_[np.ones(n), c])
    seen = np.where(stayed == 1, y, np.nan)
    found = fit_msm(np.ones((n, 1)), seen, w).coefficient(0)
    assert found.estimate == pytest.approx(0.0, abs=3.5 * found.se)
    assert abs(y[stayed == 1].mean()) > 10 * found.se


@settings(max_examples=20)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100))
def test_invariants(simulate, seed, scale):
    s = simulate(80, seed)
    w = weigh_binary(s.a, s.z)
    x = np.c_[np.ones(80), s.a]
    plain = fit_msm(x, s.y, w)
    other = fit_msm(x, s.y * 2 + 7, weigh_binary(s.a, s.z * [1, scale, 1]))
    np.testing.assert_allclose(other.coef, 2 * plain.coef + [7, 0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(errors(other), 2 * errors(plain), rtol=1e-5)
    order = np.random.default_rng(seed).permutation(80)
    mixed = fit_msm(x[order], s.y[order], weigh_binary(s.a[order], s.z[order]))
    np.testing.assert_allclose(mixed.cov, plain.cov, rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 1, -1, 1], "weight of row 2 is negative"),
        ([1, np.nan, np.inf, 1], "infinite in row 1, 2"),
        ([0, 0, 0, 0], "all weights are zero"),
        ([1, 1], "4 rows need"),
    ],
)
def test_weights_that_cannot_be_used(weights, message):
    with pytest.raises(UserError, match=message):
        as_weights(weights, 4)
    with pytest.raises(UserError, match=message):
        fit_msm(np.ones((4, 1)), [1.0, 2, 3, 4], weights)


def test_degenerate_input():
    x = np.c_[np.ones(6), [0, 1, 0, 1, 0, 1]]
    with pytest.raises(UserError, match="combination"):  # one exposure left
        fit_msm(x, np.arange(6.0), x[:, 1])
    with pytest.raises(UserError, match="row 0"):
        fit_msm(x, [np.nan, 1, 2, 3, 4, 5], np.ones(6))
    with pytest.raises(UserError, match="shape"):
        fit_msm(x[:4], np.arange(6.0), np.ones(6))
    with pytest.raises(UserError, match="between 0 and 1"):
        fit_msm(x, np.arange(6.0), np.ones(6), "logistic")
    with pytest.raises(UserError, match="one person"):
        fit_msm(x, np.arange(6.0), np.ones(6), person=np.ones(6))
    few = fit_msm(x, np.arange(6.0), np.ones(6))
    assert "6 independent" in few.warnings[0]
    apart = fit_msm(x, x[:, 1], np.ones(6), "logistic")
    assert not apart.converged


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 14), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, a, z = poor_data(seed, n, kind)
    for weigh in (weigh_binary, weigh_remaining, lambda a, z: weigh_density(a + z[:, 1], z[:, :1])):
        try:
            found = fit_msm(z[:, :2], y, weigh(a, z[:, :2]).truncate())
        except UserError as error:
            assert str(error)
            continue
        assert found.warnings
        assert np.isfinite(found.coef).all()
        assert np.isfinite(found.cov).all()
