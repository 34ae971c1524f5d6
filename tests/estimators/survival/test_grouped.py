import numpy as np
import pytest

from gluteal.estimators.survival.grouped import evaluate, lay_rows, observe, tally
from gluteal.estimators.survival.visits import expand_visits


@pytest.fixture(scope="module")
def laid():
    rng = np.random.default_rng(4)
    table = rng.choice([0.0, 0.0, 0.0, 1.0, np.nan], size=(60, 4))
    rows = expand_visits(table)
    return lay_rows(rows, rng.normal(size=(rows.person.size, 2)))[0]


def test_score_and_information_are_derivatives(laid):
    """The score by differences; the expected information by the design that is never built."""
    coef = np.array([-1.0, -0.8, -1.3, -0.6, 0.4, -0.2])
    at = evaluate(laid, coef)
    assert laid.wide.size > 3
    for j in range(6):
        step = np.eye(6)[j] * 1e-6
        up, down = evaluate(laid, coef + step), evaluate(laid, coef - step)
        assert at.score[j] == pytest.approx((up.like - down.like) / 2e-6, rel=1e-6, abs=1e-6)
    design = laid.design(coef[:4])
    weight = at.hazard**2 * np.exp(-at.hazard) / at.mean
    np.testing.assert_allclose(at.information, (design * weight[:, None]).T @ design, atol=1e-10)


def test_the_likelihood_is_that_of_the_chances(laid):
    coef = np.array([-1.0, -0.8, -1.3, -0.6, 0.4, -0.2])
    base = np.exp(coef[:4])
    cover = np.zeros((laid.y.size, 4))
    cover[np.arange(laid.y.size), laid.first] = 1
    cover[laid.wide] = laid.cover
    chance = 1 - np.exp(-(cover @ base) * np.exp(laid.x @ coef[4:]))
    want = np.where(laid.y == 1, np.log(chance), np.log(1 - chance)).sum()
    assert evaluate(laid, coef).like == pytest.approx(want, rel=1e-12)


def test_a_period_without_event_is_not_live():
    rows = expand_visits([[0, 0, 1], [1, np.nan, np.nan], [0, 0, 0]])
    laid, live, kept = lay_rows(rows, np.zeros((rows.person.size, 0)))
    assert live.tolist() == [0, 2]
    assert (~kept).sum() == 2
    assert laid.count == 2
    at_risk, events = tally(rows)
    assert (at_risk.tolist(), events.tolist()) == ([3, 2, 2], [1, 0, 1])


def test_observed_information_is_less_the_derivative_of_the_score(laid):
    coef = np.array([-1.0, -0.8, -1.3, -0.6, 0.4, -0.2])
    found = observe(laid, coef, evaluate(laid, coef))
    for j in range(6):
        step = np.eye(6)[j] * 1e-6
        up, down = evaluate(laid, coef + step).score, evaluate(laid, coef - step).score
        np.testing.assert_allclose(found[j], (down - up) / 2e-6, rtol=1e-5, atol=1e-6)
