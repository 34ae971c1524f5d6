import numpy as np
import pytest
from scipy import stats

from gluteal.estimators.impute.linear import draw_linear, residual_df
from gluteal.estimators.linear import fit_linear


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
    y = x @ [1.0, 0.6, -0.3] + rng.normal(size=50)
    return x, y


def draws(sample, b, rng):
    full = np.column_stack(sample)
    gram = np.repeat((full.T @ full)[None], b, axis=0)
    chi = rng.chisquare(residual_df(50, 3), b)
    return draw_linear(gram, 3, np.arange(3), rng.standard_normal((b, 3)), chi)


def test_the_centre_is_least_squares(sample):
    estimate, drawn, _sigma = draws(sample, 3, np.random.default_rng(1))
    fit = fit_linear(*sample, "classical")
    np.testing.assert_allclose(estimate[0, :3], fit.coef, rtol=1e-4)
    assert (estimate[:, 3] == 0).all()
    assert (drawn[:, 3] == 0).all()


def test_draws_follow_the_posterior(sample):
    """Coefficients: multivariate t with n - p df; sigma²: scaled inverse chi-square."""
    _estimate, drawn, sigma = draws(sample, 40_000, np.random.default_rng(2))
    fit = fit_linear(*sample, "classical")
    df, s2 = 47, fit.deviance / 47
    np.testing.assert_allclose(drawn[:, :3].mean(0), fit.coef, atol=0.005)
    want = fit.cov * df / (df - 2)
    np.testing.assert_allclose(np.cov(drawn[:, :3].T), want, atol=0.03 * want.max())
    assert (sigma**2).mean() == pytest.approx(df * s2 / (df - 2), rel=0.01)
    t = (drawn[:, 1] - fit.coef[1]) / np.sqrt(fit.cov[1, 1])
    assert stats.kstest(t, stats.t(df).cdf).pvalue > 0.001


def test_collinear_predictors_stay_harmless():
    rng = np.random.default_rng(4)
    a = rng.normal(size=100)
    full = np.column_stack([np.ones(100), a, a, a + rng.normal(size=100)])
    gram, z = (full.T @ full)[None], np.zeros((1, 3))
    estimate, drawn, sigma = draw_linear(gram, 3, np.arange(3), z, np.array([97.0]))
    assert np.isfinite(drawn).all()
    assert sigma[0] == pytest.approx(1, abs=0.2)
    assert estimate[0, 1:3].sum() == pytest.approx(1, abs=0.3)


def test_a_perfect_fit_keeps_a_spread_above_zero():
    x = np.column_stack([np.ones(9), np.arange(9.0), 2 * np.arange(9.0)])
    found = draw_linear((x.T @ x)[None], 2, np.arange(2), np.zeros((1, 2)), np.ones(1))
    assert 0 < found[2][0] < 0.1


def test_at_least_one_degree_of_freedom():
    assert residual_df(5, 9) == 1
