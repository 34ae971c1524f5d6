import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem.builders import riclpm
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.structure import compile_model, degrees_of_freedom, saturated

FIRST, SECOND = ("x1", "x2", "x3"), ("y1", "y2", "y3")


def test_matrices_hold_values_where_the_terms_say():
    model = read_model("f =~ a + k*b; a ~~ 0.3*a; y ~ f; y ~ 1")
    found = compile_model(model, ("a", "b", "y"))
    a, s, m = found.matrices(np.arange(1.0, 1 + len(found.names))[None])
    at = {v: k for k, v in enumerate(found.variables)}
    number = {n: k + 1.0 for k, n in enumerate(found.names)}
    assert a[0, at["a"], at["f"]] == 1
    assert a[0, at["b"], at["f"]] == number["k"]
    assert a[0, at["y"], at["f"]] == number["y ~ f"]
    assert s[0, at["a"], at["a"]] == 0.3
    assert m[0, at["y"]] == number["y ~1"]
    np.testing.assert_array_equal(s[0], s[0].T)


def test_equal_lags_share_a_parameter():
    free = compile_model(riclpm(FIRST, SECOND), FIRST + SECOND)
    equal = compile_model(riclpm(FIRST, SECOND, lags_equal=True), FIRST + SECOND)
    assert free.free - equal.free == 4
    assert degrees_of_freedom(free) == 1


def test_columns_labels_and_counts_are_checked():
    with pytest.raises(UserError, match="no column b"):
        compile_model(read_model("a ~ b"), ("a",))
    with pytest.raises(UserError, match="no parameter is labelled c"):
        compile_model(read_model("a ~ k*b; q := k*c"), ("a", "b"))
    with pytest.raises(UserError, match="more than the observed moments"):
        compile_model(read_model("a ~~ b; a ~ b; a ~~ a; b ~~ b", auto=False), ("a", "b"))


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
