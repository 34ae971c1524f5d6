import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.lmm.rows import as_effects, as_rows, sum_products


@pytest.mark.parametrize("shift", [0.0, 2020.0, 1e7])
def test_rows_are_orthonormal_and_give_least_squares(shift):
    rng = np.random.default_rng(9)
    x = np.column_stack([np.ones(50), shift + rng.normal(size=50)])
    y = rng.normal(size=50) + x[:, 1]
    rows = as_rows(x, y)
    p = rows.table[:, :2]
    np.testing.assert_allclose(p.T @ p, np.eye(2), atol=1e-8)
    want = np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(x @ rows.start, x @ want, rtol=1e-7)
    assert (rows.table[:, 2] ** 2).mean() == pytest.approx(1)
    np.testing.assert_allclose(rows.coefficients(np.zeros(2)), rows.start)


def test_weights_scale_rows():
    rng = np.random.default_rng(10)
    x, w = np.column_stack([np.ones(20), rng.normal(size=20)]), rng.uniform(0.5, 2, 20)
    y = rng.normal(size=20)
    rows = as_rows(x, y, w)
    want = np.linalg.solve((x.T * w) @ x, (x.T * w) @ y)
    np.testing.assert_allclose(rows.start, want, rtol=1e-10)
    assert rows.log_weights == pytest.approx(np.log(w).sum())
    for bad in (-w, w[:5], np.r_[np.inf, w[1:]]):
        with pytest.raises(UserError, match="weights"):
            as_rows(x, y, bad)


def test_effects_keep_whole_visits_exact():
    rng = np.random.default_rng(11)
    t = rng.integers(0, 26, 200).astype(float) + 2020
    raw, inner, turn = as_effects(np.column_stack([np.ones(200), t]), 200, True)
    np.testing.assert_array_equal(raw @ turn, inner)
    steps = inner[:, 1] * 2.0**20
    np.testing.assert_array_equal(steps, np.round(steps))
    assert abs(inner[:, 1].mean()) < 1
    assert 0.7 < np.sqrt((inner[:, 1] ** 2).mean()) < 1.5
    # Without the freedom to correlate, or without a constant, the origin means something.
    assert as_effects(np.column_stack([np.ones(200), t]), 200, False)[2][0, 1] == 0
    assert as_effects(t[:, None], 200, True)[2].shape == (1, 1)


@pytest.mark.parametrize("ordered", [True, False])
def test_sums_of_products(ordered):
    rng = np.random.default_rng(12)
    codes = np.repeat(np.arange(5), 3)
    codes = codes if ordered else rng.permutation(codes)
    left, right = rng.normal(size=(15, 2)), rng.normal(size=(15, 4))
    found, squared = sum_products(left, (right, left), codes, 5, ordered)
    for g in range(5):
        at = codes == g
        np.testing.assert_allclose(found[:, g], left[at].T @ right[at], atol=1e-12)
        np.testing.assert_allclose(squared[:, g], left[at].T @ left[at], atol=1e-12)
