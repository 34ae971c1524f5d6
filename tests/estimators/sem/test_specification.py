import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem.specification import Specification, Term, complete, variables


def test_faults_are_named_together():
    terms = (Term("a", "~~", "b"), Term("b", "~~", "a"), Term("c", "~", "c"))
    with pytest.raises(UserError, match="b ~~ a appears twice; c is regressed on itself"):
        Specification(terms)


def test_a_loading_and_a_path_between_the_same_variables_are_one_place():
    with pytest.raises(UserError, match="twice"):
        Specification((Term("f", "=~", "x"), Term("x", "~", "f")), ("f",))


def test_completion_follows_sem():
    """Residuals of pure outcomes correlate, those of mediators do not; covariates do."""
    done = complete([Term("m", "~", "x"), Term("y", "~", "m"), Term("z", "~", "m"),
                     Term("y", "~", "w")])  # fmt: skip
    names = {t.name for t in done if t.op == "~~"}
    assert names == {f"{v} ~~ {v}" for v in "mxyzw"} | {"x ~~ w", "y ~~ z"}


def test_the_scale_of_a_factor_is_fixed_one_way_or_the_other():
    loadings = [Term("f", "=~", name) for name in ("a", "b", "c")]
    first = complete(loadings, ("f",))
    assert first[0].value == 1.0
    assert next(t for t in first if t.name == "f ~~ f").value is None
    unit = complete(loadings, ("f",), fix_first=False)
    assert unit[0].value is None
    assert next(t for t in unit if t.name == "f ~~ f").value == 1.0


def test_variables_keep_their_order():
    assert variables([Term("y", "~", "x"), Term("z", "~", "y")]) == ("y", "x", "z")
