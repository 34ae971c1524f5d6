import numpy as np
import pytest

from gluteal.estimators.checks import check_ends, check_model, inflation, moments, share_at, smd
from gluteal.estimators.linear import fit_linear


def test_moments_of_a_normal_sample_are_near_zero():
    skew, kurtosis = moments(np.random.default_rng(1).normal(size=100_000))
    assert abs(skew) < 0.03
    assert abs(kurtosis) < 0.06


def test_moments_of_a_constant_are_missing():
    assert np.isnan(moments([2, 2, 2])).all()


def test_moments_equal_scipy():
    from scipy import stats

    v = [0.2, 1.5, 3.0, 9.0, 2.2]
    assert moments(v) == pytest.approx((stats.skew(v), stats.kurtosis(v)))


def test_smd_by_hand():
    assert smd([1, 2, 3], [2, 3, 4]) == pytest.approx(-1)
    assert smd([1, 1], [1, 1]) == 0
    assert smd([1, 1], [2, 2]) == float("inf")


def test_inflation_is_one_over_one_minus_r_squared():
    rng = np.random.default_rng(2)
    z = rng.normal(size=500)
    x = np.column_stack([np.ones(500), z, z + rng.normal(size=500), rng.normal(size=500)])
    rest = x[:, [0, 2, 3]]
    residual = z - rest @ np.linalg.lstsq(rest, z, rcond=None)[0]
    r2 = 1 - residual.var() / z.var()
    assert inflation(x, [1]) == pytest.approx(1 / (1 - r2))
    assert inflation(x[:, :2], [1]) == 1


def test_share_at_a_bound():
    assert share_at([0, 0, 3, 10], 0.0) == 0.5
    assert share_at([0, 1], None) == 0


def test_a_linear_model_is_checked():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(80), rng.normal(size=80)])
    y = x[:, 1] + rng.exponential(3, 80) ** 2
    rows = {row["name"]: row for row in check_model(fit_linear(x, y), y, 1, 100)}
    assert rows["complete cases"]["value"] == 0.8
    assert rows["complete cases"]["ok"] is False
    assert rows["residual skewness"]["ok"] is False
    assert rows["largest leverage"]["value"] == pytest.approx(fit_linear(x, y).leverage.max())
    assert "HC3 over classical standard error" in rows


def test_what_makes_no_sense_is_not_checked():
    x = np.column_stack([np.ones(20), np.arange(20.0)])
    y = np.tile([0.0, 1.0], 10)
    rows = check_model(fit_linear(x, y, "classical"), y, 1, 20, residuals=False)
    assert [row["name"] for row in rows] == ["complete cases", "largest leverage"]


def test_a_cap_is_noticed_wherever_it_lies():
    y = np.r_[np.full(20, 45.0), np.linspace(1, 44, 80)]
    (found,) = check_ends(y, 0, 600)
    assert (found["name"], found["value"], found["ok"]) == ("share at the ceiling", 0.2, False)
    assert check_ends(y, 0, 600, flag=False)[0]["ok"] is None
    assert not check_ends(np.linspace(1, 44, 80), 0, 600)
