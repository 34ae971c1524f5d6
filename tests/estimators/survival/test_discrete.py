import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.cox import fit_cox
from gluteal.estimators.survival.discrete import fit_discrete
from gluteal.estimators.survival.visits import expand_times, expand_visits

ALL = ["glute", "age", "female", "prior_lbp"]


def se(fit):
    return np.sqrt(np.diag(fit.model.cov))


def test_visits_all_kept_equal_glm(visits, incident, said):
    """R's iterations end about 1e-8 from the maximum."""
    fit, r = fit_discrete(expand_visits(visits[0]), incident[ALL]), said["visits"]
    np.testing.assert_allclose(fit.model.coef, r["coef"], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(se(fit), r["se"], rtol=1e-6)
    assert fit.model.deviance == pytest.approx(r["deviance"], rel=1e-12)
    assert fit.model.converged
    assert fit.hazard_ratio(3).estimate == fit.model.coef[-1]


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_errors_equal_sandwich(visits, incident, said, kind):
    fit = fit_discrete(expand_visits(visits[0]), incident[ALL], se=kind)
    np.testing.assert_allclose(se(fit), said["visits"]["hc"][kind], rtol=1e-7)


def test_cr2_equals_clubsandwich(visits, incident, said):
    rows = expand_visits(visits[0])
    fit, r = fit_discrete(rows, incident[ALL], se="CR2"), said["visits"]["cr2"]
    np.testing.assert_allclose(se(fit), r["se"], rtol=1e-7)
    df = [fit.model.df_of(one) for one in np.eye(10)]
    np.testing.assert_allclose(df, r["df"], rtol=1e-6)
    by_name = fit_discrete(rows, incident[ALL], se="CR2", cluster=incident["id"])
    np.testing.assert_allclose(by_name.model.cov, fit.model.cov, rtol=1e-10)


def test_missed_visits_equal_the_likelihood_climbed_in_r(visits, incident, said):
    fit = fit_discrete(expand_visits(visits[1]), incident[ALL])
    r = said["visits"]["missed"]
    np.testing.assert_allclose(fit.model.coef[-4:], r["coef"], rtol=1e-4, atol=1e-6)
    assert fit.model.log_likelihood == pytest.approx(r["loglik"], rel=1e-10)
    assert fit.model.log_likelihood >= r["loglik"] - 1e-9


def test_many_periods_come_near_cox(incident):
    period = np.ceil(incident["time"] * 8)
    found = fit_discrete(expand_times(period, incident["event"]), incident[ALL])
    cox = fit_cox(incident[ALL], period, incident["event"])
    np.testing.assert_allclose(found.model.coef[-4:], cox.model.coef, rtol=0.05, atol=0.005)
    assert "no event in period" in found.model.warnings[0]


def test_hazard_ratios_hold_whatever_visits_are_missed():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(6000, 1))
    time = rng.exponential(np.exp(-0.6 * x[:, 0])) * 4
    status = (time[:, None] <= np.arange(1, 6)).astype(float)
    status[rng.uniform(size=status.shape) < 0.3] = np.nan
    fit = fit_discrete(expand_visits(status), x)
    assert abs(fit.model.coef[-1] - 0.6) < 3.5 * se(fit)[-1]
    np.testing.assert_allclose(np.exp(fit.model.coef[:5]), 0.25, atol=0.035)


def test_errors_of_hazards_count_in_missed_visits():
    rng = np.random.default_rng(5)
    coef, errors = [], []
    for _ in range(150):
        x = rng.normal(size=(250, 1))
        time = rng.exponential(np.exp(-0.5 * x[:, 0])) * 5
        status = (time[:, None] <= np.arange(1, 5)).astype(float)
        status[rng.uniform(size=status.shape) < 0.4] = np.nan
        fit = fit_discrete(expand_visits(status), x)
        coef.append(fit.model.coef)
        errors.append(se(fit))
    seen, said = np.std(coef, axis=0), np.median(errors, axis=0)
    np.testing.assert_allclose(said, seen, rtol=0.2)


def test_covariates_may_change_with_time(visits, incident):
    rows = expand_visits(visits[0])
    fixed = incident[ALL].to_numpy()
    by_row = fit_discrete(rows, fixed[rows.person])
    np.testing.assert_allclose(by_row.model.coef, fit_discrete(rows, fixed).model.coef, rtol=1e-9)


def test_a_coefficient_without_end_is_flagged():
    status = [[0, 1], [1, 1], [0, 1], [1, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
    fit = fit_discrete(expand_visits(status), np.repeat([1.0, 0.0], 4), names=("weak",))
    assert not fit.model.converged
    assert "no finite estimate of" in fit.model.warnings[0]
    assert "weak" in fit.model.warnings[0]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones((4, 1)), "column a of the design is a combination"),
        ([[1.0], [np.nan], [2], [3]], "column a of the design is missing"),
        (np.ones((3, 1)), "fit neither 4 people nor 7 rows"),
        (np.random.default_rng(1).normal(size=(4, 2)), "2 events cannot carry 2 covariates"),
    ],
)
def test_covariates_that_cannot_be_used_are_refused(x, words):
    rows = expand_visits([[0, 1], [0, 1], [0, 0], [0, np.nan]])
    with pytest.raises(UserError, match=words):
        fit_discrete(rows, x, names=("a", "b")[: np.shape(x)[1]])


def test_time_itself_is_no_covariate_and_one_cluster_is_refused(visits, incident):
    rows = expand_visits(visits[0])
    with pytest.raises(UserError, match="month cannot be told from the periods"):
        fit_discrete(rows, 3.0 * rows.last, names=("month",))
    with pytest.raises(UserError, match="at least two clusters"):
        fit_discrete(rows, incident[ALL], se="CR2", cluster=np.ones(len(incident)))


@settings(max_examples=25)
@given(seed=st.integers(0, 5000), scale=st.floats(0.01, 500), shift=st.floats(-100, 100))
def test_invariants(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 2))
    status = rng.choice([0.0, 0.0, 0.0, 1.0, np.nan], size=(60, 3))
    plain = fit_discrete(expand_visits(status), x)
    if not plain.model.converged:
        return
    order = rng.permutation(60)
    mixed = fit_discrete(expand_visits(status[order]), x[order])
    np.testing.assert_allclose(mixed.model.coef, plain.model.coef, rtol=1e-6, atol=1e-8)
    other = fit_discrete(expand_visits(status), x * [1, scale] + [0, shift])
    np.testing.assert_allclose(
        other.model.coef[-2:] * [1, scale], plain.model.coef[-2:], rtol=1e-5, atol=1e-7
    )
    assert other.model.deviance == pytest.approx(plain.model.deviance, rel=1e-9)
    np.testing.assert_allclose(other.model.fitted, plain.model.fitted, atol=1e-7)


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000))
def test_tiny_samples_give_an_error_or_a_flag_but_never_a_bare_exception(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    status = rng.choice([0.0, 1.0, np.nan], size=(n, 3))
    try:
        fit = fit_discrete(expand_visits(status), rng.integers(0, 3, (n, 1)), se="HC3")
    except UserError:
        return
    assert np.isfinite(fit.model.coef).all()
    assert not fit.model.converged or (np.diag(fit.model.classical_cov) < 1e5).all()
