import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from gluteal.errors import UserError
from gluteal.estimators.net_benefit import decision_curve
from gluteal.estimators.optimism import correct_gain
from gluteal.estimators.validation import MEASURES, validate_logistic

BETA = np.array([-0.7, 0.8, 0.4, 0.0])


def make(n, seed=1):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])
    return x, (rng.uniform(size=n) < expit(x @ BETA)).astype(float)


def test_measures_equal_those_of_the_validation_engine():
    x, y = make(150)
    found = correct_gain(x, y, [0.3], 120, seed=4)
    want = validate_logistic(x, y, resamples=120, seed=4)
    for k, name in enumerate(MEASURES):
        assert found.measures.corrected[k] == pytest.approx(getattr(want, name).corrected, abs=1e-9)
    assert np.isnan(found.measures.low[1:3]).all()  # calibration has no spread where it was made


def test_apparent_net_benefit_equals_the_decision_curve():
    x, y = make(150)
    at = [0.2, 0.3, 0.5]
    found = correct_gain(x, y, at, 100)
    curve = decision_curve(y, expit(x @ found.coef), at, resamples=50)
    assert found.net_benefit.apparent == pytest.approx(curve.net_benefit.value)
    assert found.treat_all == pytest.approx(curve.treat_all.value)
    best = np.maximum(curve.treat_all.value, 0)
    assert found.over_best.apparent == pytest.approx(curve.net_benefit.value - best)


def test_one_threshold_gives_the_same_bits_as_many():
    x, y = make(120)
    many = correct_gain(x, y, [0.2, 0.3, 0.4], 100)
    one = correct_gain(x, y, [0.3], 100, measures=False)
    for key in ("corrected", "low", "high", "se"):
        assert getattr(one.over_best, key)[0] == getattr(many.over_best, key)[1]
    assert one.measures is None


def test_the_interval_holds_the_gain_in_new_people():
    x, y = make(100_000, seed=99)
    inside, off = 0, []
    for seed in range(60):
        found = correct_gain(*make(200, seed), [0.3], 150, seed, measures=False)
        act = x @ found.coef >= np.log(0.3 / 0.7)
        truth = (act * (y - (1 - y) * 3 / 7)).mean() - max(y.mean() - (1 - y.mean()) * 3 / 7, 0)
        inside += bool(found.over_best.low[0] <= truth <= found.over_best.high[0])
        off.append(found.over_best.corrected[0] - truth)
    assert inside >= 51
    assert abs(np.mean(off)) < 0.015


def test_people_left_out_are_judged_by_models_without_them():
    x, y = make(150)
    found = correct_gain(x, y, [0.3], 200)
    own = expit(x @ found.coef)
    assert np.mean((y - found.left_out) ** 2) > np.mean((y - own) ** 2)
    assert np.corrcoef(own, found.left_out)[0, 1] > 0.98


@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_units_do_not_matter(seed, scale):
    x, y = make(60, seed)
    if min(y.sum(), 60 - y.sum()) < 15:
        return
    other = x.copy()
    other[:, 1] = 5 + scale * x[:, 1]
    found = [correct_gain(one, y, [0.4], 20, measures=False) for one in (x, other)]
    assert found[0].over_best.corrected == pytest.approx(found[1].over_best.corrected, abs=1e-9)


def test_separation_is_said_and_firth_still_answers():
    x = np.column_stack([np.ones(40), np.r_[np.zeros(20), np.ones(20)]])
    y = np.r_[np.zeros(20), np.ones(20)]
    found = correct_gain(x, y, [0.5], 20)
    assert not found.converged
    assert "separat" in " ".join(found.warnings)
    found = correct_gain(x, y, [0.5], 20, firth=True)
    assert found.converged
    assert found.net_benefit.apparent[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("y", "at", "words"),
    [
        (np.zeros(10), [0.3], "the outcome is 0 in all 10 rows"),
        (np.arange(10.0), [0.3], "must be 0 or 1"),
        (np.arange(10) % 2, [1.0], "thresholds must lie between"),
    ],
)
def test_faults_are_named(y, at, words):
    x = np.column_stack([np.ones(10), np.arange(10.0) ** 2])
    with pytest.raises(UserError, match=words):
        correct_gain(x, y, at, 10)
