import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.reader import read_model


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


def test_columns_labels_and_counts_are_checked():
    with pytest.raises(UserError, match="no column b"):
        compile_model(read_model("a ~ b"), ("a",))
    with pytest.raises(UserError, match="no parameter is labelled c"):
        compile_model(read_model("a ~ k*b; q := k*c"), ("a", "b"))
    with pytest.raises(UserError, match="more than the observed moments"):
        compile_model(read_model("a ~~ b; a ~ b; a ~~ a; b ~~ b", auto=False), ("a", "b"))
