import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.gee import fit_gee
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear

# geepack stops at changes of 1e-13, and we at 1e-9 of the linear predictor.
CLOSE = {"rtol": 1e-7, "atol": 1e-9}
OUTCOME = {"linear": "pain", "logistic": "lbp", "poisson": "days"}
WORKING = ("independence", "exchangeable", "ar1")
GEEPACK = {"alpha_by": "estimating_equation", "errors": "robust", "df": "normal"}


@pytest.fixture(scope="module")
def said(answers):
    return answers("gee")


@pytest.fixture(scope="module")
def rows(long):
    return long.sample(frac=1, random_state=3)  # geepack needs sorted rows, we do not


@pytest.fixture(scope="module")
def dietox(parity):
    d = pd.read_csv(parity / "data" / "dietox.csv")
    high, low = d["Cu"] == "Cu175", d["Cu"] == "Cu035"
    columns = [np.ones(len(d)), low, high, d["Time"], low * d["Time"], high * d["Time"]]
    return np.column_stack(columns).astype(float), d


def errors_of(fit):
    return np.sqrt(np.diag(fit.cov))


def assert_geepack(fit, want):
    np.testing.assert_allclose(fit.coef, want["coef"], **CLOSE)
    np.testing.assert_allclose(errors_of(fit), want["se"], **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.classical_cov)), want["naive"], **CLOSE)
    found = (fit.extra["alpha"], fit.extra["scale"])
    np.testing.assert_allclose(found, (want["alpha"], want["scale"]), **CLOSE)
    assert fit.extra["quasi_likelihood"] == pytest.approx(want["quasi"], rel=1e-9)
    assert fit.extra["cic"] == pytest.approx(want["cic"], rel=1e-6)
    assert fit.converged


@pytest.mark.parametrize("family", OUTCOME)
@pytest.mark.parametrize("working", WORKING)
def test_equals_geepack(rows, matrix, said, family, working):
    """Dropout leaves gaps: rows of a person are up to three waves apart."""
    x, y = matrix(rows, "glute", "wave", "age", "female"), rows[OUTCOME[family]]
    want = said["fixture"][family][working]
    fit = fit_gee(x, y, rows["id"], family, working, time=rows["wave"], **GEEPACK)
    assert_geepack(fit, want)
    for kind in ("bias_reduced", "kauermann_carroll", "fay_graubard"):
        how = {**GEEPACK, "errors": kind}
        found = fit_gee(x, y, rows["id"], family, working, time=rows["wave"], **how)
        np.testing.assert_allclose(errors_of(found), want[kind], **CLOSE)


@pytest.mark.parametrize("working", WORKING)
def test_dietox_equals_geepack(dietox, said, working):
    x, d = dietox
    fit = fit_gee(x, d["Weight"], d["Pig"], "linear", working, time=d["Time"], **GEEPACK)
    assert_geepack(fit, said["dietox"][working])


def test_dietox_equals_its_printed_answers(dietox):
    x, d = dietox
    fit = fit_gee(x, d["Weight"], d["Pig"], **GEEPACK)
    coef = [15.1830334, -0.1195208, 1.7409470, 6.9795892, -0.1103885, 0.0048945]
    se = [0.8986102, 1.2288530, 1.3777337, 0.1206842, 0.1708885, 0.2047474]
    np.testing.assert_allclose(fit.coef, coef, atol=6e-8)
    np.testing.assert_allclose(errors_of(fit), se, atol=6e-8)
    moment = fit_gee(x, d["Weight"], d["Pig"])
    found = round(fit.extra["alpha"], 4), round(moment.extra["alpha"], 4)
    assert found == (0.7756, 0.7712)  # geepack's, statsmodels'


@pytest.mark.parametrize("family", OUTCOME)
def test_moments_equal_r_gee(rows, long, matrix, said, family):
    whole = long[long.groupby("id")["wave"].transform("size") == 4]
    for working, d in (("independence", rows), ("exchangeable", rows), ("ar1", whole)):
        x, y = matrix(d, "glute", "wave", "age", "female"), d[OUTCOME[family]]
        fit = fit_gee(x, y, d["id"], family, working, time=d["wave"], errors="robust")
        want = said["moment"][family][working]
        np.testing.assert_allclose(fit.coef, want["coef"], **CLOSE)
        np.testing.assert_allclose(errors_of(fit), want["se"], **CLOSE)
        np.testing.assert_allclose(np.sqrt(np.diag(fit.classical_cov)), want["naive"], **CLOSE)
        assert fit.extra["alpha"] == pytest.approx(want["alpha"], rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("family", OUTCOME)
def test_moments_equal_statsmodels(rows, matrix, parity, family):
    want = json.loads((parity / "gee_statsmodels.json").read_text(encoding="utf-8"))[family]
    x, y = matrix(rows, "glute", "wave", "age", "female"), rows[OUTCOME[family]]
    for kind in ("robust", "bias_reduced"):
        fit = fit_gee(x, y, rows["id"], family, errors=kind)
        np.testing.assert_allclose(fit.coef, want["coef"], **CLOSE)
        np.testing.assert_allclose(errors_of(fit), want[kind], **CLOSE)
        # statsmodels fixes the scale of logistic and Poisson models at 1.
        naive = np.sqrt(np.diag(fit.classical_cov) * want["scale"] / fit.extra["scale"])
        np.testing.assert_allclose(naive, want["naive"], **CLOSE)
    assert fit.extra["alpha"] == pytest.approx(want["alpha"], rel=1e-7)


def test_few_clusters_equal_the_matrices_of_the_papers(long, matrix, said):
    few = long[long["id"] <= 12]
    x, want = matrix(few, "glute", "wave"), said["few"]
    for kind in ("bias_reduced", "kauermann_carroll", "fay_graubard"):
        fit = fit_gee(x, few["pain"], few["id"], **{**GEEPACK, "errors": kind})
        np.testing.assert_allclose(errors_of(fit), want[kind], **CLOSE)


def test_weights_and_offset_equal_geepack(long, matrix, said):
    weight = 0.5 + (long["age"] - long["age"].min()) / 40
    x, who = matrix(long, "glute", "wave"), long["id"]
    for fit, want in (
        (fit_gee(x, long["lbp"], who, "logistic", weights=weight, **GEEPACK), said["weighted"]),
        (
            fit_gee(
                x[:, :2], long["days"], who, "poisson", offset=np.log1p(long["wave"]), **GEEPACK
            ),
            said["offset"],
        ),
    ):
        np.testing.assert_allclose(fit.coef, want["coef"], **CLOSE)
        np.testing.assert_allclose(errors_of(fit), want["se"], **CLOSE)
        np.testing.assert_allclose(
            (fit.extra["alpha"], fit.extra["scale"]), (want["alpha"], want["scale"]), **CLOSE
        )


def test_independence_is_the_cluster_robust_glm(long, matrix):
    """Kauermann and Carroll's correction of least squares is CR2, its df those of CR2."""
    x = matrix(long, "glute", "wave", "age")
    fit = fit_gee(x, long["pain"], long["id"], working="independence", errors="kauermann_carroll")
    want = fit_linear(x, long["pain"], "CR2", long["id"].to_numpy())
    np.testing.assert_allclose(fit.coef, want.coef, rtol=1e-9)
    np.testing.assert_allclose(fit.cov, want.cov, rtol=1e-8)
    for j in range(4):
        assert fit.coefficient(j).df == pytest.approx(want.coefficient(j).df, rel=1e-8)


def test_rows_of_weight_zero_are_absent(long, matrix):
    x, keep = matrix(long, "glute", "wave"), (long["wave"] < 3).to_numpy()
    some = long[keep]
    how = {"working": "ar1", "family": "logistic"}
    less = fit_gee(x[keep], some["lbp"], some["id"], time=some["wave"], **how)
    fit = fit_gee(x, long["lbp"], long["id"], time=long["wave"], weights=keep * 1.0, **how)
    np.testing.assert_allclose(fit.cov, less.cov, rtol=1e-9)
    np.testing.assert_allclose(fit.fitted[keep], less.fitted, rtol=1e-9)


def test_truth_is_recovered_and_the_interval_covers():
    rng = np.random.default_rng(7)
    people, waves, hits = 40, 4, 0
    for _ in range(60):
        x = np.column_stack([np.ones(people * waves), rng.normal(size=people * waves)])
        person = np.repeat(np.arange(people), waves)
        y = x @ [1.0, 0.5] + rng.normal(size=people)[person] + rng.normal(size=len(person))
        found = fit_gee(x, y, person).coefficient(1)
        hits += found.low < 0.5 < found.high
    assert hits >= 52  # 57 expected; 51 or fewer have a chance of one in 100


def test_qic_prefers_the_right_covariates(long, matrix):
    whole = fit_gee(matrix(long, "glute", "wave"), long["lbp"], long["id"], "logistic")
    less = fit_gee(matrix(long, "wave"), long["lbp"], long["id"], "logistic")
    assert whole.extra["qic"] < less.extra["qic"]


def test_a_correlation_out_of_bounds_is_flagged():
    """Residuals of a pair that mirror each other leave -1/(m-1) behind, in clusters of three."""
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(30), 3)
    noise = rng.normal(size=(30, 3))
    noise -= noise.mean(1, keepdims=True)
    fit = fit_gee(np.ones((90, 1)), noise.ravel(), person)
    assert not fit.converged
    assert "bounds" in fit.warnings[0]


def test_separation_is_flagged_and_has_no_covariance():
    x = np.column_stack([np.ones(40), np.repeat([0.0, 1.0], 20)])
    fit = fit_gee(x, x[:, 1], np.repeat(np.arange(20), 2), "logistic")
    assert not fit.converged
    assert np.isnan(fit.cov).all()
    assert "separate" in fit.warnings[0]


def test_estimates_that_run_away_are_no_result():
    rng = np.random.default_rng([20261124, 10, 918])
    seen = rng.uniform(size=40) < 0.8
    who = np.repeat(np.arange(10), 4)[seen]
    x = np.column_stack([np.ones(len(who)), rng.normal(size=10)[who], rng.normal(size=len(who))])
    eta = x @ [0.0, 0.5, 0.5] + rng.normal(size=10)[who]
    rng.normal(size=len(who))
    fit = fit_gee(x, rng.uniform(size=len(who)) < 1 / (1 + np.exp(-eta)), who, "logistic")
    assert not fit.converged
    assert "run away" in fit.warnings[0]
    assert np.isnan(fit.cov).all()
    assert np.isnan(fit.coefficient(1).df)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": np.zeros(8)}, "1 clusters cannot carry 2"),
        ({"y": [0, 1, 0, 1, 0, 1, 0, 2]}, "row 7 has 2"),
        ({"y": [np.nan] * 8}, "no finite value"),
        ({"x": np.ones((8, 2))}, "combination"),
        ({"time": np.zeros(8)}, "no order in time"),
        ({"time": np.r_[np.nan, np.arange(7)]}, "the time is missing or infinite in row 0"),
        ({"offset": np.zeros(3)}, "8 rows need an offset each"),
        ({"weights": -np.ones(8)}, "negative"),
    ],
)
def test_faults_of_the_data_are_named(change, message):
    x = np.column_stack([np.ones(8), np.arange(8) % 2])
    how = {"x": x, "y": np.arange(8) % 3 == 0, "cluster": np.arange(8) // 2}
    with pytest.raises(UserError, match=message):
        fit_gee(**{**how, "family": "logistic", "working": "ar1", **change})


def test_few_clusters_are_said():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(24), rng.normal(size=24)])
    fit = fit_gee(x, rng.normal(size=24), np.repeat(np.arange(6), 4))
    assert "only 6 clusters" in fit.warnings[-1]
    assert fit.coefficient(1).df < 6


@settings(max_examples=20)
@given(
    seed=st.integers(0, 3000),
    family=st.sampled_from(list(OUTCOME)),
    working=st.sampled_from(WORKING),
    by=st.sampled_from(["moment", "estimating_equation"]),
    scale=st.floats(0.01, 300),
)
def test_invariants(seed, family, working, by, scale):
    rng = np.random.default_rng(seed)
    person = np.sort(rng.integers(0, 30, 100))
    time = np.concatenate([rng.permutation(9)[:k] for k in np.bincount(person) if k][:100])
    z = rng.normal(size=(100, 2))
    eta = 0.3 + z @ [0.5, -0.3] + 0.5 * rng.normal(size=30)[person]
    y = {
        "linear": eta + rng.normal(size=100),
        "logistic": (rng.uniform(size=100) < 1 / (1 + np.exp(-eta))).astype(float),
        "poisson": rng.poisson(np.exp(np.clip(eta, -5, 3))).astype(float),
    }[family]
    x = np.column_stack([np.ones(100), z])
    if len(time) < 100:
        return
    how = {"family": family, "working": working, "alpha_by": by}
    plain = fit_gee(x, y, person, time=time, **how)
    assert plain.converged or plain.warnings
    if not plain.converged:
        return
    assert np.isfinite(plain.cov).all()
    # Other order, other labels, another unit and another origin of time change nothing.
    order = rng.permutation(100)
    names = np.array([f"p{k}" for k in rng.permutation(1000)[:30]])
    other = fit_gee(
        x[order] * [1, scale, 1], y[order], names[person[order]], time=time[order] + 3, **how
    )
    np.testing.assert_allclose(other.coef * [1, scale, 1], plain.coef, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(other.cov[2], plain.cov[2] / [1, scale, 1], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(other.fitted, plain.fitted[order], rtol=1e-6, atol=1e-7)
    if family == "logistic" and working == "independence":
        glm = fit_glm(x, y, "logistic", "classical")
        np.testing.assert_allclose(plain.coef, glm.coef, rtol=1e-6, atol=1e-8)


def test_a_category_whose_rows_all_weigh_nothing_is_a_fault():
    x = np.column_stack([np.ones(12), np.arange(12.0) < 3])
    weights = np.where(np.arange(12) < 3, 0.0, 1.0)
    with pytest.raises(UserError, match="column 1 is a combination"):
        fit_gee(x, np.arange(12.0), np.arange(12) // 2, weights=weights)
