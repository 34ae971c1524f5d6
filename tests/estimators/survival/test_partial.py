import numpy as np
import pytest

from gluteal.estimators.survival.partial import evaluate, row_scores
from gluteal.estimators.survival.risk_sets import build_risk_sets
from gluteal.estimators.survival.times import as_times


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(9)
    time = rng.integers(1, 6, 25).astype(float)
    event, stratum = rng.integers(0, 2, 25), rng.integers(0, 2, 25)
    found = as_times(time, event, time - rng.integers(1, 4, 25))
    sets = build_risk_sets(found, stratum)
    return rng.normal(size=(25, 2))[sets.order], sets


def efron_by_loop(x, sets, coef):
    """Efron's log partial likelihood, event time by event time."""
    weight, total = np.exp(x @ coef), 0.0
    for stratum, time in zip(sets.group_stratum, sets.event_time, strict=True):
        here = sets.stratum == stratum
        risk = weight[here & (sets.time >= time) & (sets.entry < time)].sum()
        tied = here & (sets.time == time) & sets.dead
        d = tied.sum()
        total += (x[tied] @ coef).sum()
        total -= sum(np.log(risk - k / d * weight[tied].sum()) for k in range(d))
    return total


def test_the_likelihood_is_efrons(small):
    x, sets = small
    for coef in ([0.0, 0.0], [0.7, -0.4]):
        want = efron_by_loop(x, sets, np.array(coef))
        assert evaluate(x, sets, np.array(coef)).like == pytest.approx(want, rel=1e-12)


def test_score_and_information_are_its_derivatives(small):
    x, sets = small
    coef = np.array([0.7, -0.4])
    at = evaluate(x, sets, coef)
    for j in range(2):
        step = np.eye(2)[j] * 1e-5
        up, down = evaluate(x, sets, coef + step), evaluate(x, sets, coef - step)
        assert at.score[j] == pytest.approx((up.like - down.like) / 2e-5, rel=1e-6)
        np.testing.assert_allclose(at.information[j], (down.score - up.score) / 2e-5, rtol=1e-6)
    np.testing.assert_allclose(row_scores(x, sets, at).sum(0), at.score, atol=1e-12)


def test_hazards_too_far_apart_for_the_machine_are_no_place_to_be(small):
    x, sets = small
    at = evaluate(x * 1e4, sets, np.array([1.0, 0.5]))
    assert at.like == -np.inf
    near = evaluate(x * 20, sets, np.array([1.0, 0.5]))
    assert np.isfinite([near.like, *near.score]).all()
