import numpy as np
import pytest

from gluteal.estimators.mediation.products import evaluate, gradient, times

EFFECTS = {
    "indirect": ((1.0, ((0, 1), (1, 2))),),
    "total": ((1.0, ((0, 1), (1, 2))), (1.0, ((1, 1),))),
    "square": ((3.0, ((0, 1), (0, 1))), (2.0, ())),
}
COEF = [np.array([5.0, 2.0]), np.array([1.0, -1.0, 4.0])]


def test_values_by_hand():
    found = evaluate(EFFECTS, [np.vstack([one, one * 2]) for one in COEF])
    np.testing.assert_array_equal(found, [[8, 7, 14], [32, 30, 50]])


def test_gradient_equals_differences():
    flat = np.concatenate(COEF)
    found = gradient(EFFECTS, COEF)
    for j in range(5):
        step = np.zeros(5)
        step[j] = 1e-6
        up, down = (
            evaluate(EFFECTS, [v[None, :2], v[None, 2:]]) for v in (flat + step, flat - step)
        )
        np.testing.assert_allclose(found[:, j], (up - down)[0] / 2e-6, atol=1e-8)


def test_product_of_sums_is_the_sum_of_products():
    left = ((1.0, ((0, 0),)), (2.0, ((0, 1),)))
    right = ((3.0, ((1, 1),)), (0.5, ()))
    coef = [one[None] for one in COEF]
    one, two, both = evaluate({"l": left, "r": right, "lr": times(left, right)}, coef)[0]
    assert both == pytest.approx(one * two)
