import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem.reader import read_model


def test_marks_before_a_variable():
    model = read_model("y ~ a*x + 0*w + start(0.4)*z; y ~ 1  # free\nw ~ 0", auto=False)
    by = {(t.left, t.op, t.right): t for t in model.terms}
    assert by["y", "~", "x"].label == "a"
    assert by["y", "~", "w"].value == 0
    assert by["y", "~", "z"].start == 0.4
    assert by["y", "~1", ""].value is None
    assert by["w", "~1", ""].value == 0


def test_several_outcomes_on_one_line():
    model = read_model("y + z ~ x", auto=False)
    assert [t.name for t in model.terms] == ["y ~ x", "z ~ x"]


def test_all_bad_lines_are_named():
    with pytest.raises(UserError, match=r"nonsense.*2x") as found:
        read_model("nonsense\ny ~ 2x\ny ~ x")
    assert "has none of" in str(found.value)


def test_covariates_are_fixed_only_where_nothing_models_them():
    assert read_model("m ~ x; y ~ m + w", fixed_x=True).fixed_x == ("x", "w")
    assert read_model("m ~ x; y ~ m + w; x ~~ x", fixed_x=True).fixed_x == ("w",)
    assert read_model("m ~ x; y ~ m + w").fixed_x == ()


def test_defined_and_constrained_labels():
    model = read_model("y ~ a*x; z ~ b*x; b == a^2; twice := 2*a")
    assert model.constraints[0].names == ("b",)
    assert model.defined[0].inputs == ("a",)
