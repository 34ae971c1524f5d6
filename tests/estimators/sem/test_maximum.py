import numpy as np
import pytest

from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.maximum import maximise, maximise_saturated
from gluteal.estimators.sem.moments import collect
from gluteal.estimators.sem.reader import read_model

NAMES = ("a", "b", "c")


def test_the_saturated_maximum_has_no_slope_and_beats_every_model():
    rng = np.random.default_rng(1)
    data = rng.normal(size=(100, 1)) + rng.normal(size=(100, 3))
    data[rng.random(data.shape) < 0.25] = np.nan
    moments = collect(data, NAMES)
    model = read_model("a ~ b; b ~ c; a ~~ 0*c")
    structure = compile_model(model, NAMES, means=True)
    best, mean, cov = maximise_saturated(structure, moments)
    found = maximise(model, structure, moments, mean, cov, seed=1)
    assert found.converged[0]
    assert best < found.value[0]


def test_complete_data_need_no_search():
    data = np.random.default_rng(2).normal(size=(50, 3))
    moments = collect(data, NAMES)
    structure = compile_model(read_model("a ~ b + c"), NAMES)
    best, _, cov = maximise_saturated(structure, moments)
    np.testing.assert_allclose(cov, np.cov(data.T, bias=True))
    log_det = np.linalg.slogdet(cov)[1]
    assert best == pytest.approx(25 * (log_det + 3 + 3 * np.log(2 * np.pi)))


def test_intercepts_are_put_back_exactly():
    """Means are left out of the search where they fit exactly; the slope's intercept returns."""
    rng = np.random.default_rng(3)
    x = rng.normal(5, 1, 200)
    y = 2 + 3 * x + rng.normal(size=200)
    moments = collect(np.column_stack([y, x]), ("y", "x"))
    model = read_model("y ~ x")
    structure = compile_model(model, ("y", "x"), means=True)
    _, mean, cov = maximise_saturated(structure, moments)
    theta = maximise(model, structure, moments, mean, cov, 1).theta[0]
    slope, intercept = np.polyfit(x, y, 1)
    by = dict(zip(structure.names, theta, strict=True))
    assert by["y ~ x"] == pytest.approx(slope)
    assert by["y ~1"] == pytest.approx(intercept)
