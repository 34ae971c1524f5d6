from math import inf

import numpy as np
import pytest

from gluteal.estimators.inference import interval
from gluteal.estimators.lmm.parts import own_squares, root_squares
from gluteal.estimators.lmm.result import choose_df, covariance_for, root_of


def test_df_methods_share_one_fit(fits):
    fit = fits("slope")
    residual, normal = choose_df(fit, "residual"), choose_df(fit, "normal")
    assert residual.contrast(np.eye(5)[1]).df == 677 - 5
    assert normal.contrast(np.eye(5)[1]).df == inf
    assert residual.solution is fit.solution
    assert residual.model.se_type == residual.df_method == "residual"
    np.testing.assert_array_equal(residual.model.cov, fit.model.cov)
    again = choose_df(normal, "satterthwaite")
    assert again.contrast(np.eye(5)[1]) == fit.contrast(np.eye(5)[1])


def test_joint_tests_by_every_method(fits):
    from scipy import stats

    fit = fits("wb")
    lines = np.eye(6)[[1, 2]]
    f, chi2 = choose_df(fit, "residual").joint(lines), choose_df(fit, "normal").joint(lines)
    assert chi2.statistic == pytest.approx(2 * f.statistic)
    assert f.p == pytest.approx(stats.f.sf(f.statistic, 2, 671))
    assert chi2.df_error == inf
    # What is tested does not depend on how its rows are written.
    other = fit.joint([lines[0] + lines[1], lines[0] - 3 * lines[1]])
    assert other.statistic == pytest.approx(fit.joint(lines).statistic, rel=1e-9)
    with pytest.raises(ValueError, match="independent"):
        fit.joint([lines[0], lines[0]])
    with pytest.raises(ValueError, match="6 numbers"):
        fit.joint(np.eye(3))


def test_contrast_is_an_interval_of_the_model(fits):
    fit = fits("wb")
    found = fit.contrast([0, 1, -1, 0, 0, 0], 0.9)
    se = np.sqrt(fit.model.cov[1, 1] + fit.model.cov[2, 2] - 2 * fit.model.cov[1, 2])
    want = interval(fit.model.coef[1] - fit.model.coef[2], se, found.df, 0.9)
    assert (found.low, found.high) == pytest.approx((want.low, want.high))


def test_likelihoods_agree_with_their_counts(fits):
    fit = fits("slope_ml")
    assert fit.parameters == 5 + 3 + 1
    assert fit.aic == pytest.approx(-2 * fit.model.log_likelihood + 18)
    assert fit.bic == pytest.approx(-2 * fit.model.log_likelihood + 9 * np.log(677))
    assert fit.levels == (180,)


def test_root_of_a_singular_covariance():
    omega = np.array([4.0, 2.0, 1.0])  # rank one
    theta = root_of(root_squares(2), omega)
    np.testing.assert_allclose(np.einsum("s,isu,u->i", theta, root_squares(2), theta), omega)
    np.testing.assert_allclose(root_of(own_squares(2), np.array([9.0, 0.0])), [3, 0])


def test_covariance_comes_in_the_outcomes_units(fits):
    fit = fits("slope")
    cov, df_of = covariance_for(fit.solution, True, "residual")
    np.testing.assert_array_equal(cov, fit.model.classical_cov)
    assert df_of(np.ones(5)) == 672
