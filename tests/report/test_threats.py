from __future__ import annotations

from dataclasses import replace

import pytest

from gluteal.ledger.threats import gather_threats
from gluteal.report.analyses import write_analysis
from gluteal.report.document import Folded, Picture, Table
from gluteal.report.threats import claim_of, list_threats, name_group, write_threats


@pytest.fixture
def answering(products, tmp_path):
    """Products in which the strength analysis answers H1 and another one speaks of it too."""
    study = {**products.study, "claims": {"H1": {"analysis": "strength_by_lbp"}}}
    first = products.analyses[2]
    rows = [{**row, "threat": t} for row, t in
            zip(first.estimates, ("adjusted", "crude", "robust"), strict=True)]  # fmt: skip
    one = replace(first, estimates=rows)
    evalue = {**rows[0], "threat": "unmeasured confounding", "scale": "E-value", "unit": "",
              "model": "E-value: gone", "estimate": "2.1", "low": "", "high": ""}  # fmt: skip
    weighted = {**rows[0], "threat": "weighted", "model": "weighted", "estimate": "-0.2"}
    note = {"name": "threat: negative control", "value": "not applicable", "threshold": "",
            "ok": "", "meaning": "no negative control is named"}  # fmt: skip
    beside = replace(
        products.analyses[3],
        plan={"spec": {"claim": "H1", "method": "unmeasured_bias"}},
        estimates=[weighted, evalue],
        diagnostics=[note],
    )
    analyses = [*products.analyses[:2], one, beside]
    return replace(products, study=study, analyses=analyses)


def table_of(products) -> Table:
    (table,) = [b for b in write_threats(products.analyses[2], products) if isinstance(b, Table)]
    return table


def test_only_the_analysis_of_a_claim_has_them(answering, products):
    assert claim_of(answering.analyses[2], answering) == "H1"
    assert not list(write_threats(answering.analyses[3], answering))
    assert not list(write_threats(products.analyses[2], products))


def test_all_analyses_of_the_claim_are_gathered(answering):
    first = answering.analyses[2]
    assert [one.name for one in name_group(answering, first, "H1")] == [
        "strength_by_lbp", "strength_lbp",
    ]  # fmt: skip


def test_the_table_has_every_threat_or_its_reason(answering):
    table = table_of(answering)
    assert [row.cells[0] for row in table.rows if row.cells[0]] == [
        "Crude", "Adjusted", "Robust", "Weighted", "Unmeasured confounding",
    ]  # fmt: skip
    cells = {row.cells[1]: row.cells[2] for row in table.rows}
    assert cells["Adjusted (headline)"] == "−0.083 [−0.121 to −0.052]"
    assert cells["Side by side"] == "did not converge"
    assert cells["E-value: gone"] == "2.10"
    (reason,) = [note for note in table.notes if note.startswith("Not answered")]
    assert reason == "Not answered. Negative control: no negative control is named."
    (unasked,) = [note for note in table.notes if note.startswith("Not asked")]
    assert "imputed, doubly robust, exposure error" in unasked


def test_a_threat_is_named_in_its_first_row_only(answering):
    head = answering.analyses[2].estimates[0]
    two = [{**head, "threat": "robust", "model": m, "estimate": e}
           for m, e in (("a", "1"), ("b", "2"))]  # fmt: skip
    table = list_threats(gather_threats([[head, *two]]), "Q", 5)
    assert [row.cells[:2] for row in table.rows[1:]] == [("Robust", "A"), ("", "B")]


def test_small_counts_stay_hidden(answering):
    cells = {row.cells[1]: row.cells for row in table_of(answering).rows}
    assert cells["Raw"][3] == "<5"


def test_notes_say_what_is_shown_and_what_the_numbers_are(answering):
    notes = table_of(answering).notes
    assert notes[0].startswith("Mean difference, hip abduction torque")
    assert any(text.startswith("E-value: the least risk ratio") for text in notes)
    assert any("singular fit" in text for text in notes)


def test_it_stands_in_the_section_of_the_analysis(answering):
    blocks = write_analysis(answering.analyses[2], answering).blocks
    captions = [block.caption for block in blocks if isinstance(block, Table)]
    assert captions[-1].startswith("One effect, one row per threat")
    folded = [block for block in blocks if isinstance(block, Folded)]
    assert folded[0].title == "Estimates, diagnostics and methods"


def test_the_figure_is_shown_where_it_was_drawn(answering, tmp_path):
    (tmp_path / "figures").mkdir()
    svg = tmp_path / "figures" / "strength_by_lbp_threats.svg"
    svg.write_text("<svg><desc>Forest of threats</desc></svg>")
    there = replace(answering, folder=tmp_path)
    pictures = [b for b in write_threats(there.analyses[2], there) if isinstance(b, Picture)]
    assert pictures[0].alt == "Forest of threats"


def test_a_control_names_its_outcome_and_contrast(answering):
    head = answering.analyses[2].estimates[0]
    control = {**head, "threat": "negative control", "outcome": "leg_length_diff_mm",
               "model": "control", "contrast": "per SD", "scale": "smd", "unit": "SD"}  # fmt: skip
    table = list_threats(gather_threats([[head, control]]), "Q", 5)
    cells = [row.cells for row in table.rows]
    assert any(
        one[1] == "Control (leg-length difference; mean difference; per SD)" for one in cells
    )


def test_threats_that_fail_for_one_reason_are_told_together(answering):
    head = answering.analyses[2].estimates[0]
    notes = [{"name": f"threat: {name}", "value": "not applicable", "meaning": "no covariates"}
             for name in ("weighted", "doubly robust")]  # fmt: skip
    table = list_threats(gather_threats([[head]], [notes]), "Q", 5)
    assert "Not answered. Weighted and doubly robust: no covariates." in table.notes
