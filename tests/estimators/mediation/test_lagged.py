import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.mediation.lagged import carry_through, delta_interval, slope_of

NUMBERS = st.floats(-3, 3)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6))
def test_it_is_what_following_the_outcome_visit_by_visit_gives(visits):
    outcome = 0.0
    for gain, path, carry in visits:
        outcome = carry * outcome + path * gain
    a, c, d = np.array(visits).T
    assert float(carry_through(a, c, d)) == pytest.approx(outcome, abs=1e-9)


def test_by_hand():
    want = 0.05 * -0.9 * 0.4 * 0.4 + 0.10 * -0.8 * 0.4 + 0.15 * -0.7
    found = carry_through([0.05, 0.10, 0.15], [-0.9, -0.8, -0.7], [9.0, 0.4, 0.4])
    assert float(found) == pytest.approx(want)


def test_what_the_outcome_kept_before_the_first_gain_does_not_count():
    one = carry_through([1.0, 2.0], [3.0, 4.0], [0.1, 0.5])
    two = carry_through([1.0, 2.0], [3.0, 4.0], [0.9, 0.5])
    assert float(one) == float(two) == 9.5


def test_many_at_once():
    rng = np.random.default_rng(1)
    a, c, d = rng.normal(size=(3, 7, 4))
    found = carry_through(a, c, d)
    assert found.shape == (7,)
    assert found[3] == pytest.approx(float(carry_through(a[3], c[3], d[3])))


def test_lengths_must_agree():
    with pytest.raises(UserError, match="one value for each"):
        carry_through([1.0], [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(UserError, match="one value for each"):
        carry_through([], [], [])


def test_the_slope_is_the_derivative():
    values = np.array([0.1, -0.9, 0.4, 0.0])
    found = slope_of(lambda v: v[:, 0] * v[:, 1] * v[:, 2] ** 2 + v[:, 3], values)
    np.testing.assert_allclose(
        found, [-0.9 * 0.16, 0.1 * 0.16, 2 * 0.1 * -0.9 * 0.4, 1.0], rtol=1e-7
    )


def test_the_interval_of_a_linear_function_is_walds():
    cov = np.array([[0.04, 0.01], [0.01, 0.09]])
    found = delta_interval(lambda v: v.sum(1), np.array([1.0, 2.0]), cov, level=0.9)
    assert found.se == pytest.approx(np.sqrt(0.15), rel=1e-8)
    half = 1.644854 * np.sqrt(0.15)
    assert [found.low, found.high] == pytest.approx([3 - half, 3 + half], rel=1e-6)


def test_without_a_covariance_there_is_no_interval():
    found = delta_interval(lambda v: v[:, 0], np.array([2.0]), np.array([[np.nan]]))
    assert found.estimate == 2.0
    assert np.isnan([found.se, found.low, found.high, found.p]).all()
