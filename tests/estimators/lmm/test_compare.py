import numpy as np
import pytest
from scipy import stats

from gluteal.errors import UserError
from gluteal.estimators.lmm import compare_nested, fit_lmm


def test_a_slopes_variance_is_tested_at_its_edge(sleep):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    small = fit_lmm(x, sleep["Reaction"], sleep["Subject"], reml=False)
    large = fit_lmm(x, sleep["Reaction"], sleep["Subject"], x, reml=False)
    found = compare_nested(small, large)
    assert found.statistic == pytest.approx(42.139294, rel=1e-6)  # anova() of lme4's vignette
    assert found.df == 2
    assert found.p == pytest.approx(stats.chi2.sf(found.statistic, 2))
    mixture = (stats.chi2.sf(found.statistic, 1) + found.p) / 2
    assert found.p_mixture == pytest.approx(mixture)
    assert "half chi2(1)" in found.note


def test_a_coefficient_has_plain_chi_square(data):
    long = data["long"]
    x = np.column_stack([np.ones(len(long)), long[["wave", "glute"]]])
    small, large = (fit_lmm(x[:, :k], long["pain"], long["id"], reml=False) for k in (2, 3))
    found = compare_nested(small, large)
    assert found.p == found.p_mixture == pytest.approx(stats.chi2.sf(found.statistic, 1))
    assert not found.note


def test_one_variance_alone(simulate):
    x, y, who, z = simulate(18)
    small = fit_lmm(x, y, who)
    large = fit_lmm(x, y, who, z, correlated=False)
    found = compare_nested(small, large)
    assert found.df == 1
    assert found.p_mixture == pytest.approx(found.p / 2 if found.statistic > 0 else 1)


def test_what_cannot_be_compared_is_said(simulate):
    x, y, who, z = simulate(19)
    ml, reml = fit_lmm(x, y, who, reml=False), fit_lmm(x, y, who)
    with pytest.raises(UserError, match="one fit is REML"):
        compare_nested(ml, fit_lmm(x, y, who, z))
    with pytest.raises(UserError, match="other covariates"):
        compare_nested(fit_lmm(x[:, :2], y, who), reml)
    with pytest.raises(UserError, match="no more parameters"):
        compare_nested(reml, reml)
    with pytest.raises(UserError, match="other rows"):
        compare_nested(fit_lmm(x, 2 * y, who), fit_lmm(x, y, who, z))
