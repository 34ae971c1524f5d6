import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.impute import barnard_rubin, pool
from gluteal.estimators.linear import fit_linear


@pytest.fixture(scope="module")
def said(answers):
    return answers("impute")


@pytest.fixture(scope="module")
def fits(parity):
    table = pd.read_csv(parity / "data" / "nhanes_imp5.csv")
    found = []
    for _, one in table.groupby(".imp"):
        x = np.column_stack([np.ones(len(one)), one["age"], one["bmi"]])
        found.append(fit_linear(x, one["chl"], "classical"))
    return np.stack([f.coef for f in found]), np.stack([f.cov for f in found])


def test_pool_equals_mice(fits, said):
    found = pool(*fits, df_complete=22)
    rows = [found.estimate(j) for j in range(3)]
    want = said["pool"]
    np.testing.assert_allclose(found.coef, want["estimate"], rtol=1e-10)
    np.testing.assert_allclose(found.se, want["se"], rtol=1e-10)
    for ours, theirs in (("df", "df"), ("riv", "riv"), ("lambda_", "lambda"), ("fmi", "fmi")):
        np.testing.assert_allclose(getattr(found, ours), want[theirs], rtol=1e-10)
    for key in ("p", "low", "high"):
        np.testing.assert_allclose([getattr(r, key) for r in rows], want[key], rtol=1e-9)


def test_pool_equals_the_digits_of_the_reference(fits):
    found = pool(*fits, df_complete=22)
    got = [[found.coef[j], found.se[j], found.df[j]] for j in (1, 2)]
    want = [[30.873726619, 12.530952093, 5.736136825], [5.937296636, 2.601135357, 5.443459029]]
    np.testing.assert_allclose(got, want, rtol=1e-9)
    assert found.fmi[1] == pytest.approx(0.6359954300, rel=1e-9)


@pytest.mark.parametrize(("kind", "df"), [("finite", 22), ("infinite", np.inf)])
def test_a_scalar_equals_pool_scalar(fits, said, kind, df):
    found = pool(fits[0][:, 1], fits[1][:, 1, 1], df)
    got = [found.coef[0], found.cov[0, 0], found.df[0], found.riv[0], found.fmi[0]]
    np.testing.assert_allclose(got, said["scalar"][kind], rtol=1e-10)


def test_equal_imputations_cost_nothing():
    found = pool([2.0, 2.0, 2.0], [0.25, 0.25, 0.25])
    assert (found.riv[0], found.lambda_[0]) == (0, 0)
    assert found.se[0] == 0.5
    assert found.estimate().low == pytest.approx(2 - 1.959964 * 0.5, rel=1e-5)


def test_a_contrast_is_the_pool_of_the_contrasts(fits):
    q, u = fits
    w = np.array([0.0, 1.0, -3.0])
    direct = pool(q @ w, np.einsum("j,mjk,k->m", w, u, w), 22).estimate()
    through = pool(q, u, 22).contrast(w)
    for key in ("estimate", "se", "df", "p"):
        assert getattr(through, key) == pytest.approx(getattr(direct, key), rel=1e-10)


def test_variances_alone_give_no_contrast():
    found = pool(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="covariances"):
        found.contrast([1, 1])
    assert found.contrast([0, 1]).estimate == 1


@pytest.mark.parametrize(
    ("q", "u", "said"),
    [
        ([1.0], [1.0], "at least 2"),
        ([1.0, np.nan, 2.0], [1.0, 1.0, 1.0], "imputation 1 "),
        ([1.0, 2.0, 2.0], [1.0, -1.0, np.inf], "imputation 1, 2 "),
    ],
)
def test_faults_are_named(q, u, said):
    with pytest.raises(UserError, match=said):
        pool(q, u)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="do not fit"):
        pool(np.ones((4, 2)), np.ones((3, 2)))


def test_no_degrees_of_freedom_left():
    with pytest.raises(UserError, match="degree of freedom"):
        pool([1.0, 2.0], [1.0, 1.0], 0)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(1, 500), st.floats(0.01, 100))
def test_invariants(seed, m, df, unit):
    rng = np.random.default_rng(seed)
    q, u = rng.normal(size=m), rng.uniform(0.5, 2, m)
    found, turned = pool(q, u, df), pool(q[::-1], u[::-1], df)
    assert found.df[0] <= min(df, barnard_rubin(found.lambda_, m)[0]) * (1 + 1e-12)
    assert 0 <= found.lambda_[0] <= found.fmi[0] <= 1
    assert found.cov[0, 0] >= u.mean()
    for key in ("coef", "df", "fmi", "riv"):
        np.testing.assert_allclose(getattr(turned, key), getattr(found, key), rtol=1e-9)
    scaled = pool(q * unit, u * unit**2, df)
    np.testing.assert_allclose(scaled.df, found.df, rtol=1e-9)
    np.testing.assert_allclose(scaled.se, found.se * unit, rtol=1e-9)
    moved = pool(q + unit, u, df)
    np.testing.assert_allclose(moved.se, found.se, rtol=1e-9)
