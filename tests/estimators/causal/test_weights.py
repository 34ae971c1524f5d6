import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.causal.weights import Weights, accumulate


def some(values, gradient=None):
    v = np.asarray(values, float)
    g = np.zeros((len(v), 1)) if gradient is None else np.asarray(gradient, float)
    return Weights(v, g, np.zeros_like(g), v)


def test_weights_multiply_up_to_each_visit_in_any_order():
    person = np.array(["b", "a", "a", "b", "a", "c"])
    visit = np.array([2, 0, 5, 1, 3, 9])
    w = some([2.0, 3, 5, 7, 11, 13], [[1.0], [2], [3], [4], [5], [6]])
    made = accumulate(w, person, visit)
    np.testing.assert_allclose(made.values, [14, 3, 165, 7, 33, 13])
    np.testing.assert_allclose(made.gradient[:, 0], [5, 2, 10, 4, 7, 6])


def test_products_equal_a_loop_over_people():
    rng = np.random.default_rng(8)
    person, visit = np.repeat(np.arange(40), 6), np.tile(np.arange(6), 40)
    keep = rng.permutation(240)[:150]
    values = rng.uniform(0.5, 2, 150)
    made = accumulate(some(values), person[keep], visit[keep]).values
    for k, (who, when) in enumerate(zip(person[keep], visit[keep], strict=True)):
        before = (person[keep] == who) & (visit[keep] <= when)
        assert made[k] == pytest.approx(values[before].prod(), rel=1e-12)


def test_a_visit_twice_or_missing_is_refused():
    with pytest.raises(UserError, match="same visit twice"):
        accumulate(some([1, 1]), [1, 1], [2, 2])
    with pytest.raises(UserError, match="no visit"):
        accumulate(some([1, 1]), [1, 1], [2, np.nan])
    with pytest.raises(UserError, match="a visit each"):
        accumulate(some([1, 1]), [1, 1], [2])


def test_truncation_keeps_the_middle_and_stops_its_error():
    w = some(np.r_[0.0, np.arange(1, 101)], np.ones((101, 1)))
    cut = w.truncate(0.05, 0.95)
    low, high = np.quantile(np.arange(1, 101), [0.05, 0.95])
    assert cut.values[0] == 0
    assert (cut.values[1:].min(), cut.values.max()) == pytest.approx((low, high))
    clipped = cut.values != w.values
    assert not cut.gradient[clipped].any()
    assert cut.gradient[~clipped].all()
    with pytest.raises(ValueError, match="quantiles"):
        w.truncate(0.9, 0.1)
    assert some([0.0, 0.0]).truncate().values.max() == 0


def test_times_joins_everything():
    one = Weights(np.array([2.0]), np.ones((1, 2)), np.ones((1, 2)), np.ones(1), True, ("a", "b"))
    two = Weights(np.array([3.0]), np.ones((1, 1)), np.ones((1, 1)), np.ones(1), False, ("b", "c"))
    both = one.times(two)
    assert both.values == 6
    assert both.gradient.shape == both.shares.shape == (1, 3)
    assert both.warnings == ("a", "b", "c")
    assert not both.converged
