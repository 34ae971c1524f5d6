import numpy as np
import pytest

from gluteal.estimators.lmm.blocks import solve_blocks, weigh_blocks


@pytest.mark.parametrize("q", [1, 2, 3, 5])
@pytest.mark.parametrize("rank", ["full", "one", "zero"])
def test_solves_equal_dense_inverses(q, rank):
    rng = np.random.default_rng(q)
    z = rng.normal(size=(7, 4, q))
    a = z.transpose(0, 2, 1) @ z
    root = rng.normal(size=(q, q if rank == "full" else 1)) * (rank != "zero")
    omega = root @ root.T
    found = solve_blocks(np.ascontiguousarray(a.transpose(1, 2, 0)), omega)
    for g in range(7):
        e = np.linalg.inv(np.eye(q) + a[g] @ omega)
        np.testing.assert_allclose(found.e[:, :, g], e, atol=1e-10)
        np.testing.assert_allclose(found.j[:, :, g], e @ a[g], atol=1e-10)
        np.testing.assert_allclose(found.k[:, :, g], omega @ e, atol=1e-10)
        want = np.linalg.slogdet(np.eye(q) + a[g] @ omega)[1]
        assert found.log_det[g] == pytest.approx(want, abs=1e-10)


def test_huge_variances_lose_no_digits():
    """1 + tr + det·det has no subtraction; the product of the diagonal minus the other has."""
    a = np.array([[3.0, 3.0], [3.0, 5.0]])[:, :, None]
    omega = 1e9 * np.array([[1.0, 2.0], [2.0, 4.0]])  # rank one: det(I + AΩ) = 1 + tr(AΩ)
    found = solve_blocks(a, omega)
    assert found.log_det[0] == pytest.approx(np.log1p(1e9 * (3 + 12 + 20)), rel=1e-14)


def test_counts_multiply_the_logs():
    a = np.ones((1, 1, 2))
    one = weigh_blocks(a, np.array([1.0, 1.0]), np.array([[0.5]]), np.ones((1, 1, 1)))
    many = weigh_blocks(a, np.array([3.0, 4.0]), np.array([[0.5]]), np.ones((1, 1, 1)))
    assert many.log_det == pytest.approx(3.5 * one.log_det)
    assert many.d_log_det[0] == pytest.approx(7 / 1.5)
    assert many.d2_log_det[0, 0] == pytest.approx(-7 / 1.5**2)
