import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.logit_mixed import fit_logit_mixed


@pytest.fixture(scope="module")
def cbpp(parity):
    d = pd.read_csv(parity / "data" / "cbpp.csv")
    columns = [d["period"] == k for k in (2, 3, 4)]
    return np.column_stack([np.ones(len(d)), *columns]).astype(float), d


def draw(seed, people=60, rows=5, sd=1.0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), rows)
    x = np.column_stack([np.ones(len(person)), rng.normal(size=len(person))])
    eta = x @ [-0.3, 0.8] + sd * rng.normal(size=people)[person]
    return x, (rng.uniform(size=len(person)) < special.expit(eta)).astype(float), person


# R's deviance was climbed to 1e-8 or so; its Hessian by differences has 6 digits.
@pytest.mark.parametrize(("points", "name"), [(1, "laplace"), (25, "points")])
def test_cbpp_equals_glmer(cbpp, answers, points, name):
    x, d = cbpp
    fit = fit_logit_mixed(x, d["incidence"], d["herd"], points=points, trials=d["size"])
    want = answers("classic")["cbpp"][name]
    np.testing.assert_allclose(fit.coef, want["coef"], rtol=1e-6)
    assert fit.extra["sd"] == pytest.approx(want["sd"], rel=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want["se"], rtol=2e-6)
    np.testing.assert_allclose(fit.extra["modes"], want["modes"], atol=1e-6)
    if points == 1:  # with more points glmer leaves constants out
        assert fit.log_likelihood == pytest.approx(want["loglik"], abs=1e-6)


def test_cbpp_equals_its_printed_answers(cbpp):
    x, d = cbpp
    rough = fit_logit_mixed(x, d["incidence"], d["herd"], points=1, trials=d["size"])
    np.testing.assert_allclose(
        rough.coef, [-1.3985321, -0.9923327, -1.1286721, -1.5803139], atol=8e-8
    )
    se = [0.2324718, 0.3066421, 0.3266376, 0.4274360]
    np.testing.assert_allclose(np.sqrt(np.diag(rough.cov)), se, atol=8e-7)
    assert (rough.extra["sd"], rough.log_likelihood) == pytest.approx(
        (0.6422614, -92.0262819), abs=8e-8
    )
    fine = fit_logit_mixed(x, d["incidence"], d["herd"], trials=d["size"])
    np.testing.assert_allclose(
        fine.coef, [-1.3992304, -0.9914037, -1.1278195, -1.5794708], atol=8e-8
    )
    assert fine.extra["sd"] == pytest.approx(0.6475185, abs=8e-8)


@pytest.mark.parametrize(("points", "name"), [(1, "laplace"), (25, "points")])
def test_fixture_equals_glmer(long, matrix, answers, points, name):
    d = long.assign(age=(long["age"] - 40) / 10)
    x = matrix(d, "glute", "wave", "age", "female")
    fit, want = fit_logit_mixed(x, d["lbp"], d["id"], points=points), answers("classic")["mixed"]
    np.testing.assert_allclose(fit.coef, want[name]["coef"], rtol=1e-6, atol=1e-6)
    assert fit.extra["sd"] == pytest.approx(want[name]["sd"], rel=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), want[name]["se"], rtol=2e-6)
    np.testing.assert_allclose(fit.extra["modes"], want[name]["modes"], atol=2e-6)
    assert fit.log_likelihood == pytest.approx(want[name]["loglik"], abs=1e-6)


@pytest.mark.parametrize("points", [1, 2, 9])
def test_the_approximation_itself_is_at_its_maximum(points):
    """Modes and widths move with the parameters, and the gradient knows it."""
    x, y, person = draw(4, people=25, rows=3)
    fit = fit_logit_mixed(x, y, person, points=points)
    best = np.r_[fit.coef, fit.extra["sd"]]

    def value(place):
        return log_likelihood(x, y, person, place[:2], place[2], points)

    assert fit.converged
    assert value(best) == pytest.approx(fit.log_likelihood, abs=1e-9)
    step = 1e-4 * np.eye(3)
    slope = [(value(best + e) - value(best - e)) / 2e-4 for e in step]
    np.testing.assert_allclose(slope, 0, atol=1e-6)
    assert all(value(best + 50 * e) < fit.log_likelihood for e in (*step, *-step))


def log_likelihood(x, y, person, coef, sd, points):
    """Write the quadrature the long way: a loop over people, modes by bisection."""
    z, w = np.polynomial.hermite.hermgauss(points)
    total = 0.0
    for k in np.unique(person):
        at = person == k
        eta, own = x[at] @ coef, y[at]

        def tilt(u, eta=eta, own=own):
            line = eta + sd * u
            return float((own * line - np.logaddexp(0, line)).sum() - u**2 / 2)

        def pull(u, eta=eta, own=own):
            return sd * (own - special.expit(eta + sd * u)).sum() - u

        mode = optimize.brentq(pull, -20, 20, xtol=1e-13)
        mean = special.expit(eta + sd * mode)
        width = np.sqrt(2 / (1 + sd**2 * (mean * (1 - mean)).sum()))
        parts = [tilt(mode + width * zk) + zk**2 + np.log(wk) for zk, wk in zip(z, w, strict=True)]
        total += special.logsumexp(parts) + np.log(width) - np.log(2 * np.pi) / 2
    return total


def test_trials_are_rows(cbpp):
    x, d = cbpp
    hits, size = d["incidence"].to_numpy(), d["size"].to_numpy()
    y = np.concatenate([np.arange(n) < k for k, n in zip(hits, size, strict=True)])
    short = fit_logit_mixed(x, hits, d["herd"], trials=size)
    rows = fit_logit_mixed(np.repeat(x, size, axis=0), y, np.repeat(d["herd"], size))
    np.testing.assert_allclose(rows.coef, short.coef, rtol=1e-6)
    np.testing.assert_allclose(rows.cov, short.cov, rtol=1e-5)


def test_truth_is_recovered_where_laplace_falls_short():
    x, y, person = draw(1, people=3000, rows=4, sd=1.5)
    fine = fit_logit_mixed(x, y, person)
    assert fine.extra["sd"] == pytest.approx(1.5, abs=0.12)
    assert fine.coef == pytest.approx([-0.3, 0.8], abs=0.1)
    rough = fit_logit_mixed(x, y, person, points=1)
    assert rough.extra["sd"] < fine.extra["sd"]
    marginal = fit_glm(x, y, "logistic", "classical")
    assert abs(marginal.coef[1]) < abs(fine.coef[1])  # averaged over people, effects shrink


def test_no_difference_between_clusters_is_on_the_boundary():
    x, _y, person = draw(2)
    y = np.tile([0.0, 1, 0, 1, 1], 60)  # every person alike
    fit = fit_logit_mixed(x, y, person)
    assert fit.extra["boundary"]
    assert fit.extra["sd"] == 0
    assert "boundary" in fit.warnings[0]
    np.testing.assert_allclose(fit.coef, fit_glm(x, y, "logistic", "classical").coef)


def test_separation_is_flagged():
    x, _y, person = draw(3)
    fit = fit_logit_mixed(x, x[:, 1] > 0, person)
    assert not fit.converged
    assert np.isnan(fit.cov).all()
    assert "separate" in fit.warnings[0]


def test_people_who_never_change_do_not_break_it():
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(40), 4)
    y = (rng.uniform(size=40) < 0.5)[person].astype(float)
    y[:8] = [0, 1, 0, 1, 1, 1, 0, 1]
    fit = fit_logit_mixed(np.ones((160, 1)), y, person)
    assert fit.converged or fit.warnings
    assert fit.extra["sd"] > 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": np.zeros(6)}, "1 clusters"),
        ({"cluster": np.arange(6)}, "6 clusters of 6 rows"),
        ({"y": [0, 1, 2, 0, 1, 0]}, "row 2 has 2"),
        ({"y": [0, 1, np.nan, 0, 1, 0]}, "missing"),
        ({"x": np.ones((6, 2))}, "combination"),
        ({"trials": [1, 1, 1, 1, 1, 0]}, "row 5 has 0 trials"),
        ({"trials": [1, 1.5, 1, 1, 1, 1]}, "row 1 has 1.5 trials"),
    ],
)
def test_faults_of_the_data_are_named(change, message):
    x = np.column_stack([np.ones(6), np.arange(6) % 2])
    how = {"x": x, "y": [0, 1, 1, 0, 1, 0], "cluster": [0, 0, 1, 1, 2, 2]}
    with pytest.raises(UserError, match=message):
        fit_logit_mixed(**{**how, **change})


@settings(max_examples=15)
@given(st.integers(0, 500), st.floats(0.01, 300))
def test_invariants(seed, scale):
    x, y, person = draw(seed, people=30, rows=4)
    plain = fit_logit_mixed(x, y, person, points=7)
    assert plain.converged or plain.warnings
    if not plain.converged or plain.extra["boundary"] or plain.extra["sd"] < 0.05:
        return
    assert np.isfinite(plain.cov).all()
    rng = np.random.default_rng(seed)
    order, names = rng.permutation(120), rng.permutation(1000)[:30]
    other = fit_logit_mixed((x * [1, scale])[order], y[order], names[person[order]], points=7)
    np.testing.assert_allclose(other.coef * [1, scale], plain.coef, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(other.fitted, plain.fitted[order], rtol=1e-5, atol=1e-6)
    # The other outcome has the opposite odds and the same spread.
    flipped = fit_logit_mixed(x, 1 - y, person, points=7)
    np.testing.assert_allclose(flipped.coef, -plain.coef, rtol=1e-5, atol=1e-6)
    assert flipped.extra["sd"] == pytest.approx(plain.extra["sd"], rel=1e-5)
