import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.gee.alpha import bounds_of
from gluteal.estimators.gee.working import lay_out, normal_equations, parts_of, whiten


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


@pytest.mark.parametrize("working", ["independence", "exchangeable", "ar1"])
@pytest.mark.parametrize("sizes", [[3, 3, 3], [2, 5, 2]])
def test_equations_from_sums_equal_those_of_whitened_rows(working, sizes):
    rng = np.random.default_rng(6)
    layout = lay_out(np.repeat(np.arange(3), sizes), None, working)
    slope, residual = rng.normal(size=(9, 2)), rng.normal(size=9)
    white = [whiten(v, 0.3, layout, working) for v in (slope, residual)]
    for parts in (None, parts_of(slope, layout)):
        left, right = normal_equations(slope, residual, 0.3, layout, working, parts)
        np.testing.assert_allclose(left, white[0].T @ white[0], rtol=1e-12)
        np.testing.assert_allclose(right, white[0].T @ white[1], rtol=1e-10)
