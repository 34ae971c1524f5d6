import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.lmm import choose_df, fit_lmm

NAMES = ("slope", "wb", "apart", "three", "times", "nested", "crossed")


@pytest.mark.parametrize("name", [*NAMES, "boundary"])
def test_covariance_equals_pbkrtest(kr, said, name):
    np.testing.assert_allclose(kr(name).model.cov, said[name]["kr_cov"], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", [*NAMES, "boundary"])
def test_df_and_f_equal_pbkrtest(kr, said, name):
    fit, want = kr(name), said[name]
    p = len(fit.model.coef)
    found = [fit.contrast(row).df for row in np.eye(p)]
    np.testing.assert_allclose(found, want["kr"], rtol=2e-7)
    weights = np.r_[0, np.arange(2, p + 1)]
    assert fit.contrast(weights).df == pytest.approx(want["kr_w"], rel=2e-7)
    joint = fit.joint(np.eye(p)[1:])
    numbers = [joint.statistic, joint.df, joint.df_error]
    np.testing.assert_allclose(numbers, want["kr_F"][:3], rtol=1e-6)
    assert joint.p == pytest.approx(want["kr_F"][3], rel=1e-5)


def test_weights_are_counted(kr, said):
    """pbkrtest 0.5.2 leaves prior weights out; the same model of scaled rows has none."""
    fit, want = kr("weights"), said["weights_rows"]
    np.testing.assert_allclose(fit.model.cov, want["kr_cov"], rtol=1e-6, atol=1e-12)
    found = [fit.contrast(row).df for row in np.eye(4)]
    np.testing.assert_allclose(found, want["kr"], rtol=1e-6)


def test_unbalanced_sleepstudy(sleep, said):
    i = np.arange(1, 181)
    some = sleep[((i * 7) % 10 < 7) | (i % 11 == 0)]
    x = np.column_stack([np.ones(len(some)), some[["Days", "even", "slower"]]])
    fit = fit_lmm(x, some["Reaction"], some["Subject"], x[:, :2], df="kenward_roger")
    want = said["sleep_unbalanced"]
    np.testing.assert_allclose(fit.model.cov, want["kr_cov"], rtol=2e-6)
    np.testing.assert_allclose([fit.contrast(w).df for w in np.eye(4)], want["kr"], rtol=1e-7)
    joint = fit.joint(np.eye(4)[1:])
    found = [joint.statistic, joint.df, joint.df_error]
    np.testing.assert_allclose(found, want["kr_F"][:3], rtol=2e-6)


def test_balanced_data_need_no_adjustment():
    rng = np.random.default_rng(3)
    who, t = np.repeat(np.arange(12), 4), np.tile(np.arange(4.0), 12)
    y = 2 * rng.normal(size=12)[who] + 0.3 * t + rng.normal(size=48)
    x = np.column_stack([np.ones(48), t, who % 2])
    fit = fit_lmm(x, y, who, df="kenward_roger")
    np.testing.assert_allclose(fit.model.cov, fit.model.classical_cov, rtol=1e-7)
    assert fit.contrast([0, 0, 1]).df == pytest.approx(10, rel=1e-7)
    with pytest.raises(ValueError, match="reml=True"):
        choose_df(fit_lmm(x, y, who, reml=False), "kenward_roger")


def test_one_contrast_jointly_is_its_t(kr):
    fit = kr("slope")
    one, alone = fit.joint(np.eye(5)[1:2]), fit.contrast(np.eye(5)[1])
    assert one.statistic == pytest.approx((alone.estimate / alone.se) ** 2, rel=1e-9)
    assert (one.df_error, one.p) == pytest.approx((alone.df, alone.p), rel=1e-9)


def test_people_without_number_cost_no_matrix():
    """20,000 people in well under the memory of one n x n matrix (80 GB)."""
    rng = np.random.default_rng(4)
    who, t = np.repeat(np.arange(20_000), 5), np.tile(np.arange(5.0), 20_000)
    y = rng.normal(size=20_000)[who] + rng.normal(size=100_000)
    x = np.column_stack([np.ones(100_000), t])
    fit = fit_lmm(x, y, who, x, df="kenward_roger")
    assert fit.contrast([0, 1]).df > 10_000


def test_too_few_people_for_its_f_are_told():
    """pbkrtest returns a negative F, negative degrees of freedom and p = NaN for such data."""
    rng = np.random.default_rng(12)
    who, t = np.repeat(np.arange(6), 4), np.tile(np.arange(4.0), 6)
    x = np.column_stack([np.ones(24), t, who % 2, who % 2 * t, rng.normal(size=24)])
    u = rng.normal(size=(6, 2))
    keep = rng.uniform(size=24) > 0.25
    y = u[who, 0] + 0.3 * u[who, 1] * t + rng.normal(size=24)
    fit = fit_lmm(x[keep], y[keep], who[keep], x[keep, :2], df="kenward_roger")
    with pytest.raises(UserError, match="so few people"):
        fit.joint(np.eye(5)[1:4])
    assert fit.contrast([0, 1, 0, 0, 0]).df > 0
