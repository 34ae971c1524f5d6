import numpy as np
import pytest
from scipy import integrate

from gluteal.estimators.random_intercept import Clusters, RowModel, evaluate, maximise

SIZES = np.array([2, 3, 1, 4])
CLUSTERS = Clusters(np.r_[0, np.cumsum(SIZES)[:-1]], SIZES, 15)


def counts(x, y):
    """Poisson rows, which the package does not fit: any concave likelihood will do."""

    def look(line, _base, some):
        return y[some] * line - np.exp(line), (y[some] - np.exp(line),)

    def curves(line, _base):
        mean = np.exp(line)
        return (y - mean,), (-mean,), (-mean,)

    return RowModel((x,), look, curves, lambda _sd: np.full(len(SIZES), 50.0))


@pytest.fixture
def rows():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(10), rng.normal(size=10)])
    return x, rng.poisson(2, 10).astype(float)


def test_the_integral_is_right(rows):
    x, y = rows
    coef, sd = np.array([0.3, 0.2]), 0.8
    found = evaluate(np.r_[coef, sd], counts(x, y), CLUSTERS, np.zeros(4))
    want = 0.0
    for at in np.split(np.arange(10), CLUSTERS.starts[1:]):

        def density(u, at=at):
            line = x[at] @ coef + sd * u
            return np.exp((y[at] * line - np.exp(line)).sum() - u**2 / 2) / np.sqrt(2 * np.pi)

        want += np.log(integrate.quad(density, -12, 12, epsabs=0)[0])
    assert found.log_likelihood == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("points", [1, 2, 7])
@pytest.mark.parametrize("sd", [0.0, 0.6, -1.1])
def test_the_gradient_is_that_of_the_approximation(rows, points, sd):
    clusters = Clusters(CLUSTERS.starts, SIZES, points)
    place = np.array([0.3, 0.2, sd])
    model = counts(*rows)
    found = evaluate(place, model, clusters, np.zeros(4)).gradient
    ends = [
        [evaluate(place + s * e, model, clusters, np.zeros(4)).log_likelihood for s in (1, -1)]
        for e in 1e-5 * np.eye(3)
    ]
    np.testing.assert_allclose(found, [(a - b) / 2e-5 for a, b in ends], atol=1e-7)


def test_an_impossible_place_has_no_likelihood(rows):
    model = counts(*rows)
    strict = RowModel(model.designs, model.look, model.curves, model.reach, lambda _coef: False)
    assert evaluate(np.zeros(3), strict, CLUSTERS, np.zeros(4)).log_likelihood == -np.inf


def test_the_climb_ends_where_the_gradient_is_zero():
    rng = np.random.default_rng(3)
    sizes = np.full(60, 4)
    x = np.column_stack([np.ones(240), rng.normal(size=240)])
    y = rng.poisson(np.exp(x @ [0.5, 0.3] + np.repeat(rng.normal(size=60), 4) * 0.7)).astype(float)
    clusters = Clusters(np.arange(60) * 4, sizes, 9)
    model = RowModel((x,), *counts_parts(y), lambda _sd: np.full(60, 50.0))
    peak = maximise(np.array([0.7, 0.3]), np.diag([0.01, 0.01]), model, clusters)
    assert peak.settled
    assert not peak.boundary
    np.testing.assert_allclose(peak.value.gradient, 0, atol=1e-5)
    assert peak.place == pytest.approx([0.5, 0.3, 0.7], abs=0.25)


def counts_parts(y):
    model = counts(np.ones((len(y), 1)), y)
    return model.look, model.curves
