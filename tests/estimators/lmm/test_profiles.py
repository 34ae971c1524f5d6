import numpy as np
import pytest
from scipy import stats

from gluteal.estimators.lmm import (
    choose_df,
    fit_components,
    fit_lmm,
    profile_contrast,
    profile_spread,
)


# lme4 interpolates its profile by splines: five digits.
@pytest.mark.parametrize("name", ["wb_ml", "crossed_ml"])
def test_equal_confint(fits, said, name):
    fit, p = fits(name), len(fits(name).model.coef)
    spreads = [*range(len(fit.covariance)), None]
    found = [profile_spread(fit, effect) for effect in spreads]
    found += [profile_contrast(fit, row) for row in np.eye(p)]
    want = np.array(said[name]["profile"])
    np.testing.assert_allclose([[f.low, f.high] for f in found], want, rtol=1e-4, atol=1e-6)


def test_sleepstudy(sleep):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    fit = fit_lmm(x, sleep["Reaction"], sleep["Subject"], x, reml=False)
    days, intercept = profile_contrast(fit, [0, 1]), profile_spread(fit, 0)
    assert (days.low, days.high) == pytest.approx((7.3586533, 13.5759187), rel=1e-6)
    assert (intercept.low, intercept.high) == pytest.approx((14.3814811, 37.7160187), rel=1e-5)
    # confint() of lme4 1.1-31 with a tight optimiser.
    slope, residual = profile_spread(fit, 1), profile_spread(fit, None)
    assert (slope.low, slope.high) == pytest.approx((3.80116410, 8.753383161), rel=1e-5)
    assert (residual.low, residual.high) == pytest.approx((22.89826688, 28.857996539), rel=1e-6)


def test_on_the_edge(data, said):
    """The spread of slopes reaches to 0; lme4's limit of the intercept's misses the valley."""
    flat = data["boundary"]
    x = np.column_stack([np.ones(len(flat)), flat["t"]])
    fit = fit_lmm(x, flat["y"], flat["id"], x, reml=False)
    assert fit.singular
    want = np.array(said["boundary_ml"]["profile"])
    slope, t = profile_spread(fit, 1), profile_contrast(fit, [0, 1])
    assert slope.low == 0
    assert slope.high == pytest.approx(want[1, 1], rel=1e-5)
    assert (t.low, t.high) == pytest.approx(tuple(want[3]), rel=1e-4)
    assert profile_spread(fit, 0).low <= want[0, 0]


def test_the_limits_are_where_other_fits_lie_as_far(simulate):
    """Hold time at a limit by hand: the deviance rises by chi-square."""
    x, y, who, z = simulate(23)
    fit = fit_lmm(x, y, who, z, reml=False)
    found = profile_contrast(fit, [0, 1, 0], 0.9)
    for limit in (found.low, found.high):
        other = fit_lmm(x[:, [0, 2]], y - limit * x[:, 1], who, z, reml=False)
        rise = other.deviance - fit.deviance
        assert rise == pytest.approx(stats.chi2.ppf(0.9, 1), abs=1e-6)
    # A contrast is a coefficient of another design.
    turned = x @ np.array([[1.0, 0, 0], [0, 1, 1], [0, 0, 1]])
    again = profile_contrast(fit_lmm(turned, y, who, z, reml=False), [0, 1, 1], 0.9)
    assert (again.low, again.high) == pytest.approx((found.low, found.high), rel=1e-6)


def test_a_variance_that_is_not_there_has_a_high_limit_only(fits):
    fit = fits("none")
    found = profile_spread(fit, 0)
    assert found.estimate == pytest.approx(0, abs=1e-6)
    assert found.low == 0
    assert 0 < found.high < 1


@pytest.mark.parametrize("reml", [True, False])
def test_one_factor_by_both_ways_and_uncorrelated_effects(simulate, reml):
    x, y, who, z = simulate(24)
    one, other = fit_lmm(x, y, who, reml=reml), fit_components(x, y, [who], reml=reml)
    a, b = profile_spread(one, 0), profile_spread(other, 0)
    assert (a.low, a.high) == pytest.approx((b.low, b.high), rel=1e-6)
    apart = fit_lmm(x, y, who, z, correlated=False, reml=reml)
    slope = profile_spread(apart, 1)
    assert slope.low < np.sqrt(apart.covariance[1, 1]) < slope.high
    wide, narrow = profile_spread(apart, None, 0.99), profile_spread(apart, None, 0.8)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_reml_has_no_profile_of_coefficients(fits):
    with pytest.raises(ValueError, match="reml=False"):
        profile_contrast(choose_df(fits("wb"), "normal"), np.eye(6)[0])
