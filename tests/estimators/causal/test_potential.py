from math import exp, inf, log

import numpy as np
import pytest

from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares


def risks(zero, one, se=0.02, rows=100):
    return PotentialMeans(np.array([zero, one]), np.eye(2) * se**2, np.empty((0, 2)), rows, "x")


def test_contrasts_by_hand():
    of = risks(0.2, 0.4)
    assert of.mean(1).se == pytest.approx(0.02)
    gap = of.difference()
    assert (gap.estimate, gap.se) == pytest.approx((0.2, 0.02 * 2**0.5))
    ratio = of.ratio()
    assert ratio.estimate == pytest.approx(2.0)
    assert ratio.se == pytest.approx(0.02 * (1 / 0.2**2 + 1 / 0.4**2) ** 0.5)
    assert ratio.high == pytest.approx(exp(log(2) + 1.959964 * ratio.se), rel=1e-6)
    assert of.difference(0, 1).estimate == pytest.approx(-0.2)


def test_number_needed_inverts_the_limits():
    found = risks(0.2, 0.4).number_needed()
    gap = risks(0.2, 0.4).difference()
    assert found.number == pytest.approx(5.0)
    assert (found.low, found.high) == pytest.approx((1 / gap.high, 1 / gap.low))
    assert not found.unbounded
    spared = risks(0.4, 0.2).number_needed()
    assert (spared.number, spared.low) == pytest.approx((-5.0, -found.high))


def test_number_needed_passes_through_infinity():
    found = risks(0.2, 0.21).number_needed()
    assert found.unbounded
    assert found.low < 0 < found.high
    assert risks(0.2, 0.2).number_needed().number == inf


def test_ratio_of_a_mean_below_zero_is_no_number():
    assert np.isnan(risks(-1.0, 2.0).ratio().estimate)


def test_shares_make_the_covariance():
    rng = np.random.default_rng(1)
    y = rng.normal(size=(50, 2))
    made = means_from_shares(y.mean(0), (y - y.mean(0)) / 50, None, "stacked", extra={"k": 1})
    np.testing.assert_allclose(made.cov, np.cov(y.T) * 49 / 50 / 50, rtol=1e-12)
    assert made.extra == {"k": 1}
    assert made.warnings == ()
    paired = means_from_shares(y.mean(0), (y - y.mean(0)) / 50, np.repeat(range(25), 2), "stacked")
    assert paired.units == 25
    assert "25 independent" in paired.warnings[0]
