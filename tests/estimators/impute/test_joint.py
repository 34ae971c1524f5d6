import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.estimators.impute import (
    pool,
    pool_chi_square,
    pool_likelihood_ratio,
    pool_models,
    pool_wald,
)
from gluteal.estimators.linear import fit_linear


@pytest.fixture(scope="module")
def said(answers):
    return answers("impute")


@pytest.fixture(scope="module")
def models(parity):
    table = pd.read_csv(parity / "data" / "nhanes_imp5.csv")
    return [
        fit_linear(np.column_stack([np.ones(len(d)), d["age"], d["bmi"]]), d["chl"], "classical")
        for _, d in table.groupby(".imp")
    ]


def same(test, answer):
    np.testing.assert_allclose(
        [test.statistic, test.df, test.df_error], np.asarray(answer)[:3], rtol=1e-10
    )


@pytest.mark.parametrize(("kind", "df"), [("large", None), ("small", 22.0)])
def test_d1_equals_mitml(models, said, kind, df):
    q = np.stack([m.coef[1:] for m in models])
    u = np.stack([m.cov[1:, 1:] for m in models])
    same(pool_wald(q, u, df), said["d1"][kind])


def test_the_pooled_model_tests_by_d1(models, said):
    same(pool_models(models).wald([1, 2]), said["d1"]["small"])


def test_d2_equals_mitml(said):
    same(pool_chi_square(said["d2"]["d"], 2), said["d2"]["answer"])


def test_d3_equals_mice(said):
    d3 = said["d3"]
    found = pool_likelihood_ratio(d3["own"], d3["at_pooled"], 2)
    same(found, d3["answer"])
    assert found.p == pytest.approx(d3["answer"][3], rel=1e-9)


def test_one_coefficient_is_the_square_of_its_t():
    rng = np.random.default_rng(3)
    q, u = rng.normal(1, 0.3, 8), rng.uniform(0.1, 0.2, 8)
    joint, one = pool_wald(q[:, None], u[:, None, None]), pool(q, u).estimate()
    assert joint.statistic == pytest.approx((one.estimate / one.se) ** 2, rel=1e-12)


def test_any_basis_of_the_coefficients_gives_the_same_test():
    rng = np.random.default_rng(4)
    q, turn = rng.normal(size=(6, 3)), rng.normal(size=(3, 3))
    root = rng.normal(size=(6, 3, 5))
    u = root @ root.transpose(0, 2, 1)
    plain, other = pool_wald(q, u, 40), pool_wald(q @ turn.T, turn @ u @ turn.T, 40)
    assert other.statistic == pytest.approx(plain.statistic, rel=1e-8)
    assert other.df_error == pytest.approx(plain.df_error, rel=1e-8)


def test_equal_imputations_give_chi_square():
    u = np.repeat(np.eye(2)[None], 4, axis=0)
    found = pool_wald(np.tile([2.0, 1.0], (4, 1)), u)
    assert found.df_error == np.inf
    assert found.statistic * 2 == pytest.approx(5)
    assert pool_chi_square([5.0, 5.0], 2).p == pytest.approx(found.p)


def test_size_of_d1_under_the_null():
    """Few imputations, much missing: 5 % of tests of a true null are significant, not more."""
    rng = np.random.default_rng(8)
    within, between, m, k, hits = 1.0, 0.5, 5, 3, 0
    for _ in range(1500):
        centre = rng.normal(0, np.sqrt(within + between), k)
        q = centre + rng.normal(0, np.sqrt(between), (m, k))
        hits += pool_wald(q, np.repeat(within * np.eye(k)[None], m, axis=0)).p < 0.05
    assert hits / 1500 == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1500))


def test_faults_are_named():
    with pytest.raises(UserError, match="singular"):
        pool_wald(np.ones((5, 2)), np.ones((5, 2, 2)))
    with pytest.raises(UserError, match="4 imputations, found 2"):
        pool_wald(np.ones((2, 2)), np.repeat(np.eye(2)[None], 2, axis=0), 20)
    with pytest.raises(ValueError, match="covariance"):
        pool_wald(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(UserError, match="at least 2"):
        pool_chi_square([1.0], 1)
    with pytest.raises(UserError, match="finite chi-square"):
        pool_chi_square([1.0, -1.0], 1)
    with pytest.raises(UserError, match="at least 2"):
        pool_likelihood_ratio([1.0], [1.0], 1)
    with pytest.raises(UserError, match="finite likelihood"):
        pool_likelihood_ratio([1.0, np.nan], [1.0, 1.0], 1)


def test_units_do_not_change_the_test():
    rng = np.random.default_rng(3)
    q, u = rng.normal(1.0, 0.3, (5, 2)), np.repeat([[[0.1, 0.02], [0.02, 0.2]]], 5, axis=0)
    unit = np.array([1e-6, 1e6])
    found, want = pool_wald(q * unit, u * np.outer(unit, unit)), pool_wald(q, u)
    assert found.statistic == pytest.approx(want.statistic, rel=1e-9)
    assert found.p == pytest.approx(want.p, rel=1e-9)
