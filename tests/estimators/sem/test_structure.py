import numpy as np

from gluteal.estimators.sem.builders import riclpm
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.structure import degrees_of_freedom, saturated

FIRST, SECOND = ("x1", "x2", "x3"), ("y1", "y2", "y3")


def test_equal_lags_share_a_parameter():
    free = compile_model(riclpm(FIRST, SECOND), FIRST + SECOND)
    equal = compile_model(riclpm(FIRST, SECOND, lags_equal=True), FIRST + SECOND)
    assert free.free - equal.free == 4
    assert degrees_of_freedom(free) == 1


def test_constraints_are_followed_by_their_derivative():
    model = riclpm(FIRST, SECOND, lag_times=[1, 2])
    found = compile_model(model, FIRST + SECOND)
    theta = np.linspace(0.1, 0.6, found.free)[None]
    by = found.expansion(theta)[0]
    for j in range(4):
        move = np.zeros((1, found.free))
        move[0, j] = 1e-6
        change = (found.expand(theta + move) - found.expand(theta - move))[0] / 2e-6
        np.testing.assert_allclose(by[:, j], change, atol=1e-8)


def test_the_saturated_model_has_no_degrees_left():
    found = compile_model(riclpm(FIRST, SECOND), FIRST + SECOND, means=True)
    assert degrees_of_freedom(saturated(found)) == 0
    assert degrees_of_freedom(saturated(found, diagonal=True)) == 15
    assert degrees_of_freedom(saturated(found, diagonal=True, joined=(0, 1))) == 14


def test_free_intercepts_are_recognised():
    names = ("a", "b", "y")
    assert compile_model(read_model("y ~ a + b"), names, means=True).means_are_free
    assert not compile_model(read_model("y ~ a + b; y ~ 0"), names, means=True).means_are_free
    shared = read_model("y ~ a + b; a ~ k*1; b ~ k*1")
    assert not compile_model(shared, names, means=True).means_are_free
