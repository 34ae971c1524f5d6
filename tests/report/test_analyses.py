from __future__ import annotations

from dataclasses import replace

from gluteal.report.analyses import (
    build_analyses,
    lay_out,
    list_diagnostics,
    list_estimates,
    write_analysis,
    write_methods,
)
from gluteal.report.document import Callout, Paragraph, Picture, Table


def strength(products):
    return products.analyses[2]


def test_descriptive_methods_have_their_place_elsewhere(products):
    names = [section.name for section in build_analyses(products).sections]
    assert names == ["analysis-strength-by-lbp", "analysis-strength-lbp"]


def test_what_limits_the_answer_stands_first_then_the_answer(products):
    blocks = write_analysis(strength(products), products).blocks
    assert isinstance(blocks[0], Callout)
    assert "Residual skew (1.7)" in blocks[0].text
    assert isinstance(blocks[1], Paragraph)
    assert blocks[1].opening == "H1: supported."
    assert isinstance(blocks[2], Picture)


def test_without_a_claim_the_headline_estimate_is_the_answer(products):
    lead = [
        b for b in write_analysis(products.analyses[3], products).blocks if isinstance(b, Paragraph)
    ]
    assert lead[0].text == "Odds ratio: 0.71 [0.55 to 0.91], 95% interval."


def test_a_reason_to_override_the_graph_is_printed(products):
    blocks = write_analysis(products.analyses[3], products).blocks
    assert any(isinstance(b, Callout) and b.text == "No age was recorded." for b in blocks)


def test_what_is_lacking_is_all_there_is(products):
    (only,) = write_analysis(products.analyses[1], products).blocks
    assert isinstance(only, Callout)
    assert "hip_abd_nm_kg" in only.text


def test_estimates_show_interval_counts_and_p_last(products):
    table = list_estimates(strength(products), 5)
    rows = [row.cells for row in table.rows if not row.group]
    assert table.head[1:] == ("Estimate [95% CI]", "People", "Observations", "p")
    assert rows[0][1:] == ("−0.083 [−0.121 to −0.052]", "394", "780", "<0.001")
    assert rows[1][2] == "<5"
    assert rows[2][1] == "did not converge"


def test_groups_head_their_rows(products):
    groups = [row.cells[0] for row in list_estimates(strength(products), 5).rows if row.group]
    assert [g.split(" · ")[0] for g in groups] == ["Primary", "Sensitivity"]
    assert groups[0].endswith("mean difference (Nm/kg)")


def test_notes_say_what_each_model_was_adjusted_for(products):
    notes = list_estimates(strength(products), 5).notes
    assert notes[0].startswith("Adjusted for age")
    assert notes[0].endswith("(adjusted).")
    assert notes[1] == "Not adjusted: raw and side by side."
    assert "singular fit <random part>." in notes[2]


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


def test_methods_take_in_what_the_graph_advised(products):
    said = write_methods(strength(products))
    assert said[0] == "Groups were compared by linear regression"
    assert "back-door" in said[-1]


def test_tables_of_the_fit_are_shown(products):
    blocks = write_analysis(products.analyses[0], products).blocks
    captions = [block.caption for block in blocks if isinstance(block, Table)]
    assert captions == ["Characteristics by low back pain"]
