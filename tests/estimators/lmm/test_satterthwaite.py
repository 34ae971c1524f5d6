import numpy as np
import pytest

from gluteal.estimators.lmm import fit_lmm
from gluteal.estimators.lmm.satterthwaite import pool_df

NAMES = ("slope", "wb", "apart", "three", "times", "nested", "crossed")


# lmerTest differentiates numerically at lme4's answer: about seven digits.
@pytest.mark.parametrize("name", [*NAMES, "weights", "weights_intercept", "boundary", "none"])
def test_df_equal_lmertest(fits, said, name):
    """At the boundary too: a variance of 0 costs no degrees of freedom."""
    fit = fits(name)
    found = [fit.contrast(row).df for row in np.eye(len(fit.model.coef))]
    np.testing.assert_allclose(found, said[name]["satt"], rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_joint_test_equals_contestmd(fits, said, name):
    fit, p = fits(name), len(fits(name).model.coef)
    weights = np.r_[0, np.arange(2, p + 1)]
    assert fit.contrast(weights).df == pytest.approx(said[name]["satt_w"], rel=1e-6)
    found = fit.joint(np.eye(p)[1:])
    numbers = [found.statistic, found.df, found.df_error]
    np.testing.assert_allclose(numbers, said[name]["satt_F"][:3], rtol=1e-6)
    assert found.p == pytest.approx(said[name]["satt_F"][3], rel=1e-5)


def test_sleepstudy(sleep, said):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    both = fit_lmm(x, sleep["Reaction"], sleep["Subject"], x)
    np.testing.assert_allclose([both.contrast(w).df for w in np.eye(2)], [17, 17], rtol=1e-9)
    one = fit_lmm(x, sleep["Reaction"], sleep["Subject"])
    found = [one.contrast(w).df for w in np.eye(2)]
    np.testing.assert_allclose(found, [22.81019898, 161], rtol=1e-8)
    np.testing.assert_allclose(found, said["sleep_intercept"]["satt"], rtol=1e-7)


def test_balanced_data_have_the_df_of_the_analysis_of_variance():
    rng = np.random.default_rng(2)
    who, t = np.repeat(np.arange(10), 4), np.tile(np.arange(4.0), 10)
    y = rng.normal(size=10)[who] + 0.3 * t + rng.normal(size=40)
    x = np.column_stack([np.ones(40), t, who % 2])
    fit = fit_lmm(x, y, who)
    assert fit.contrast([0, 1, 0]).df == pytest.approx(29, rel=1e-8)  # 40 - 10 - 1
    assert fit.contrast([0, 0, 1]).df == pytest.approx(8, rel=1e-8)  # 10 - 2


def test_pooled_df():
    assert pool_df(np.array([7.5])) == 7.5
    assert pool_df(np.array([1.0, 1.5])) == 2.0
    # E = 8/6 + 20/18, df = 2E / (E - 2)
    e = 8 / 6 + 20 / 18
    assert pool_df(np.array([8.0, 20.0])) == pytest.approx(2 * e / (e - 2))
