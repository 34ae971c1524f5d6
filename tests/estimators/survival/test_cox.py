import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.cox import fit_cox, score_residuals

ALL = ["age", "sex", "ph.ecog"]
TIGHT = {"rtol": 1e-9, "atol": 1e-11}


@pytest.fixture(scope="module")
def said(answers):
    return answers("survival")


def se(fit):
    return np.sqrt(np.diag(fit.model.cov))


def fit_of(name, ecog, late, incident):
    if name in ("lung", "breslow"):
        ties = "efron" if name == "lung" else "breslow"
        return fit_cox(ecog[ALL], ecog["time"], ecog["status"], ties=ties)
    if name == "incident":
        x = incident[["glute", "age", "female", "prior_lbp"]]
        return fit_cox(x, incident["time"], incident["event"])
    kept = ecog.dropna(subset=["inst"])
    if name == "cluster":
        return fit_cox(kept[ALL], kept["time"], kept["status"], cluster=kept["inst"])
    entry, kept = (late["entry"], late) if name == "delayed" else (None, kept)
    kept = kept[kept["ph.ecog"] < 3]
    return fit_cox(
        kept[ALL[:2]], kept["time"], kept["status"], entry=entry, stratum=kept["ph.ecog"]
    )


@pytest.mark.parametrize("name", ["lung", "breslow", "incident", "cluster", "strata", "delayed"])
def test_the_fit_equals_coxph(ecog, late, incident, said, name):
    fit, r = fit_of(name, ecog, late, incident), said[name]
    np.testing.assert_allclose(fit.model.coef, r["coef"], **TIGHT)
    np.testing.assert_allclose(se(fit), r["se"], **TIGHT)
    found = [fit.null_log_likelihood, fit.model.log_likelihood]
    np.testing.assert_allclose(found, r["loglik"], rtol=1e-11)
    assert fit.score_test.statistic == pytest.approx(r["score"], rel=1e-9)
    assert fit.likelihood_ratio.statistic == pytest.approx(-2 * np.diff(found[::-1])[0], rel=1e-9)
    assert fit.model.converged
    assert not fit.model.warnings


def test_the_published_numbers_of_lung(ecog):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    coef = [0.0110667646, -0.5526123957, 0.4637284754]
    np.testing.assert_allclose(fit.model.coef, coef, atol=5e-11)
    np.testing.assert_allclose(se(fit), [0.0092674110, 0.1677390538, 0.1135772662], atol=5e-11)


def test_robust_errors_equal_those_of_r(ecog, late, incident, said):
    x = incident[["glute", "age", "female", "prior_lbp"]]
    by_row = fit_cox(x, incident["time"], incident["event"], cluster=incident["id"])
    np.testing.assert_allclose(se(by_row), said["incident_robust"], rtol=1e-10)
    classical = np.sqrt(np.diag(fit_of("cluster", ecog, late, incident).model.classical_cov))
    np.testing.assert_allclose(classical, said["cluster"]["naive"], rtol=1e-10)
    delayed = fit_cox(late[ALL[:2]], late["time"], late["status"], entry=late["entry"],
                      stratum=late["ph.ecog"], robust=True)  # fmt: skip
    np.testing.assert_allclose(se(delayed), said["delayed"]["robust"], rtol=1e-10)


def test_residuals_equal_those_of_r(ecog, said):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    np.testing.assert_allclose(score_residuals(fit)[:6], said["scores"], atol=1e-11)
    martingale = ecog["status"] - fit.model.fitted
    np.testing.assert_allclose(martingale[:12], said["lung"]["martingale"], atol=1e-12)
    assert martingale.sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(score_residuals(fit).sum(0), 0, atol=1e-8)


def test_a_split_of_follow_up_changes_nothing(incident):
    """The same people in two stretches each, the second entering where the first left."""
    x = incident[["glute", "prior_lbp"]].to_numpy()
    time, event = incident["time"].to_numpy(), incident["event"].to_numpy()
    whole = fit_cox(x, time, event)
    half = time / 2
    both = fit_cox(
        np.vstack([x, x]), np.r_[half, time], np.r_[np.zeros(len(time)), event],
        entry=np.r_[np.zeros(len(time)), half], cluster=np.r_[incident["id"], incident["id"]],
    )  # fmt: skip
    np.testing.assert_allclose(both.model.coef, whole.model.coef, rtol=1e-10)
    by_person = fit_cox(x, time, event, robust=True)
    np.testing.assert_allclose(both.model.cov, by_person.model.cov, rtol=1e-9)


def test_a_coefficient_without_end_is_flagged():
    x = np.column_stack([[0, 0, 0, 0, 1, 1, 1, 1], [1, 3, 2, 4, 2, 5, 3, 1]])
    fit = fit_cox(x, [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 0, 0], names=("group", "size"))
    assert not fit.model.converged
    assert "no finite estimate of group" in fit.model.warnings[0]
    assert "size" not in fit.model.warnings[0]
    assert fit.model.coefficient(0).se > 100


def test_a_covariate_that_varies_at_no_event_is_refused():
    with pytest.raises(UserError, match=r"at events, size does not vary"):
        fit_cox([[0.0], [1], [2], [0]], [1, 2, 4, 3], [0, 0, 1, 0], names=("size",))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([[1.0], [1], [1]], "column a of the design is a combination"),
        ([[1.0], [np.nan], [2]], "column a of the design is missing or infinite in row 1"),
        ([[1.0], [2]], "do not fit 3 times"),
    ],
)
def test_covariates_that_cannot_be_used_are_refused(x, words):
    with pytest.raises(UserError, match=words):
        fit_cox(x, [1, 2, 3], [1, 1, 0], names=("a",))


def test_fewer_events_than_covariates_and_one_cluster_are_refused():
    x = np.random.default_rng(1).normal(size=(6, 2))
    with pytest.raises(UserError, match="1 events cannot carry 2"):
        fit_cox(x, range(1, 7), [1, 0, 0, 0, 0, 0])
    with pytest.raises(UserError, match="at least two clusters"):
        fit_cox(x, range(1, 7), [1, 0, 1, 1, 1, 0], cluster=np.ones(6))


def test_the_truth_is_recovered():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20_000, 2))
    time = rng.exponential(np.exp(-x @ [0.5, -0.3]))
    fit = fit_cox(x, np.minimum(time, 1.5), time < 1.5)
    assert (np.abs(fit.model.coef - [0.5, -0.3]) < 3.5 * se(fit)).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 5000), scale=st.floats(0.01, 500), shift=st.floats(-1e3, 1e3))
def test_invariants(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 2))
    time = np.ceil(8 * rng.exponential(np.exp(-0.5 * x[:, 0])))
    event = rng.uniform(size=50) < 0.7
    plain = fit_cox(x, time, event, robust=True)
    if not plain.model.converged:
        return
    order = rng.permutation(50)
    mixed = fit_cox(x[order], time[order], event[order], robust=True)
    np.testing.assert_allclose(mixed.model.coef, plain.model.coef, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(mixed.model.cov, plain.model.cov, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(mixed.model.fitted, plain.model.fitted[order], atol=1e-9)
    # Only the order of times counts, and neither zero nor unit of a covariate.
    other = fit_cox(x * [1, scale] + [shift, 0], time**2 / 7, event, robust=True)
    np.testing.assert_allclose(
        other.model.coef * [1, scale], plain.model.coef, rtol=1e-6, atol=1e-9
    )
    assert other.model.log_likelihood == pytest.approx(plain.model.log_likelihood, rel=1e-9)


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000))
def test_tiny_samples_give_an_error_or_a_flag_but_never_a_bare_exception(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    x = rng.integers(0, 3, (n, 2)).astype(float)
    try:
        fit = fit_cox(x, rng.integers(1, 5, n), rng.integers(0, 2, n), robust=True)
    except UserError:
        return
    assert np.isfinite(fit.model.coef).all()
    assert not fit.model.converged or (np.diag(fit.model.classical_cov) < 1e6).all()


@pytest.mark.parametrize("apart", [5.0, 20.0, 100.0])
def test_strata_far_apart_do_not_cost_each_other_digits(apart):
    rng = np.random.default_rng(3)
    stratum, z = np.repeat([0, 1, 2], 100), rng.normal(size=300)
    time, event = rng.exponential(np.exp(-z)), rng.uniform(size=300) < 0.7
    near = fit_cox(z, time, event, stratum=stratum)
    far = fit_cox(z + apart * stratum, time, event, stratum=stratum)
    assert near.model.converged
    assert far.model.converged
    np.testing.assert_allclose(far.model.coef, near.model.coef, rtol=1e-10)
    np.testing.assert_allclose(far.model.cov, near.model.cov, rtol=1e-10)
    assert far.model.log_likelihood == pytest.approx(near.model.log_likelihood, rel=1e-12)
