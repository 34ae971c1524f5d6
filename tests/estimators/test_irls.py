import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from gluteal.estimators.irls import climb, deviance_of, mean_of, solve_information, variance_of

FAMILIES = ("linear", "logistic", "poisson")


def draw(rng, family, n=80):
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    eta = x @ [0.2, 0.5, -0.4]
    y = {
        "linear": eta + rng.normal(size=n),
        "logistic": rng.uniform(size=n) < mean_of("logistic", eta),
        "poisson": rng.poisson(np.exp(eta)),
    }[family]
    return x, np.asarray(y, dtype=float)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from(FAMILIES))
def test_the_score_is_zero_at_the_end(seed, family):
    rng = np.random.default_rng(seed)
    x, y = draw(rng, family)
    a, base = rng.uniform(0.2, 2, len(y)), rng.normal(size=len(y)) / 3
    end = climb(x, y, family, a, base)
    assert end.converged
    np.testing.assert_allclose(x.T @ (a * (y - end.mean)), 0, atol=1e-7 * a.sum())
    np.testing.assert_allclose(end.mean, mean_of(family, base + x @ end.coef), rtol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_deviance_is_least_there(family):
    x, y = draw(np.random.default_rng(1), family)
    end = climb(x, y, family)
    found = optimize.minimize(
        lambda b: deviance_of(family, y, mean_of(family, x @ b)), np.zeros(3), tol=1e-12
    )
    np.testing.assert_allclose(end.coef, found.x, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_frequencies_are_repeated_rows(family):
    rng = np.random.default_rng(2)
    x, y = draw(rng, family)
    times = rng.integers(1, 4, len(y))
    few = climb(x, y, family, times.astype(float))
    many = climb(np.repeat(x, times, axis=0), np.repeat(y, times), family)
    np.testing.assert_allclose(few.coef, many.coef, rtol=1e-8, atol=1e-10)


def test_columns_of_very_different_size_lose_no_digits():
    rng = np.random.default_rng(3)
    x, y = draw(rng, "logistic", 400)
    unit = np.array([1.0, 1e8, 1e-7])
    plain, odd = climb(x, y, "logistic"), climb(x * unit, y, "logistic")
    np.testing.assert_allclose(odd.coef * unit, plain.coef, rtol=1e-9)


def test_nearly_collinear_columns_still_converge():
    rng = np.random.default_rng(4)
    x, y = draw(rng, "logistic", 400)
    x[:, 2] = x[:, 1] + 1e-6 * x[:, 2]
    end = climb(x, y, "logistic")
    assert end.converged
    np.testing.assert_allclose(x.T @ (y - end.mean), 0, atol=1e-6)


def test_a_singular_information_is_solved_by_the_shortest_way():
    found = solve_information(np.ones((2, 2)), np.array([2.0, 2.0]))
    np.testing.assert_allclose(found, [1, 1])


def test_variances_never_vanish():
    assert variance_of("logistic", np.array([0.0, 1.0])).min() > 0
    assert variance_of("poisson", np.zeros(1)).min() > 0


def test_separated_data_end_where_nothing_more_is_to_gain():
    rng = np.random.default_rng([1374, 99])
    x = np.column_stack([np.ones(13), rng.normal(size=(13, 2)).round(1)])
    found = climb(x, (x[:, 1] > 0).astype(float), "logistic")
    assert not found.converged
    assert np.abs(found.eta).max() < 1e4
