import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.gee.working import bounds_of, estimate_alpha, lay_out, whiten


def blocks(layout):
    return np.split(np.arange(len(layout.order)), layout.starts[1:])


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    working=st.sampled_from(["exchangeable", "ar1"]),
    alpha=st.floats(-0.2, 0.95),
)
def test_whitening_inverts_the_correlation(seed, working, alpha):
    """W'W is the inverse of the matrix of each cluster, gaps in time and all."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, 12)
    time = rng.permutation(12).astype(float)
    layout = lay_out(np.unique(codes, return_inverse=True)[1], time, working)
    when = time[layout.order]
    low, _high = bounds_of(layout, working)
    if alpha <= low + 0.01:
        return
    root = whiten(np.eye(12), alpha, layout, working)
    want = np.zeros((12, 12))
    for rows in blocks(layout):
        apart = np.abs(when[rows][:, None] - when[rows])
        shared = np.where(apart == 0, 1.0, alpha)
        if working == "ar1":
            shared = np.where(apart == 0, 1.0, np.power(alpha, apart))
        want[np.ix_(rows, rows)] = np.linalg.inv(shared)
    np.testing.assert_allclose(root.T @ root, want, rtol=1e-7, atol=1e-8)
    vector = rng.normal(size=12)
    np.testing.assert_allclose(whiten(vector, alpha, layout, working), root @ vector, atol=1e-10)


def test_rows_of_a_cluster_are_sorted_by_time():
    layout = lay_out(np.array([0, 1, 0, 1]), np.array([5.0, 1, 2, 0]), "ar1")
    assert layout.order.tolist() == [2, 0, 3, 1]
    assert layout.gap.tolist() == [0, 3, 0, 1]
    assert layout.lags.tolist() == [1, 3]


def test_a_time_cannot_be_taken_twice():
    with pytest.raises(UserError, match="1 rows"):
        lay_out(np.zeros(3, dtype=int), np.array([0.0, 1, 1]), "ar1")


def test_bounds_depend_on_the_largest_cluster_and_on_broken_times():
    five = lay_out(np.zeros(5, dtype=int), None, "exchangeable")
    assert bounds_of(five, "exchangeable") == (-0.25, 1.0)
    whole = lay_out(np.zeros(3, dtype=int), np.array([0.0, 1, 3]), "ar1")
    assert bounds_of(whole, "ar1") == (-1.0, 1.0)
    broken = lay_out(np.zeros(3, dtype=int), np.array([0.0, 0.5, 3]), "ar1")
    assert bounds_of(broken, "ar1") == (0.0, 1.0)


@pytest.mark.parametrize("by", ["moment", "estimating_equation"])
@pytest.mark.parametrize(("working", "truth"), [("exchangeable", 0.4), ("ar1", 0.6), ("ar1", -0.5)])
def test_the_correlation_is_recovered(by, working, truth):
    rng = np.random.default_rng(2)
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    shared = truth**apart if working == "ar1" else np.where(apart == 0, 1, truth)
    noise = 3 * rng.normal(size=(4000, 4)) @ np.linalg.cholesky(shared).T
    layout = lay_out(np.repeat(np.arange(4000), 4), None, working)
    scale, alpha = estimate_alpha(noise.ravel(), None, 2, layout, working, by, 0.0)
    assert alpha == pytest.approx(truth, abs=0.02)
    assert scale == pytest.approx(9, rel=0.03)


def test_gaps_keep_the_meaning_of_the_correlation():
    """Every other visit of an AR(1) shows the same correlation per unit of time."""
    rng = np.random.default_rng(4)
    shared = 0.7 ** np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    noise = (rng.normal(size=(5000, 7)) @ np.linalg.cholesky(shared).T)[:, [0, 2, 4, 6]]
    time = np.tile([0.0, 2, 4, 6], 5000)
    layout = lay_out(np.repeat(np.arange(5000), 4), time, "ar1")
    for by in ("moment", "estimating_equation"):
        _scale, alpha = estimate_alpha(noise.ravel(), None, 1, layout, "ar1", by, 0.0)
        assert alpha == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("working", ["exchangeable", "ar1"])
def test_single_rows_have_no_correlation(working):
    layout = lay_out(np.arange(5), None, working)
    found = estimate_alpha(np.array([1.0, -1, 2, 0, 1]), None, 1, layout, working, "moment", 0.0)
    assert found == (7 / 4, 0.0)
    values = np.arange(5.0)
    np.testing.assert_array_equal(whiten(values, 0.3, layout, working), values)
