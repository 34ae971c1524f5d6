import numpy as np
import pytest

from gluteal.estimators.lmm.parts import cholesky_squares, own_squares, root_squares


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
