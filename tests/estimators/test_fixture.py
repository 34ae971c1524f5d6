"""Every kind of model on the one simulated cohort, beside R's answers (parity/fixture.R).

The tolerance is 1e-6 relative unless a line says otherwise and why.
"""

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.accuracy import accuracy
from gluteal.estimators.agreement import compare
from gluteal.estimators.auc import area_interval, areas, compare_areas
from gluteal.estimators.counts import fit_negative_binomial
from gluteal.estimators.cutoff import curve
from gluteal.estimators.gee import fit_gee
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.icc import intraclass
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.lmm import choose_df, fit_lmm
from gluteal.estimators.margins import standardise
from gluteal.estimators.ordinal import fit_ordinal
from gluteal.estimators.sem import fit_indices, fit_sem, riclpm
from gluteal.estimators.sensitivity import bound_by_benchmarks, compute_robustness
from gluteal.estimators.survival import check_proportionality, concordance, fit_cox

CLOSE = 1e-6
BASE = ("glute", "age", "female", "bmi", "prior_lbp")
CHAIN = """tilt ~ a1*glute + age + female + bmi + prior_lbp
lordosis ~ a2*glute + d21*tilt + age + female + bmi + prior_lbp
pain ~ cp*glute + b1*tilt + b2*lordosis + age + female + bmi + prior_lbp
serial := a1*d21*b2; total := cp + a1*b1 + a2*b2 + a1*d21*b2"""


def close(found, wanted, rtol=CLOSE, atol=0.0):
    np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)


def se(model):
    return np.sqrt(np.diag(model.cov))


@pytest.fixture(scope="module")
def said(answers):
    return answers("fixture")


@pytest.fixture(scope="module")
def base_x(base, matrix):
    return matrix(base, *BASE)


@pytest.mark.parametrize("name", ["slope", "parts"])
def test_mixed_models(name, long, matrix, said):
    long = long.assign(between=long.groupby("id")["glute"].transform("mean"))
    long["within"] = long["glute"] - long["between"]
    ones = np.ones((len(long), 1))
    columns = ("glute",) if name == "slope" else ("within", "between")
    z = np.column_stack([ones, long["wave"]]) if name == "slope" else ones
    fit = fit_lmm(matrix(long, *columns, "wave", "age", "female"), long["pain"], long["id"], z)
    want = said[name]
    close(fit.model.coef, want["coef"])
    close(se(fit.model), want["se"])
    each = np.eye(len(fit.model.coef))
    close([fit.contrast(w).df for w in each], want["df"])
    kenward_roger = choose_df(fit, "kenward_roger")
    close([kenward_roger.contrast(w).se for w in each], want["kr_se"])
    close([kenward_roger.contrast(w).df for w in each], want["kr_df"])
    spread = fit.covariance
    found = [*np.diag(spread), *([spread[1, 0]] if len(spread) > 1 else []), fit.residual_variance]
    close(found, want["variances"], rtol=5e-6)  # lme4's own stopping
    close(fit.deviance, want["deviance"], rtol=1e-10)


def test_logistic_and_modified_poisson(base, base_x, said):
    logit = fit_glm(base_x, base["lbp"], "logistic", "classical")
    close(logit.coef, said["logit"]["coef"], rtol=1e-9)
    close(se(logit), said["logit"]["se"], rtol=1e-9)
    for kind, want in said["ratio"]["se"].items():
        fit = fit_glm(base_x, base["lbp"], "poisson", kind)
        close(fit.coef, said["ratio"]["coef"], rtol=1e-9)
        close(se(fit), want, rtol=1e-9)


def test_least_squares(base, base_x, long, matrix, said):
    close(fit_linear(base_x, base["pain"], "classical").coef, said["linear"]["coef"], rtol=1e-9)
    close(se(fit_linear(base_x, base["pain"], "classical")), said["linear"]["se"], rtol=1e-9)
    close(se(fit_linear(base_x, base["pain"], "HC3")), said["linear"]["hc3"], rtol=1e-9)
    x = matrix(long, "glute", "wave", "age", "female")
    fit = fit_linear(x, long["pain"], "CR2", long["id"].to_numpy())
    found = [fit.coefficient(j) for j in range(5)]
    close([f.estimate for f in found], said["cr2"]["coef"], rtol=1e-9)
    close([f.se for f in found], said["cr2"]["se"], rtol=1e-9)
    close([f.df for f in found], said["cr2"]["df"], rtol=1e-9)


@pytest.mark.parametrize("working", ["independence", "exchangeable"])
def test_estimating_equations(working, long, matrix, said):
    x = matrix(long, "glute", "wave", "age", "female")
    how = {"errors": "robust", "alpha_by": "estimating_equation", "time": long["wave"]}
    fit = fit_gee(x, long["lbp"], long["id"], "logistic", working, **how)
    want = said["gee"][working]
    close(fit.coef, want["coef"])
    close(se(fit), want["se"])
    if working == "exchangeable":
        close(fit.extra["alpha"], want["alpha"])


def test_counts_and_grades(base, matrix, said):
    x = matrix(base, "glute", "age", "female")
    counts = fit_negative_binomial(x, base["days"])
    close(counts.coef, said["counts"]["coef"])
    close(counts.log_likelihood, said["counts"]["log_likelihood"], rtol=1e-10)
    graded = fit_ordinal(x[:, 1:], base["grade"])
    close(graded.coef, said["graded"]["coef"], rtol=1e-7)
    close(se(graded), said["graded"]["se"])
    close(graded.extra["thresholds"], said["graded"]["thresholds"], rtol=1e-7)
    close(graded.log_likelihood, said["graded"]["log_likelihood"], rtol=1e-10)


def test_cox(parity, said):
    d = pd.read_csv(parity / "data" / "incident.csv")
    x = d[["glute", "age", "female", "prior_lbp"]].to_numpy(float)
    want = said["cox"]
    fit = fit_cox(x, d["time"], d["event"])
    close(fit.model.coef, want["coef"], rtol=1e-9)
    close(se(fit.model), want["se"], rtol=1e-9)
    close(se(fit_cox(x, d["time"], d["event"], cluster=d["id"]).model), want["robust"], rtol=1e-9)
    tests = check_proportionality(fit)
    found = [(t.statistic, t.df, t.p) for t in (*tests.each, tests.whole)]
    close(found, want["zph"])
    c = concordance(x @ fit.model.coef, d["time"], d["event"]).c
    close([c.value, c.se], want["concordance"])


def test_roc_curves(parity, said):
    d = pd.read_csv(parity / "data" / "selftest.csv")
    want = said["roc"]
    found = areas(d["weak"], -d["hold"], -d["squeeze"])
    close(found.values, want["area"], rtol=1e-12)
    both = [area_interval(found, k) for k in (0, 1)]
    close([b.low for b in both], want["low"], rtol=1e-10)
    close([b.high for b in both], want["high"], rtol=1e-10)
    _, z, p = compare_areas(found)
    close([abs(z), p], [abs(want["z"]), want["p"]], rtol=1e-9)
    swept = curve(d["weak"], -d["hold"])
    best = np.argmax(swept.sensitivity - swept.false_positive)
    found = [1 - swept.false_positive[best], swept.sensitivity[best]]
    close(found, want["best"][1:], rtol=1e-12)
    # pROC puts its cut half way between two values observed.
    assert abs(-swept.thresholds[best] - want["best"][0]) < 0.2


def test_two_by_two_table(parity, said):
    d = pd.read_csv(parity / "data" / "selftest.csv")
    found, want = accuracy(d["pos"], d["weak"]), said["table"]
    assert list(found.table) == want["cells"]
    for name in ("sensitivity", "specificity", "lr_positive", "lr_negative"):
        close(getattr(found, name)[:3], want[name])


def test_reliability(parity, said):
    scores = pd.read_csv(parity / "data" / "raters.csv").to_numpy()
    found = intraclass(scores)
    for form, want in said["icc"].items():
        close(found[form][:3], want, rtol=1e-8)
    pair = compare(scores[:, 0], scores[:, 1])
    close([pair.bias.value, pair.sd], said["limits"], rtol=1e-10)


@pytest.mark.parametrize("robust", [False, True])
def test_panel_model(robust, parity, said):
    wide = pd.read_csv(parity / "data" / "wide.csv").drop(columns="id")
    first, second = ([f"{v}{k}" for k in range(1, 5)] for v in "gp")
    model = riclpm(first, second, lags_equal=True)
    fit = fit_sem(model, wide.to_numpy(), tuple(wide.columns), robust=robust)
    want = said["panel"]
    # lavaan stops about 1e-7 of a standard error short of the optimum.
    for label, (estimate, error) in want["mlr" if robust else "ml"].items():
        found = fit.estimate(label)
        close(found.estimate, estimate, atol=1e-5 * error)
        close(found.se, error, rtol=5e-6)
    if not robust:
        indices, test, r = fit_indices(fit), fit.test, want["fit"]
        close([test.statistic, test.df], [r["chisq"], r["df"]])
        found = [indices.cfi, indices.tli, indices.rmsea.value]
        close(found, [r["cfi"], r["tli"], r["rmsea"]])
        close(indices.srmr, r["srmr"], rtol=5e-6)  # lavaan's unrestricted moments: its EM stops
        close([fit.log_likelihood, indices.aic, indices.bic], [r["logl"], r["aic"], r["bic"]])


def test_chain_of_mediators(base, said):
    columns = ["glute", "tilt", "lordosis", "pain", "age", "female", "bmi", "prior_lbp"]
    fit = fit_sem(CHAIN, base[columns].to_numpy(float), tuple(columns))
    for name, (estimate, error) in said["chain"].items():
        found = fit.estimate(name)
        close(found.estimate, estimate, atol=1e-6 * error)
        close(found.se, error)


def test_robustness_to_confounders(base, base_x, said):
    want = said["robustness"]
    fit = fit_linear(base_x, base["pain"], "classical").coefficient(1)
    found = compute_robustness(fit.estimate, fit.se, fit.df)
    close([found.rv, found.rv_alpha], [want["rv"], want["rv_alpha"]], rtol=1e-9)
    _, bounds = bound_by_benchmarks(base_x, base["pain"], 1, {"prior_lbp": [5]})
    close([b.estimate for b in bounds], want["adjusted"], rtol=1e-8)
    close([b.se for b in bounds], want["adjusted_se"], rtol=1e-8)
    close([b.low for b in bounds], want["low"], rtol=1e-8)
    close([b.high for b in bounds], want["high"], rtol=1e-8)


def test_adjusted_means(base, matrix, said):
    x = matrix(base, "lbp", "age", "female", "bmi")
    fit = fit_linear(x, base["glute"], "classical")
    sets = [np.column_stack([x[:, 0], np.full(len(x), float(k)), x[:, 2:]]) for k in (0, 1)]
    means, covariance = standardise(fit, "linear", sets)
    close(means, said["means"]["mean"], rtol=1e-9)
    close(np.sqrt(np.diag(covariance)), said["means"]["se"], rtol=1e-9)
