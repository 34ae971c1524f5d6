import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.impute import pool, pool_correlation, pool_icc, pool_on_scale
from gluteal.estimators.impute.scales import from_scale, slope_of, to_scale

R = [0.31, 0.36, 0.28, 0.33, 0.30]
AREA, SE = [0.71, 0.74, 0.73, 0.70, 0.75], [0.041, 0.040, 0.043, 0.042, 0.039]


def test_correlations_equal_miceafter(answers):
    found = pool_correlation(R, 100).estimate
    want = answers("impute")["correlation"]
    np.testing.assert_allclose([found.estimate, found.low, found.high], want, rtol=1e-10)


def test_areas_equal_miceafter(answers):
    found = pool_on_scale(AREA, SE, "logit", df_complete=99).estimate
    want = answers("impute")["area"]
    np.testing.assert_allclose([found.estimate, found.low, found.high], want, rtol=1e-10)


def test_ratios_pool_on_the_log():
    ratios, se = np.array([1.5, 1.8, 1.6]), np.array([0.3, 0.35, 0.3])
    plain = pool(np.log(ratios), (se / ratios) ** 2).estimate()
    found = pool_on_scale(ratios, se, "log")
    assert found.estimate.low == pytest.approx(np.exp(plain.low), rel=1e-12)
    assert found.estimate.p == pytest.approx(plain.p, rel=1e-12)
    assert found.null == 1


def test_an_area_is_tested_against_no_discrimination():
    assert pool_on_scale([0.5, 0.5], [0.1, 0.1], "logit").estimate.p == pytest.approx(1)
    low = pool_on_scale([0.72, 0.73], [0.03, 0.03], "logit", null=0.7).estimate.p
    assert low > pool_on_scale([0.72, 0.73], [0.03, 0.03], "logit").estimate.p


def test_one_rating_pair_is_fishers_z_of_a_correlation():
    """With two ratings the transformation of an ICC is arctanh."""
    found = pool_icc([0.6, 0.7], people=30, ratings=2)
    assert found.on_scale.estimate == pytest.approx(np.arctanh([0.6, 0.7]).mean())
    assert found.estimate.estimate == pytest.approx(np.tanh(found.on_scale.estimate))


def test_the_variance_of_an_iccs_z_is_what_simulation_shows():
    rng = np.random.default_rng(2)
    people, k, rho = 60, 4, 0.6
    who = rng.normal(0, np.sqrt(rho), (4000, people, 1))
    y = who + rng.normal(0, np.sqrt(1 - rho), (4000, people, k))
    between = k * y.mean(2).var(1, ddof=1)
    within = y.var(2, ddof=1).mean(1)
    icc = (between - within) / (between + (k - 1) * within)
    z = 0.5 * np.log((1 + (k - 1) * icc) / (1 - icc))
    assert z.var() == pytest.approx(k / (2 * (k - 1) * (people - 2)), rel=0.08)


@pytest.mark.parametrize(
    ("values", "scale", "named"),
    [([0.9, 1.0], "logit", "1 in imputation 1"), ([0.0, 1.2], "log", "0 in imputation 0")],
)
def test_bounds_are_not_pooled(values, scale, named):
    with pytest.raises(UserError, match=named):
        pool_on_scale(values, [0.1, 0.1], scale)


def test_faults_of_reliabilities_are_named():
    with pytest.raises(UserError, match=r"between -0\.5 and 1"):
        pool_icc([0.5, 1.0], 20, 3)
    with pytest.raises(UserError, match="2 ratings"):
        pool_icc([0.5, 0.6], 20, 1)
    with pytest.raises(UserError, match="no standard error"):
        pool_correlation([0.5, 0.6], 3)
    with pytest.raises(ValueError, match="each imputation"):
        pool_on_scale([0.5, 0.6], [0.1], "log")


@settings(max_examples=30)
@given(st.floats(0.02, 0.98), st.sampled_from(["identity", "log", "logit", "fisher_z"]))
def test_scales_come_back_and_have_their_slope(x, scale):
    assert from_scale(scale, to_scale(scale, x)) == pytest.approx(x, rel=1e-12)
    step = 1e-6
    rise = (to_scale(scale, x + step) - to_scale(scale, x - step)) / (2 * step)
    assert slope_of(scale, x) == pytest.approx(rise, rel=1e-6)
