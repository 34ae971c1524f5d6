import numpy as np
import pytest

from gluteal.estimators.lmm.crossed import cross_rows


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("levels", [[9, 4], [9, 4, 3]])
def test_sums_and_derivatives_equal_dense_ones(weighted, levels):
    rng = np.random.default_rng(6)
    n = 60
    factors = [rng.integers(0, k, n) for k in levels]
    for factor, k in zip(factors, levels, strict=True):
        factor[:k] = np.arange(k)
    root = np.exp(rng.normal(size=n) / 3) if weighted else np.empty(0)
    one = root if weighted else np.ones(n)
    table = rng.normal(size=(n, 3))
    data = cross_rows(table, root, factors, levels)
    omega = np.array([0.7, 1.3, 0.4])[: len(levels)]
    directions = [np.outer(one, one) * (f[:, None] == f) for f in factors]
    v = np.eye(n) + sum(o * g for o, g in zip(omega, directions, strict=True))
    inverse = np.linalg.inv(v)
    found = data.parts(omega)
    np.testing.assert_allclose(found.cross, table.T @ inverse @ table, rtol=1e-9)
    assert found.log_det == pytest.approx(np.linalg.slogdet(v)[1], rel=1e-10)
    for i, g in enumerate(directions):
        middle = inverse @ g @ inverse
        np.testing.assert_allclose(found.d_cross[i], -table.T @ middle @ table, rtol=1e-8)
        assert found.d_log_det[i] == pytest.approx(np.trace(inverse @ g))
        for j, h in enumerate(directions):
            both = middle @ h @ inverse
            want = table.T @ (both + both.T) @ table
            np.testing.assert_allclose(found.d2_cross[i, j], want, rtol=1e-8, atol=1e-10)
            assert found.d2_log_det[i, j] == pytest.approx(-np.trace(inverse @ g @ inverse @ h))


def test_many_sizes_are_not_pooled_but_say_the_same(monkeypatch):
    from dataclasses import replace

    rng = np.random.default_rng(7)
    factors = [np.repeat(np.arange(10), 3), np.tile(np.arange(3), 10)]
    data = cross_rows(rng.normal(size=(30, 2)), np.exp(rng.normal(size=30)), factors, [10, 3])
    omega = np.array([0.5, 2.0])
    plain, other = data.parts(omega), replace(data, pooled=np.empty(0)).parts(omega)
    np.testing.assert_allclose(plain.cross, other.cross, rtol=1e-10)
    np.testing.assert_allclose(plain.d2_cross, other.d2_cross, rtol=1e-9)
