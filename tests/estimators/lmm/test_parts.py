import numpy as np
import pytest

from gluteal.estimators.lmm.parts import (
    cholesky_squares,
    lower_root,
    own_squares,
    root_squares,
    turn_squares,
)


@pytest.mark.parametrize("q", [1, 2, 3])
def test_squares_are_products_of_roots(q):
    rng = np.random.default_rng(q)
    lower = np.tril(rng.normal(size=(q, q)))
    at = np.tril_indices(q)
    theta = lower[at]
    found = np.einsum("s,isu,u->i", theta, cholesky_squares(q), theta)
    np.testing.assert_allclose(found, (lower @ lower.T)[at])
    root = rng.normal(size=(q, q))
    found = np.einsum("s,isu,u->i", root.ravel(), root_squares(q), root.ravel())
    np.testing.assert_allclose(found, (root @ root.T)[at])
    np.testing.assert_allclose(
        np.einsum("s,isu,u->i", root[0], own_squares(q), root[0]), root[0] ** 2
    )


@pytest.mark.parametrize("q", [2, 3])
@pytest.mark.parametrize("rank", [1, 2])
def test_turned_coordinates_say_the_same(q, rank):
    root = np.random.default_rng(q).normal(size=(q, rank))
    at = np.tril_indices(q)
    omega = (root @ root.T)[at]
    squares, theta = turn_squares(cholesky_squares(q), omega)
    np.testing.assert_allclose(np.einsum("s,isu,u->i", theta, squares, theta), omega, atol=1e-12)
    # The longest axis comes first; nothing lies below the diagonal.
    lower = np.zeros((q, q))
    lower[at] = theta
    assert (np.diff(np.diag(lower)) <= 0).all()
    assert np.tril(lower, -1).max() == 0
    # Any theta stays a covariance.
    any_theta = np.random.default_rng(9).normal(size=len(theta))
    full = np.zeros((q, q))
    full[at] = np.einsum("s,isu,u->i", any_theta, squares, any_theta)
    assert np.linalg.eigvalsh(full + np.tril(full, -1).T).min() > -1e-10
    back = np.zeros((q, q))
    back[at] = lower_root(omega)
    np.testing.assert_allclose((back @ back.T)[at], omega, atol=1e-9)
