import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import deviance_of, fit_glm, is_separated, mean_of

COVARIATES = ("glute", "age", "female", "bmi", "prior_lbp")


@pytest.fixture(scope="module")
def said(answers):
    return answers("glm")


@pytest.mark.parametrize("family", ["logistic", "poisson"])
@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_hc_equals_sandwich(base, matrix, said, family, kind):
    """HC1 to HC3 differ from HC0: the trap of statsmodels issue 7798."""
    fit = fit_glm(matrix(base, *COVARIATES), base["lbp"], family, kind)
    np.testing.assert_allclose(fit.coef, said[family]["coef"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said[family]["hc"][kind], rtol=1e-9)
    assert fit.converged


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_classical_equals_glm(base, matrix, said, family):
    fit = fit_glm(matrix(base, *COVARIATES), base["lbp"], family, "classical")
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said[family]["classical"], rtol=1e-9)
    assert fit.deviance == pytest.approx(said[family]["deviance"], rel=1e-10)
    assert fit.leverage.max() == pytest.approx(said[family]["leverage_max"], rel=1e-8)


def test_counts_and_their_dispersion(base, matrix, said):
    fit = fit_glm(matrix(base, "glute", "age", "female"), base["days"], "poisson")
    np.testing.assert_allclose(fit.coef, said["counts"]["coef"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), said["counts"]["hc"]["HC3"], rtol=1e-9)
    assert fit.extra["dispersion"] == pytest.approx(said["counts"]["dispersion"], rel=1e-9)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_cr2_equals_clubsandwich(long, matrix, said, family):
    x = matrix(long, "glute", "wave", "age", "female")
    fit = fit_glm(x, long["lbp"], family, "CR2", long["id"].to_numpy())
    found = [fit.coefficient(j) for j in range(5)]
    for key, got in (("coef", "estimate"), ("se", "se"), ("df", "df")):
        want = said[f"cr2_{family}"][key]
        np.testing.assert_allclose([getattr(f, got) for f in found], want, rtol=1e-8)


@pytest.fixture(scope="module")
def birth(parity):
    d = pd.read_csv(parity / "data" / "birthwt.csv")
    races = [d["race"] == 2, d["race"] == 3]
    rest = [d[name] for name in ("smoke", "ptl", "ht", "ui")]
    x = np.column_stack([np.ones(len(d)), d["age"], d["lwt"], *races, *rest])
    share = fit_glm(np.delete(x, 5, axis=1), d["smoke"], "logistic", "classical").fitted
    weights = np.where(d["smoke"] == 1, 1 / share, 1 / (1 - share))
    return x.astype(float), d, weights


def test_birthwt_equals_r_and_the_printed_answers(birth, answers):
    x, d, _weights = birth
    want = answers("classic")["birthwt"]
    fit = fit_glm(x, d["low"], "logistic", "classical")
    np.testing.assert_allclose(fit.coef, want["logit"]["coef"], rtol=1e-8)
    # glm leaves its last covariance one step behind its coefficients.
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["logit"]["se"], rtol=1e-7)
    assert fit.deviance == pytest.approx(201.4269512, abs=6e-8)
    assert fit.log_likelihood == pytest.approx(want["logit"]["loglik"], rel=1e-12)
    assert fit.coef[[5, 7, 2]] == pytest.approx([0.9233491556, 1.8336956082, -0.0151825628], 1e-7)
    for kind, smoke in (("HC0", 0.2133469453), ("HC1", 0.2186155644), ("HC3", 0.2267947577)):
        fit = fit_glm(x, d["low"], "poisson", kind)
        np.testing.assert_allclose(fit.coef, want["poisson"]["coef"], rtol=1e-8)
        np.testing.assert_allclose(
            np.sqrt(np.diag(fit.cov)), want["poisson"]["hc"][kind], rtol=1e-8
        )
        assert fit.log_likelihood == pytest.approx(want["poisson"]["loglik"], rel=1e-12)
        # The printed values come from glm's default tolerance.
        assert np.sqrt(fit.cov[5, 5]) == pytest.approx(smoke, rel=3e-5)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_weights_equal_r(birth, answers, family):
    x, d, weights = birth
    want = answers("classic")["birthwt"][
        "weighted_logit" if family == "logistic" else "weighted_poisson"
    ]
    design = x[:, [0, 5, 1]]
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        fit = fit_glm(design, d["low"], family, kind, weights=weights)
        np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-8)
        np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["hc"][kind], rtol=1e-7)


def test_weighted_cr2_equals_clubsandwich(birth, answers):
    x, d, weights = birth
    want = answers("classic")["birthwt"]["weighted_poisson_cr2"]
    groups = np.tile(np.arange(27), 7)
    fit = fit_glm(x[:, [0, 5, 1]], d["low"], "poisson", "CR2", groups, weights=weights)
    found = [fit.coefficient(j) for j in range(3)]
    np.testing.assert_allclose([f.se for f in found], want["se"], rtol=1e-7)
    np.testing.assert_allclose([f.df for f in found], want["df"], rtol=1e-7)


def test_trials_as_weights_are_rows():
    """Shares with their trials say what the rows say; an offset moves the intercept only."""
    x = np.column_stack([np.ones(4), [0.0, 1, 2, 3]])
    hits, trials = np.array([2, 3, 6, 9]), np.array([10, 9, 12, 11])
    short = fit_glm(x, hits / trials, "logistic", "classical", weights=trials)
    y = np.concatenate([np.arange(n) < k for k, n in zip(hits, trials, strict=True)])
    rows = fit_glm(np.repeat(x, trials, axis=0), y, "logistic", "classical")
    np.testing.assert_allclose(short.coef, rows.coef, rtol=1e-8)
    np.testing.assert_allclose(short.cov, rows.cov, rtol=1e-7)
    moved = fit_glm(x, hits, "poisson", offset=np.full(4, 2.0))
    np.testing.assert_allclose(
        moved.coef + np.r_[2, 0], fit_glm(x, hits, "poisson").coef, rtol=1e-8
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [0, 1, 2, 0, 1, 0]}, "row 2 has 2"),
        ({"y": [0, -1, 1, 0, 1, 0], "family": "poisson"}, "row 1 has -1"),
        ({"y": [0, np.nan, 1, 0, 1, 0]}, "outcome is missing or infinite in row 1"),
        ({"x": np.ones((6, 2))}, "column 1 of the design is a combination"),
        ({"x": np.ones((6, 7))}, "6 rows cannot carry 7 coefficients"),
        ({"weights": np.zeros(6)}, "all weights are zero"),
        ({"offset": np.full(6, np.inf)}, "the offset has no finite value"),
    ],
)
def test_faults_of_the_data_are_named(change, message):
    how = {"x": np.column_stack([np.ones(6), np.arange(6)]), "y": [0, 1, 0, 1, 0, 1]}
    with pytest.raises(UserError, match=message):
        fit_glm(**{**how, "family": "logistic", **change})


@pytest.mark.parametrize("family", ["logistic", "poisson"])
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_one_level_of_the_outcome_is_no_result(family, level):
    x = np.column_stack([np.ones(9), np.arange(9.0)])
    fit = fit_glm(x, np.full(9, level), family)
    if family == "poisson" and level == 1.0:
        assert fit.converged  # every risk is 1: a finite answer
    else:
        assert not fit.converged
        assert fit.warnings


def test_separation_is_found_and_never_looks_like_a_result():
    x = np.column_stack([np.ones(10), np.linspace(-2, 2, 10)])
    y = (x[:, 1] > 0).astype(float)
    fit = fit_glm(x, y, "logistic")
    assert fit.extra["separated"]
    assert not fit.converged
    assert "separate" in fit.warnings[0]


def test_a_group_without_events_separates_poisson_too():
    group = np.repeat([0.0, 1.0], 20)
    y = np.where(group == 1, 0, np.tile([0, 1], 20))
    x = np.column_stack([np.ones(40), group])
    assert is_separated(x, y, "poisson")
    assert not fit_glm(x, y, "poisson").converged


def test_overlap_is_not_separation():
    x = np.column_stack([np.ones(6), [0, 1, 2, 0, 1, 2]])
    assert not is_separated(x, np.array([0, 1, 0, 1, 0, 1.0]), "logistic")
    assert not is_separated(x, np.array([0, 1, 0, 1, 0, 1.0]), "poisson")


def test_large_effects_converge():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(3000), rng.normal(size=3000) * 1000])
    y = rng.uniform(size=3000) < mean_of("logistic", 0.3 + 0.004 * x[:, 1])
    fit = fit_glm(x, y, "logistic")
    assert fit.converged
    assert fit.coef[1] == pytest.approx(0.004, rel=0.15)


def test_deviance_of_a_perfect_fit_is_zero():
    y = np.array([1.0, 2.0, 5.0])
    assert deviance_of("poisson", y, y) == 0


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5000),
    family=st.sampled_from(["logistic", "poisson"]),
    scale=st.floats(0.01, 500),
)
def test_invariants(seed, family, scale):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(60, 2))
    x = np.column_stack([np.ones(60), z])
    chance = mean_of("logistic", -0.2 + z @ [0.6, -0.4])
    y = (rng.uniform(size=60) < chance).astype(float)
    if is_separated(x, y, family):
        return
    plain = fit_glm(x, y, family)
    order = rng.permutation(60)
    mixed = fit_glm(x[order], y[order], family)
    np.testing.assert_allclose(mixed.coef, plain.coef, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(mixed.cov, plain.cov, rtol=1e-5, atol=1e-10)
    other = fit_glm(x * [1, scale, 1], y, family)
    np.testing.assert_allclose(other.coef * [1, scale, 1], plain.coef, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(plain.fitted, mean_of(family, x @ plain.coef), rtol=1e-10)
    if family == "logistic":  # the other outcome has the opposite odds
        flipped = fit_glm(x, 1 - y, family)
        np.testing.assert_allclose(flipped.coef, -plain.coef, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(flipped.cov, plain.cov, rtol=1e-5, atol=1e-10)
    # With an intercept, fitted means add up to the observed total.
    assert plain.fitted.sum() == pytest.approx(y.sum(), rel=1e-8)


@pytest.mark.parametrize("kind", ["classical", "HC3", "CR2"])
def test_a_category_whose_rows_all_weigh_nothing_is_a_fault(kind):
    x = np.column_stack([np.ones(12), np.arange(12.0) < 3])
    weights = np.where(np.arange(12) < 3, 0.0, 1.0)
    with pytest.raises(UserError, match="column 1 is a combination"):
        fit_glm(x, np.arange(12) % 2, "logistic", kind, np.arange(12) // 2, weights=weights)
