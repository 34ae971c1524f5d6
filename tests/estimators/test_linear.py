import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear

# R and numpy solve the same equations; 1e-9 leaves room for rounding only.
EXACT = {"rtol": 1e-9}
COVARIATES = ("glute", "age", "female", "bmi", "prior_lbp")


@pytest.fixture(scope="module")
def said(answers):
    return answers("linear")


@pytest.fixture(scope="module")
def xy(base, matrix):
    return matrix(base, *COVARIATES), base["pain"].to_numpy()


def test_classical_equals_lm(xy, said):
    fit = fit_linear(*xy, "classical")
    np.testing.assert_allclose(fit.coef, said["coef"], **EXACT)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said["classical"], **EXACT)
    assert fit.leverage.max() == pytest.approx(said["leverage_max"], rel=1e-9)
    assert fit.log_likelihood == pytest.approx(said["loglik"], rel=1e-9)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_hc_equals_sandwich(xy, said, kind):
    fit = fit_linear(*xy, kind)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said["hc"][kind], **EXACT)


def test_interval_and_p_use_t(xy, said):
    found = fit_linear(*xy).coefficient(1)
    got = (found.estimate, found.se, found.df, found.low, found.high, found.p)
    np.testing.assert_allclose(got, said["glute"], rtol=1e-8)


def test_joint_wald_test(xy, said):
    found = fit_linear(*xy).wald([2, 4])
    np.testing.assert_allclose(
        (found.statistic, found.df, found.df_error, found.p), said["wald"], **EXACT
    )


def test_cr2_equals_clubsandwich(long, matrix, said):
    x = matrix(long, "glute", "wave", "age", "female")
    fit = fit_linear(x, long["pain"], "CR2", long["id"].to_numpy())
    found = [fit.coefficient(j) for j in range(5)]
    np.testing.assert_allclose([f.estimate for f in found], said["cr2"]["coef"], **EXACT)
    np.testing.assert_allclose([f.se for f in found], said["cr2"]["se"], **EXACT)
    np.testing.assert_allclose([f.df for f in found], said["cr2"]["df"], **EXACT)
    np.testing.assert_allclose([f.p for f in found], said["cr2"]["p"], rtol=1e-7)
    mixed = fit.contrast([0, 1, 0, 0.02, -1])
    np.testing.assert_allclose((mixed.estimate, mixed.se, mixed.df), said["cr2_contrast"], **EXACT)


def test_birthwt_equals_r_and_the_printed_answer(parity, answers):
    d = pd.read_csv(parity / "data" / "birthwt.csv")
    races = [d["race"] == 2, d["race"] == 3]
    rest = [d[name] for name in ("smoke", "ptl", "ht", "ui")]
    x = np.column_stack([np.ones(len(d)), d["age"], d["lwt"], *races, *rest]).astype(float)
    fit, want = fit_linear(x, d["bwt"]), answers("classic")["birthwt"]["ols"]
    np.testing.assert_allclose(fit.coef, want["coef"], **EXACT)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["hc3"], **EXACT)
    smoke = fit.coefficient(5)
    assert (smoke.estimate, smoke.se) == pytest.approx((-351.3142033, 109.6914176), abs=6e-8)


def test_inverse_probability_weights_equal_r(parity, answers):
    """Hajek's difference of means, as the printed answer of birth weight and smoking."""
    d = pd.read_csv(parity / "data" / "birthwt.csv")
    races = [d["race"] == 2, d["race"] == 3]
    rest = [d[name] for name in ("ptl", "ht", "ui")]
    z = np.column_stack([np.ones(len(d)), d["age"], d["lwt"], *races, *rest]).astype(float)
    share = fit_glm(z, d["smoke"], "logistic", "classical").fitted
    weights = np.where(d["smoke"] == 1, 1 / share, 1 / (1 - share))
    x, want = np.column_stack([np.ones(len(d)), d["smoke"]]), answers("classic")["birthwt"]
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        fit = fit_linear(x, d["bwt"], kind, weights=weights)
        np.testing.assert_allclose(fit.coef, want["iptw"]["coef"], rtol=1e-8)
        np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["iptw"]["hc"][kind], rtol=1e-8)
    fit = fit_linear(x, d["bwt"], "HC0", weights=weights)
    found = fit.coefficient(1)
    assert (found.estimate, found.se) == pytest.approx((-244.596364, 117.918407), abs=6e-6)
    groups = np.tile(np.arange(27), 7)
    fit = fit_linear(x, d["bwt"], "CR2", groups, weights=weights)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["iptw_cr2"]["se"], rtol=1e-8)
    df = [fit.coefficient(j).df for j in range(2)]
    np.testing.assert_allclose(df, want["iptw_cr2"]["df"], rtol=1e-8)


def test_mortality_equals_clubsandwich_and_the_printed_answers(parity, answers):
    d = pd.read_csv(parity / "data" / "mortality.csv").dropna()
    x = np.column_stack([np.ones(len(d)), d["legal"], d["beertaxa"]])
    fit = fit_linear(x, d["mrate"], "CR2", d["state"].to_numpy())
    want = answers("classic")["mortality"]
    found = [fit.coefficient(j) for j in range(3)]
    np.testing.assert_allclose(fit.coef, want["coef"], **EXACT)
    np.testing.assert_allclose([f.se for f in found], want["se"], **EXACT)
    np.testing.assert_allclose([f.df for f in found], want["df"], **EXACT)
    se, df = [3.469138477, 3.741196246, 8.125700380], [35.10878870, 39.52929052, 7.769063886]
    np.testing.assert_allclose([f.se for f in found], se, rtol=1e-9)
    np.testing.assert_allclose([f.df for f in found], df, rtol=1e-9)


def test_rows_of_weight_zero_are_absent(xy):
    x, y = xy
    keep = np.arange(len(y)) % 4 > 0
    groups = np.arange(len(y)) // 3
    for kind in ("classical", "HC3", "CR2"):
        less = fit_linear(x[keep], y[keep], kind, groups[keep])
        fit = fit_linear(x, y, kind, groups, weights=keep * 1.0)
        np.testing.assert_allclose(fit.cov, less.cov, rtol=1e-9)
        assert fit.coefficient(1).df == pytest.approx(less.coefficient(1).df, rel=1e-9)
        assert fit.log_likelihood == pytest.approx(less.log_likelihood, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1, 2, np.inf, 1]}, "row 2"),
        ({"x": np.ones((4, 2))}, "combination"),
        ({"x": np.ones((4, 5))}, "4 rows cannot carry 5"),
        ({"weights": [1, 1, np.nan, 1]}, "weight is missing"),
    ],
)
def test_faults_of_the_data_are_named(change, message):
    how = {"x": np.column_stack([np.ones(4), np.arange(4)]), "y": [1, 2, 2, 4]}
    with pytest.raises(UserError, match=message):
        fit_linear(**{**how, **change})


def test_cr2_does_not_care_about_row_order(long, matrix):
    shuffled = long.sample(frac=1, random_state=3)
    fits = [
        fit_linear(matrix(d, "glute", "wave"), d["pain"], "CR2", d["id"].to_numpy())
        for d in (long, shuffled)
    ]
    np.testing.assert_allclose(fits[0].cov, fits[1].cov, rtol=1e-9)
    df = [f.coefficient(1).df for f in fits]
    assert df[0] == pytest.approx(df[1], rel=1e-9)


def test_cr2_of_many_clusters_needs_no_square_matrix():
    rng = np.random.default_rng(1)
    n = 40_000  # n x n would need 12.8 GB
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    fit = fit_linear(x, rng.normal(size=n), "CR2", np.repeat(np.arange(n // 8), 8))
    assert fit.coefficient(1).df > 1000


def test_a_row_that_fits_itself_is_said_and_stays_finite():
    x = np.column_stack([np.ones(6), [0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 1]]).astype(float)
    fit = fit_linear(x, [1, 2, 1, 3, 2, 9])
    assert np.isfinite(fit.cov).all()
    assert "leverage 1" in fit.warnings[0]


def test_cr2_without_clusters_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="clusters"):
        fit_linear(np.ones((3, 1)), [1, 2, 3], "CR2")


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.01, 1000),
    shift=st.floats(-100, 100),
    kind=st.sampled_from(["classical", "HC0", "HC3"]),
)
def test_invariants(seed, scale, shift, kind):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(30, 2))
    x = np.column_stack([np.ones(30), z])
    y = z @ [0.5, -1] + rng.normal(size=30) * (1 + z[:, 0] ** 2)
    plain = fit_linear(x, y, kind)
    order = rng.permutation(30)
    mixed = fit_linear(x[order], y[order], kind)
    np.testing.assert_allclose(mixed.coef, plain.coef, rtol=1e-8)
    np.testing.assert_allclose(mixed.cov, plain.cov, rtol=1e-7, atol=1e-12)
    # Another unit of the outcome scales everything; a constant moves the intercept only.
    other = fit_linear(x, scale * y + shift, kind)
    np.testing.assert_allclose(other.coef[1:], scale * plain.coef[1:], rtol=1e-6, atol=1e-9 * scale)
    np.testing.assert_allclose(other.cov[1:, 1:], scale**2 * plain.cov[1:, 1:], rtol=1e-5)
    # Another unit of the exposure divides its coefficient.
    units = x * [1, scale, 1]
    np.testing.assert_allclose(fit_linear(units, y, kind).coef[1] * scale, plain.coef[1], rtol=1e-6)
    np.testing.assert_allclose(plain.fitted, x @ plain.coef, rtol=1e-12)


@pytest.mark.parametrize("kind", ["classical", "HC3", "CR2"])
def test_a_category_whose_rows_all_weigh_nothing_is_a_fault(kind):
    x = np.column_stack([np.ones(12), np.arange(12.0) < 3])
    weights = np.where(np.arange(12) < 3, 0.0, 1.0)
    with pytest.raises(UserError, match="column 1 is a combination"):
        fit_linear(x, np.arange(12.0), kind, np.arange(12) // 2, weights=weights)


def test_clusters_that_weigh_nothing_do_not_count():
    x = np.column_stack([np.ones(12), np.arange(12.0) ** 2])
    weights = np.where(np.arange(12) < 4, 1.0, 0.0)
    with pytest.raises(UserError, match="at least two clusters"):
        fit_linear(x, np.arange(12.0), "CR2", np.arange(12) // 4, weights=weights)
