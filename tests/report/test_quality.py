from dataclasses import replace

from gluteal.report.document import Paragraph, Table
from gluteal.report.quality import build_quality


def test_the_check_is_told_in_counts(products):
    section = build_quality(products)
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert "2,400 rows" in first.text
    assert "12 values for a person to look up" in first.text


def test_values_set_aside_are_counted_and_small_counts_hidden(products):
    table = build_quality(products).blocks[-1]
    assert isinstance(table, Table)
    assert table.rows[0].cells[1:] == ("outside the hard range", "<5")


def test_without_a_check_there_is_nothing_to_tell(products):
    assert not build_quality(replace(products, check={}, derived={})).blocks


def test_reliability_has_its_place_here(products):
    assert [part.name for part in build_quality(products).sections] == ["analysis-reliability"]


def test_what_the_audit_says_is_not_said_twice(products):
    fit = {"tables": {"set_aside": [{"a": 1}], "queries": [{"a": 1}]}}
    audited = replace(products, analyses=[replace(products.analyses[1], fit=fit)])
    assert not [block for block in build_quality(audited).blocks if isinstance(block, Table)]


def one_column(variable, visit, imputed, observed, method="predictive mean matching"):
    keys = ("variable", "visit", "imputed", "observed", "method")
    return dict(zip(keys, (variable, visit, imputed, observed, method), strict=True))


def test_what_was_imputed_is_told_and_small_counts_hidden(products):
    columns = [
        one_column("nprs_avg", "baseline", 10, 190),
        one_column("nprs_avg", "week12", 30, 170),
        one_column("sex", "", 2, 198, "logistic regression"),
        one_column("age_years", "", 0, 200),
    ]
    account = {
        "m": 20,
        "cycles": 40,
        "converged": True,
        "variables": columns,
        "left_out": [{"variable": "arm", "reason": "given to people of the trial only"}],
        "worst_r_hat": {"value": 1.0512},
        "note": "",
    }
    told, table = build_quality(replace(products, imputed=account)).blocks[-2:]
    assert "20 times" in told.text and "1.05" in told.text and "all chains mixed" in told.text
    assert [row.cells[1:4] for row in table.rows] == [
        ("baseline; week 12", "40", "10.0 %"),
        ("once", "<5", ""),
    ]
    assert "Arm: not imputed" in table.notes[0]


def test_an_imputation_without_anything_to_do_is_one_sentence(products):
    note = {"note": "Nothing was imputed: no value is missing.", "variables": []}
    last = build_quality(replace(products, imputed=note)).blocks[-1]
    assert isinstance(last, Paragraph) and "Nothing was imputed" in last.text


def test_chains_that_did_not_mix_are_named(products):
    columns = [one_column("nprs_avg", "week12", 30, 170), one_column("nprs_avg", "week04", 30, 170)]
    account = {"m": 2, "cycles": 4, "converged": False, "variables": columns, "left_out": [],
               "worst_r_hat": {"value": 8.9}, "note": "",
               "warnings": ["column nprs_avg at week12: R-hat 8.9"]}  # fmt: skip
    told, table = build_quality(replace(products, imputed=account)).blocks[-2:]
    assert "not all chains mixed well (largest R-hat 8.90)" in told.text
    assert table.rows[0].cells[1] == "weeks 12 and 4"
    assert table.notes == ("Column pain (NPRS), average of the last week at week12: R-hat 8.9.",)
