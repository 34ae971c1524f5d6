import numpy as np
import pytest

from gluteal.estimators.lmm.variance import find_spreads


@pytest.mark.parametrize("name", ["slope", "wb", "apart", "crossed"])
def test_errors_equal_those_of_lmertests_covariance(fits, said, name):
    found = find_spreads(fits(name))
    np.testing.assert_allclose([s.se for s in found], said[name]["spread"], rtol=1e-5)
    assert found[-1].estimate == pytest.approx(np.sqrt(fits(name).residual_variance))


def test_limits_lie_where_the_scales_say(fits):
    sd, slope, r, residual = find_spreads(fits("slope"), 0.9)
    assert [s.kind for s in (sd, slope, r, residual)] == ["sd", "sd", "correlation", "residual"]
    assert (sd.effects, slope.effects, r.effects) == ((0,), (1,), (0, 1))
    assert sd.low * sd.high == pytest.approx(sd.estimate**2)
    middle = (np.arctanh(r.low) + np.arctanh(r.high)) / 2
    assert np.tanh(middle) == pytest.approx(r.estimate)
    wide = find_spreads(fits("slope"), 0.99)[2]
    assert wide.low < r.low < r.estimate < r.high < wide.high


@pytest.mark.parametrize("name", ["boundary", "none"])
def test_a_singular_fit_has_no_limits(fits, name):
    *effects, residual = find_spreads(fits(name))
    assert fits(name).singular
    assert all(np.isnan([s.low, s.high, s.se]).all() for s in effects)
    assert residual.low < residual.estimate < residual.high
