import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.sem.roots import inverse_root, scaled_root, solve_definite

BAD = {
    "indefinite": np.array([[1.0, 2.0], [2.0, 1.0]]),
    "singular": np.array([[1.0, 1.0], [1.0, 1.0]]),
    "not finite": np.array([[1.0, np.nan], [np.nan, 1.0]]),
    "infinite": np.array([[np.inf, 0.0], [0.0, 1.0]]),
    "negative": -np.eye(2),
    "nothing varies": np.zeros((2, 2)),
}


def definite(seed, p):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(p + 3, p)) * np.exp(rng.normal(0, 3, p))
    return x.T @ x


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_roots_invert_and_give_the_determinant(seed, p):
    matrix = definite(seed, p)
    root, log_det = inverse_root(matrix)
    assert np.array_equal(root, np.tril(root))
    assert np.isclose(log_det, np.linalg.slogdet(matrix)[1], rtol=0, atol=1e-9)
    scaled, size = scaled_root(matrix)
    corr = matrix / np.outer(size, size)
    np.testing.assert_allclose(scaled @ corr @ scaled.T, np.eye(p), atol=1e-8)
    right = np.arange(p) * size
    np.testing.assert_allclose(
        matrix @ solve_definite(matrix, right) / size, np.arange(p), atol=1e-6
    )


def test_the_given_matrix_stays_as_it_was():
    matrix = definite(1, 4)
    before = matrix.copy()
    for order in (matrix, np.asfortranarray(matrix)):
        inverse_root(order), scaled_root(order), solve_definite(order, np.ones(4))
        assert np.array_equal(order, before)


@pytest.mark.parametrize("kind", BAD)
@np.errstate(invalid="ignore")
def test_what_is_not_positive_definite_has_no_root(kind):
    assert scaled_root(BAD[kind]) is None
    if kind != "infinite":
        assert inverse_root(BAD[kind]) is None
        solved = solve_definite(BAD[kind], np.ones(2))
        assert solved is None or np.isnan(solved).any()


def test_a_matrix_of_nothing_is_definite():
    root, size = scaled_root(np.zeros((0, 0)))
    assert root.shape == (0, 0)
    assert size.size == 0
