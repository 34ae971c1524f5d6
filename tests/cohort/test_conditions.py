import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.cohort.conditions import Cut, Rule, as_numbers, find_condition, read_rule
from gluteal.errors import UserError
from gluteal.variables import variable


@pytest.mark.parametrize(
    ("text", "sign", "cut"),
    [(">= 1", ">=", 1), ("<20.5", "<", 20.5), ("<", "<", None), ("> -3", ">", -3)],
)
def test_rules_are_read(text, sign, cut):
    assert read_rule(text) == Rule(sign, cut)


def test_what_is_no_rule_is_refused():
    with pytest.raises(ValueError, match="no rule"):
        read_rule("= 3")


def test_a_rule_keeps_what_is_missing_missing():
    values = np.array([1.0, 2.0, np.nan])
    assert read_rule(">= 2").apply(values, 2.0).tolist()[:2] == [0, 1]
    assert np.isnan(read_rule(">= 2").apply(values, 2.0)[2])
    assert (read_rule("<").direction, read_rule(">= 1").direction) == (-1, 1)


@pytest.mark.parametrize(
    "wrong", [{}, {"value": 1.0}, {"value": 1.0, "source": "x", "quantile": 0.3}, {"quantile": 1.2}]
)
def test_a_cut_names_its_source_or_its_quantile(wrong):
    with pytest.raises(ValidationError):
        Cut.model_validate(wrong)


def test_a_published_value_is_the_same_for_all():
    cut = Cut(value=1.2, source="Someone 2020")
    found = find_condition(np.array([1.0, 1.2, 1.4, np.nan]), cut)
    assert found.tolist()[:3] == [1, 0, 0]
    assert np.isnan(found[3])
    words = cut.describe(variable("hip_abd_nm_kg"))
    assert "below 1.2 Nm/kg (Someone 2020)" in words


def test_a_quantile_is_taken_within_groups():
    values = np.array([1.0, 2, 3, 11, 12, 13, np.nan, 5])
    groups = pd.Series(["f", "f", "f", "m", "m", "m", "m", None])
    found = find_condition(values, Cut(quantile=1 / 3, by="sex"), groups)
    assert found.tolist()[:6] == [1, 0, 0, 1, 0, 0]
    assert np.isnan(found[6:]).all()
    plain = find_condition(values, Cut(quantile=1 / 3))
    assert plain.tolist()[:3] == [1, 1, 0]


def test_the_cut_may_be_multiplied_and_lie_on_the_other_side():
    values = np.array([1.0, 2.0, 3.0])
    cut = Cut(value=2.0, source="x")
    assert find_condition(values, cut, times=1.6).tolist() == [1, 1, 1]
    above = Cut(value=2.0, source="x", side="above")
    assert find_condition(values, above).tolist() == [0, 0, 1]
    assert "highest 25 %" in Cut(quantile=0.75, side="above").describe(variable("sls_time_s"))


def test_kinds_become_numbers():
    sign = variable("trendelenburg_pos")
    seen = pd.Series([True, False, None], dtype="boolean")
    assert as_numbers(seen, sign).tolist()[:2] == [1, 0]
    assert np.isnan(as_numbers(seen, sign)[2])
    grades = pd.Series(pd.Categorical(["4", "0", None], ["0", "1", "2", "3", "4"], ordered=True))
    found = as_numbers(grades, variable("squeeze_grade"))
    assert found.tolist()[:2] == [4, 0]
    assert np.isnan(found[2])
    words = pd.Series(pd.Categorical(["high", "low"], ["low", "medium", "high"], ordered=True))
    assert as_numbers(words, variable("startback_class")).tolist() == [2, 0]
    with pytest.raises(UserError, match="no order"):
        as_numbers(pd.Series(["f"]), variable("sex"))
