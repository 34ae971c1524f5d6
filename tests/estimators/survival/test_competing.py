import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.competing import cumulative_incidence
from gluteal.estimators.survival.kaplan_meier import kaplan_meier


@pytest.mark.parametrize("of", [1, 2])
def test_incidence_and_variance_equal_cmprsk(two, said, of):
    found = cumulative_incidence(two["time"], two["cause"], of)
    value, se, low, high = found.at([30, 100, 200, 365, 700])
    r = said["competing"]
    np.testing.assert_allclose(value, r["incidence"][of - 1], rtol=1e-12)
    np.testing.assert_allclose(se**2, r["variance"][of - 1], rtol=1e-10)
    assert ((low < value) & (value < high)).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_shares_add_up_and_one_cause_is_kaplan_meier(seed):
    rng = np.random.default_rng(seed)
    time, cause = rng.integers(1, 9, 30).astype(float), rng.integers(0, 3, 30)
    cause[:2] = [1, 2]
    both = [cumulative_incidence(time, cause, of) for of in (1, 2)]
    whole = kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(
        both[0].incidence + both[1].incidence, 1 - whole.survival, atol=1e-12
    )
    alone = cumulative_incidence(time, (cause > 0).astype(int))
    np.testing.assert_allclose(alone.incidence, 1 - whole.survival, atol=1e-12)
    for one in (*both, alone):
        assert (np.diff(one.incidence) >= -1e-15).all()
        assert np.isfinite(one.se).all()
        assert ((one.low <= one.incidence + 1e-12) & (one.incidence <= one.high + 1e-12)).all()
    order = rng.permutation(30)
    again = cumulative_incidence(time[order], cause[order])
    np.testing.assert_allclose(again.se, both[0].se, atol=1e-12)


def test_without_censoring_the_variance_is_binomial():
    time = np.arange(1.0, 201)
    cause = np.tile([1, 2, 2, 1], 50)
    found = cumulative_incidence(time, cause)
    p = found.incidence
    want = np.sqrt(p * (1 - p) / 200)
    np.testing.assert_allclose(found.se[20:180], want[20:180], rtol=0.01)


def test_what_cannot_be_estimated_is_refused():
    with pytest.raises(UserError, match="nobody has event 3"):
        cumulative_incidence([1, 2], [1, 2], of=3)
