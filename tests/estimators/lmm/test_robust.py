import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.lmm import fit_lmm, robust, robust_model


@pytest.mark.parametrize("name", ["slope", "wb", "times", "nested"])
def test_cr2_equals_clubsandwich(fits, said, name):
    found, want = robust_model(fits(name)), said[name]["cr2"]
    np.testing.assert_allclose(found.cov, want["cov"], rtol=1e-6, atol=1e-12)
    df = [found.contrast(row).df for row in np.eye(len(found.coef))]
    np.testing.assert_allclose(df, want["df"], rtol=1e-6)


def test_cr0_equals_clubsandwich(fits, said):
    found = robust_model(fits("slope"), "CR0")
    np.testing.assert_allclose(found.cov, said["slope"]["cr0"]["cov"], rtol=1e-6)
    assert found.contrast(np.eye(5)[1]).df == np.inf


def test_sleepstudy(sleep, said):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    found = robust_model(fit_lmm(x, sleep["Reaction"], sleep["Subject"], x))
    np.testing.assert_allclose(found.cov, said["sleep"]["cr2"]["cov"], rtol=1e-9)
    df = [found.contrast(row).df for row in np.eye(2)]
    np.testing.assert_allclose(df, said["sleep"]["cr2"]["df"], rtol=1e-9)


def test_without_spread_between_people_it_is_that_of_least_squares(fits):
    fit = fits("none")
    rows, codes = fit.solution.rows, fit.solution.codes[0]
    want = fit_linear(rows.x, rows.y, "CR2", codes)
    found = robust_model(fit)
    np.testing.assert_allclose(found.cov, want.cov, rtol=1e-7)
    assert found.coefficient(1).df == pytest.approx(want.coefficient(1).df, rel=1e-7)


def test_chunks_say_the_same(fits, monkeypatch):
    whole = robust_model(fits("slope"))
    monkeypatch.setattr(robust, "MOST_AT_ONCE", 50)
    np.testing.assert_allclose(robust_model(fits("slope")).cov, whole.cov, rtol=1e-10)


def test_weights_of_one_size_change_nothing(simulate):
    x, y, who, z = simulate(17)
    plain = robust_model(fit_lmm(x, y, who, z))
    other = robust_model(fit_lmm(x, y, who, z, weights=np.full(len(y), 3.0)))
    np.testing.assert_allclose(other.cov, plain.cov, rtol=1e-6)


def test_crossed_factors_have_no_clusters(fits):
    with pytest.raises(UserError, match="crossed"):
        robust_model(fits("crossed"))
