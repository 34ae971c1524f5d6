import numpy as np

from gluteal.estimators.sem.builders import riclpm
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.likelihood import evaluate
from gluteal.estimators.sem.moments import collect
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.starts import scatter, start_values

NAMES = ("x1", "x2", "x3", "y1", "y2", "y3")


def data(scale=1.0):
    rng = np.random.default_rng(1)
    return (rng.normal(size=(100, 1)) + rng.normal(size=(100, 6))) * scale


def test_starts_follow_the_unit_and_are_admissible():
    model = riclpm(NAMES[:3], NAMES[3:])
    values = []
    for scale in (1.0, 1000.0):
        moments = collect(data(scale), NAMES)
        structure = compile_model(model, NAMES)
        part = moments.patterns[0]
        start = start_values(model, structure, part.mean[0], part.cov[0])
        values.append(start)
        assert np.isfinite(evaluate(structure, moments.patterns, start[None]).value[0])
    np.testing.assert_allclose(values[1], values[0] * 1e6, rtol=1e-10)


def test_a_loading_starts_with_the_sign_of_its_covariance():
    table = data()
    table[:, 2] *= -2
    moments = collect(table[:, :3], NAMES[:3])
    model = read_model("f =~ x1 + x2 + x3")
    structure = compile_model(model, NAMES[:3])
    part = moments.patterns[0]
    start = start_values(model, structure, part.mean[0], part.cov[0])
    by = dict(zip(structure.names, start, strict=True))
    assert by["f =~ x3"] < -1
    assert by["f =~ x2"] > 0.5


def test_a_start_that_was_given_is_kept():
    model = read_model("x1 ~ start(0.7)*x2")
    structure = compile_model(model, NAMES[:2])
    start = start_values(model, structure, np.zeros(2), np.eye(2))
    assert start[structure.names.index("x1 ~ x2")] == 0.7


def test_scattered_starts_are_reproducible():
    one = scatter(np.ones(3), np.zeros(3), 1, 4)
    np.testing.assert_array_equal(one, scatter(np.ones(3), np.zeros(3), 1, 4))
    assert not (one == scatter(np.ones(3), np.zeros(3), 2, 4)).any()
