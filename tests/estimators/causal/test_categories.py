import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.causal.categories import estimate_levels, weigh_categories
from gluteal.estimators.causal.iptw import estimate_iptw
from gluteal.estimators.causal.msm import fit_msm
from gluteal.estimators.causal.weighing import weigh_binary

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")["levels"]


@pytest.fixture(scope="module")
def exercise(parity):
    d = pd.read_csv(parity / "data" / "nhefs.csv")
    z = np.column_stack([np.ones(len(d)), d.sex, d.race, d.age, d.wt71])
    return d.wt82_71.to_numpy(), d.exercise.to_numpy(), z


def test_three_levels_equal_multinom(exercise, said):
    y, a, z = exercise
    found = estimate_levels(y, a, z)
    np.testing.assert_allclose(found.means, said["means"], rtol=1e-8)
    np.testing.assert_allclose(found.cov, said["cov"], rtol=1e-5)
    known = estimate_levels(y, a, z, se="known")
    np.testing.assert_allclose(np.sqrt(np.diag(known.cov)), said["known"], rtol=1e-8)
    assert found.extra["levels"] == (0, 1, 2)
    assert found.extra["smd_after"].max() < 0.05 < found.extra["smd_before"].max()
    assert found.warnings == ()


def test_two_levels_equal_the_binary_weights(nhefs):
    named = np.where(nhefs.a == 1, "yes", "no")
    for stabilised in (True, False):
        one = weigh_categories(named, nhefs.z, stabilised=stabilised)
        two = weigh_binary(nhefs.a, nhefs.z, stabilised=stabilised)
        np.testing.assert_allclose(one.values, two.values, rtol=1e-7)
    found, binary = (
        estimate_levels(nhefs.y, named, nhefs.z),
        estimate_iptw(nhefs.y, nhefs.a, nhefs.z),
    )
    np.testing.assert_allclose(found.means, binary.means, rtol=1e-8)
    np.testing.assert_allclose(found.cov, binary.cov, rtol=1e-6)


def test_a_weighted_regression_on_dummies_gives_the_same(exercise):
    y, a, z = exercise
    x = np.column_stack([np.ones(len(y)), a == 1, a == 2])
    model = fit_msm(x, y, weigh_categories(a, z))
    found = estimate_levels(y, a, z)
    for k in (1, 2):
        one, two = model.coefficient(k), found.difference(k, 0)
        assert (one.estimate, one.se) == pytest.approx((two.estimate, two.se), rel=1e-7)


def test_truth_is_recovered():
    rng = np.random.default_rng(12)
    n = 20_000
    c = rng.normal(size=n)
    chance = np.exp(np.column_stack([np.zeros(n), 0.7 * c, 0.3 - 0.5 * c]))
    chance /= chance.sum(1, keepdims=True)
    a = (rng.uniform(size=n)[:, None] > chance.cumsum(1)[:, :2]).sum(1)
    y = np.array([0.0, 1.0, 3.0])[a] + c + rng.normal(size=n)
    found = estimate_levels(y, a, np.column_stack([np.ones(n), c]))
    for k, truth in ((1, 1.0), (2, 3.0)):
        gap = found.difference(k, 0)
        assert gap.estimate == pytest.approx(truth, abs=3.5 * gap.se)
    assert abs(y[a == 1].mean() - y[a == 0].mean() - 1) > 0.3


@settings(max_examples=20)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100))
def test_invariants(exercise, seed, scale):
    y, a, z = (v[:200] for v in exercise)
    plain = estimate_levels(y, a, z)
    order = np.random.default_rng(seed).permutation(200)
    units = [1, 1, 1, scale, 1]
    other = estimate_levels(y[order] + 4, 2 - a[order], z[order] * units)
    np.testing.assert_allclose(other.means[::-1] - 4, plain.means, rtol=1e-7)
    np.testing.assert_allclose(other.cov[::-1, ::-1], plain.cov, rtol=1e-5, atol=1e-9)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 16), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, a, z = poor_data(seed, n, kind)
    third = a + (np.random.default_rng(seed).uniform(size=n) > 0.6)
    try:
        found = estimate_levels(y, third, z, truncate=(0.0, 0.95))
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.means).all()
    assert np.isfinite(found.cov).all()


def test_degenerate_input(exercise):
    _y, _a, z = exercise
    with pytest.raises(UserError, match=r"value x only.*combination"):
        weigh_categories(["x"] * len(z), np.c_[z, z[:, 1]])
    with pytest.raises(UserError, match="no level of exposure"):
        weigh_categories(np.full(len(z), np.nan), z)
    apart = np.digitize(z[:, 3], [40, 55])
    split = weigh_categories(apart, z)
    assert not split.converged
    assert "separate" in split.warnings[0]
    assert np.isfinite(split.values).all()
