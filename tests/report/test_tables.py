from __future__ import annotations

from dataclasses import replace

from gluteal.report.tables import lay_out, list_diagnostics, list_estimates


def strength(products):
    return next(one for one in products.analyses if one.name == "strength_by_lbp")


def test_estimates_show_interval_counts_and_p_last(products):
    table = list_estimates(strength(products), 5)
    rows = [row.cells for row in table.rows if not row.group]
    assert table.head == ("Model", "Estimand", "Estimate [95% CI]", "People", "Rows", "p")
    assert rows[0][2:] == ("−0.083 [−0.121 to −0.052]", "394", "780", "<0.001")
    assert rows[0][:2] == ("Adjusted", "Mean difference (Nm/kg)")
    assert rows[1][3] == "<5"
    assert rows[2][2] == "did not converge"


def test_groups_head_their_rows(products):
    groups = [row.cells[0] for row in list_estimates(strength(products), 5).rows if row.group]
    assert groups == ["Primary", "Sensitivity"]


def test_notes_say_what_each_model_was_adjusted_for(products):
    notes = list_estimates(strength(products), 5).notes
    assert notes[0] == "Contrast: low back pain − none."
    assert notes[1].startswith("Adjusted for age")
    assert notes[1].endswith(", unless said below.")
    assert notes[2] == "Not adjusted: raw and side by side."
    assert "singular fit <random part>." in notes[3]


def test_long_lists_say_what_was_left_out(products):
    one = strength(products)
    many = replace(one, estimates=[one.estimates[0]] * 50)
    table = list_estimates(many, 5)
    assert len([row for row in table.rows if not row.group]) == 40
    assert "10 further estimates are in estimates/strength_by_lbp.csv." in table.notes


def test_failed_diagnostics_come_first(products):
    rows = [row.cells for row in list_diagnostics(strength(products)).rows]
    assert [row[1] for row in rows] == ["needs attention", "fine", "–"]
    assert rows[2][2] == "394"


def test_display_tables_keep_columns_and_find_numbers():
    table = lay_out("t", [{"": "Age", "a": "41 (11)", "b": None}, {"": "x", "a": "<5", "c": -0.5}])
    assert table.head == ("", "a", "b", "c")
    assert table.numeric == (False, True, True, True)
    assert table.rows[1].cells == ("x", "<5", "", "−0.5")


def test_columns_with_nothing_to_say_are_left_out(products):
    line = {**strength(products).estimates[0], "p": "", "n_obs": "394"}
    table = list_estimates(replace(strength(products), estimates=[line]), 5)
    assert table.head == ("Model", "Estimand", "Estimate [95% CI]", "People")
    assert all(len(row.cells) == 4 for row in table.rows if not row.group)


def test_another_outcome_is_named(products):
    first = strength(products).estimates[0]
    other = {**first, "outcome": "hip_ext_nm_kg", "model": "other muscle"}
    rows = list_estimates(replace(strength(products), estimates=[first, other]), 5).rows
    assert rows[-1].cells[0] == "Other muscle: Hip extension torque per body mass"


def test_a_hidden_count_is_a_number_still():
    table = lay_out("c", [{"a": "x", "n": "7"}, {"a": "y", "n": "hidden"}])
    assert [row.cells[1] for row in table.rows] == ["7", "hidden"]
    assert table.numeric == (False, True)


def test_codes_of_instruments_and_columns_become_names():
    rows = [{"Instrument": "phq9", "Rule": "answered", "n": "3"}]
    assert lay_out("c", rows).rows[0].cells == ("PHQ-9", "answered", "3")
    assert lay_out("c", [{"Variable": "visits.mass_kg"}]).rows[0].cells == ("visits: mass_kg",)
