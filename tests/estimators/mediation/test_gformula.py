import numpy as np
import pytest
from scipy import integrate, special

from gluteal.estimators.mediation.gformula import (
    Coefficients,
    average,
    logistic_normal,
    mean_at,
    mean_outcome,
    quadrature,
)

COVARIATES = np.array([[0.0], [1.0], [2.5]])
FOUND = Coefficients(
    np.array([[0.2, 0.3, 0.5]]), np.array([1.4]), np.array([[-0.5, 0.2, 0.4, 0.8, -0.3]])
)
EVEN = np.ones((1, 3))
MEANS = {"linear": lambda v: v, "logit": special.expit, "probit": special.ndtr}


def by_integral(links, a, b):
    """Average over each person's mediator, one integral a person."""
    values, outcome = [], MEANS[links[1]]
    for c in COVARIATES[:, 0]:
        middle = 0.2 + 0.3 * c + 0.5 * b
        base, slope = -0.5 + 0.2 * c + 0.4 * a, 0.8 - 0.3 * a
        if links[0] == "linear":
            values.append(
                integrate.quad(
                    lambda e, m=middle, o=base, s=slope, outcome=outcome: (
                        np.exp(-(e**2) / 2) / np.sqrt(2 * np.pi) * outcome(o + s * (m + 1.4 * e))
                    ),
                    -10,
                    10,
                    epsabs=1e-12,
                )[0]
            )
        else:
            p = MEANS[links[0]](middle)
            values.append((1 - p) * outcome(base) + p * outcome(base + slope))
    return np.mean(values)


@pytest.mark.parametrize("first", ["linear", "logit", "probit"])
@pytest.mark.parametrize("second", ["linear", "logit", "probit"])
def test_means_equal_integrals(first, second):
    for a, b in ((1, 1), (1, 0), (0, 1), (2, -1)):
        got = mean_outcome(FOUND, (first, second), COVARIATES, EVEN, a, b, quadrature(1.6))
        assert got[0] == pytest.approx(by_integral((first, second), a, b), rel=1e-8)


@pytest.mark.parametrize("spread", [0.1, 0.69, 1.9, 3.9, 6.0])
def test_nodes_are_enough(spread):
    x, w = quadrature(spread)
    for eta in (-3.0, 0.4):
        want = integrate.quad(
            lambda e, eta=eta: (
                np.exp(-(e**2) / 2) / np.sqrt(2 * np.pi) * special.expit(eta + spread * e)
            ),
            -12,
            12,
            epsabs=1e-13,
        )[0]
        assert w @ special.expit(eta + spread * x) == pytest.approx(want, abs=1e-5)


def test_controlled_mean():
    got = mean_at(FOUND, "logit", COVARIATES, EVEN, 1.0, 2.0)[0]
    eta = -0.5 + 0.2 * COVARIATES[:, 0] + 0.4 + (0.8 - 0.3) * 2
    assert got == pytest.approx(special.expit(eta).mean())


def test_people_count_by_their_weights():
    values = np.array([[1.0, 2, 3], [1, 2, 3]])
    np.testing.assert_allclose(average(values, np.array([[1.0, 0, 1], [0, 0, 2]])), [2, 3])
    np.testing.assert_allclose(average(values, np.array([[2.0, 1, 1]])), [1.75, 1.75])


def test_a_table_changes_nothing():
    rng = np.random.default_rng(1)
    eta, spread = rng.normal(-0.3, 1.5, size=(5, 3000)), rng.uniform(0.1, 1.9, size=(5, 1))
    x, w = quadrature(1.9)
    want = sum(b * special.expit(eta + spread * a) for a, b in zip(x, w, strict=True))
    got = logistic_normal(eta, spread, (x, w))
    np.testing.assert_allclose(got, want, atol=1e-9)
    eta[2, 7] = np.nan
    holes = logistic_normal(eta, spread, (x, w))
    assert np.isnan(holes[2]).all()
    np.testing.assert_allclose(holes[[0, 1, 3, 4]], want[[0, 1, 3, 4]], atol=1e-9)
