import pytest

from gluteal.estimates import COLUMNS, Fit, diagnostic, tabulate
from gluteal.spec import Spec


def test_columns_are_fixed_and_settings_fill_what_the_row_leaves_open():
    fit = Fit(estimates=[{"estimate": 1.0}, {"estimate": 2.0, "role": "sensitivity"}])
    table = tabulate(fit, "a", Spec(claim="H1", role="primary", seed=3), "d", "c")
    assert tuple(table.columns) == COLUMNS
    assert list(table["role"]) == ["primary", "sensitivity"]
    assert set(table["claim"]) == {"H1"}
    assert set(table["seed"]) == {3}


def test_a_fit_that_did_not_converge_never_looks_like_one_that_did():
    fit = Fit(estimates=[{"estimate": 1.0, "low": 0.5, "high": 2, "p": 0.01, "converged": False}])
    row = tabulate(fit, "a", Spec(), "", "").iloc[0]
    assert row["low"] != row["low"] and row["p"] != row["p"]
    holm = {"estimate": 1.0, "p": 0.01, "p_adj": 0.02, "converged": False}
    assert tabulate(Fit(estimates=[holm]), "a", Spec(), "", "")["p_adj"].isna().all()


def test_a_column_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="confidence"):
        tabulate(Fit(estimates=[{"confidence": 1}]), "a", Spec(), "", "")


def test_no_estimates_give_an_empty_table_of_the_same_shape():
    assert tuple(tabulate(Fit(needs=["lbp"]), "a", Spec(), "", "").columns) == COLUMNS


def test_a_diagnostic_has_its_five_fields():
    assert set(diagnostic("x", 1.0, None, "y")) == {"name", "value", "threshold", "ok", "meaning"}
