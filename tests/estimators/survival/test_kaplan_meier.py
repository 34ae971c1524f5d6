import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.kaplan_meier import kaplan_meier

AT = [50, 180, 365, 700]


def test_lung_equals_survfit(lung, said):
    found, r = kaplan_meier(lung["time"], lung["status"]), said["km"]
    for got, want in zip(found.at(AT), (r["survival"], r["low"], r["high"]), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10)
    place = np.searchsorted(found.times, AT, "right") - 1
    np.testing.assert_allclose(found.se[place], r["se"], rtol=1e-10)
    mean = found.restricted_mean(365)
    np.testing.assert_allclose([mean.value, mean.se], r["rmean"], rtol=1e-10)


@pytest.mark.parametrize("sex", [1, 2])
def test_medians_equal_r(lung, said, sex):
    kept = lung[lung["sex"] == sex]
    median = kaplan_meier(kept["time"], kept["status"]).quantile()
    assert list(median[:3]) == said["km"]["median_by_sex"][sex - 1]


@pytest.mark.parametrize("scale", ["log", "plain"])
def test_other_scales_equal_r(lung, said, scale):
    found = kaplan_meier(lung["time"], lung["status"], scale=scale).at(AT)
    np.testing.assert_allclose(found[1:], said["km"]["scales"][scale], rtol=1e-10)


def test_late_entry_equals_r(late, said):
    found, r = kaplan_meier(late["time"], late["status"], late["entry"]), said["km"]["delayed"]
    place = np.searchsorted(found.times, [100, 200, 300, 600], "right") - 1
    np.testing.assert_allclose(found.survival[place], r["survival"], rtol=1e-10)
    np.testing.assert_allclose(found.se[place], r["se"], rtol=1e-10)


def test_the_middle_of_a_flat_stretch_is_the_median():
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).quantile().value == 2.5
    assert np.isnan(kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).quantile().value)


def test_a_curve_that_reaches_zero_says_that_it_has_no_interval_there():
    found = kaplan_meier([1, 2], [1, 1])
    assert np.isnan(found.low[-1])
    assert "no interval" in found.warnings[0]
    early = kaplan_meier([1, 5, 6], [1, 1, 0], entry=[0, 3, 3])
    assert any("all at risk at 1" in text for text in early.warnings)


def test_a_horizon_past_follow_up_is_refused():
    found = kaplan_meier([1, 2], [1, 0])
    with pytest.raises(UserError, match="within follow-up"):
        found.restricted_mean(3)
    assert np.isnan(found.at(3)[0])


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_invariants(seed):
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 9, 25).astype(float), rng.integers(0, 2, 25)
    event[0] = 1
    plain = kaplan_meier(time, event)
    order = rng.permutation(25)
    np.testing.assert_allclose(kaplan_meier(time[order], event[order]).low, plain.low)
    weeks = kaplan_meier(time / 7, event)
    np.testing.assert_allclose(weeks.survival, plain.survival)
    assert weeks.restricted_mean(time.max() / 7).value == pytest.approx(
        plain.restricted_mean(time.max()).value / 7
    )
    assert (np.diff(plain.survival) <= 0).all()
    known = np.isfinite(plain.low)
    assert (plain.low[known] <= plain.survival[known] + 1e-12).all()
    # Without censoring survival is the share still there.
    full = kaplan_meier(time, np.ones(25))
    share = [(time > t).mean() for t in full.times]
    np.testing.assert_allclose(full.survival, share, atol=1e-12)


def test_a_restricted_mean_does_not_count_before_zero():
    with pytest.raises(UserError, match="counts from 0"):
        kaplan_meier([-3, -2, -1, 2], [1, 1, 0, 1]).restricted_mean(1)
