import numpy as np
import pytest

from gluteal.estimators.bootstrap import Equation, bootstrap_linear
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.mediation import mediate
from gluteal.estimators.mediation.products import gradient
from gluteal.estimators.mediation.system import (
    Resampling,
    fit_equations,
    joint_covariance,
    proportion_of,
)

EQUATIONS = [Equation(1, (0,)), Equation(2, (0, 1))]


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    m = 0.6 * x + rng.normal(size=200)
    return np.column_stack([x, m, 0.5 * m + 0.3 * x + rng.normal(size=200)])


def test_standard_errors_equal_lavaan(base, answers):
    """Lavaan divides by n where least squares divides by n - p; nothing else differs."""
    said = answers("mediation")["lavaan"]
    covariates = base[["age", "female", "bmi", "prior_lbp"]]
    found = mediate(
        base["glute"],
        base[["tilt", "lordosis"]],
        base["pain"],
        covariates,
        arrows="serial",
        resamples=10,
    )
    # Equation and position: constant and four covariates come first.
    a1, a2, d, cp, b1, b2 = (0, 5), (1, 5), (1, 6), (2, 5), (2, 6), (2, 7)
    routes = [[a1, b1], [a1, d, b2], [a2, b2]]
    polynomials = {
        "direct": ((1.0, (cp,)),),
        "indirect": tuple((1.0, tuple(route)) for route in routes),
        "total": ((1.0, (cp,)), *((1.0, tuple(route)) for route in routes)),
        **{str(k): ((1.0, tuple(route)),) for k, route in enumerate(routes)},
    }
    n = len(base)
    slopes = gradient(polynomials, [model.coef for model in found.models])
    blocks = [model.cov * (n - len(model.coef)) / n for model in found.models]
    start, variance = 0, np.zeros(6)
    for block in blocks:
        part = slopes[:, start : start + len(block)]
        variance += np.einsum("ij,jk,ik->i", part, block, part)
        start += len(block)
    np.testing.assert_allclose(np.sqrt(variance), said["se"], rtol=1e-6)


def test_weights_are_whole_copies_of_rows(columns):
    weights = np.tile([1.0, 2.0], 100)
    copies = np.repeat(columns, weights.astype(int), axis=0)
    weighted = fit_equations(columns, EQUATIONS, Resampling(weights=weights))
    copied = fit_equations(copies, EQUATIONS, Resampling())
    for a, b in zip(weighted, copied, strict=True):
        np.testing.assert_allclose(a.coef, b.coef, rtol=1e-10)
    person = np.repeat(np.arange(200), weights.astype(int))
    one = joint_covariance(columns, EQUATIONS, weighted, Resampling(weights=weights))
    two = joint_covariance(copies, EQUATIONS, copied, Resampling(cluster=person))
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-15)


def test_equations_are_uncorrelated_without_clusters(columns):
    models = fit_equations(columns, EQUATIONS, Resampling())
    cov = joint_covariance(columns, EQUATIONS, models, Resampling())
    assert (cov[:2, 2:] == 0).all()
    want = fit_linear(np.column_stack([np.ones(200), columns[:, 0]]), columns[:, 1], "classical")
    np.testing.assert_allclose(cov[:2, :2], want.cov)


def test_bootstrap_and_delta_agree_in_a_large_sample():
    rng = np.random.default_rng(2)
    x = rng.normal(size=4000)
    m = 0.5 * x + rng.normal(size=4000)
    found = mediate(x, m, 0.4 * m + rng.normal(size=4000), resamples=2000)
    for k, wald in enumerate(found.wald):
        assert found.bootstrap.se[k] == pytest.approx(wald.se, rel=0.08)
        assert found.bootstrap.low[k] == pytest.approx(wald.low, abs=0.15 * wald.se)


def share_of(low, high, mediated, direct):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(50, 2))
    found = bootstrap_linear(data, [Equation(1, (0,))], lambda s: s.coef[0], resamples=50)
    from dataclasses import replace

    numbers = {key: np.full(4, 0.5) for key in ("se", "p")}
    found = replace(
        found,
        estimate=np.array([mediated, direct, mediated + direct, 0.3]),
        low=np.full(4, low),
        high=np.full(4, high),
        **numbers,
    )
    return proportion_of(found, {"i": 0, "d": 1, "t": 2}, ("i", "d", "t"))


def test_proportion_only_where_it_means_something():
    got, said = share_of(0.1, 0.4, 1, 2)
    assert got.estimate == 0.3 and not said
    assert share_of(-0.4, -0.1, -1, -2)[0] is not None
    assert share_of(-0.1, 0.4, 1, 2) == (
        None,
        ["no proportion mediated: the interval of the total effect holds 0"],
    )
    none, said = share_of(0.1, 0.4, -1, 3)
    assert none is None and "oppose" in said[0]
    assert share_of(np.nan, np.nan, 1, 2)[0] is None
