from __future__ import annotations

from dataclasses import replace

from gluteal.report.analyses import build_analyses, write_analysis, write_methods
from gluteal.report.document import Callout, Folded, Paragraph, Picture, Table


def strength(products):
    return products.analyses[2]


def test_descriptive_methods_have_their_place_elsewhere(products):
    groups = build_analyses(products).sections
    assert [group.title for group in groups] == [
        "H1  People with low back pain have weaker hip abductors", "Beside the claims",
    ]  # fmt: skip
    names = [section.name for group in groups for section in group.sections]
    assert names == ["analysis-strength-by-lbp", "analysis-strength-lbp"]


def test_context_and_power_stand_last_and_a_headline_stands_first_in_its_claim(products):
    one = strength(products)

    def named(name, **spec):
        return replace(one, name=name, plan={"spec": {"caption": name, **spec}})

    some = [
        named("power", method="design_power"), named("context", method="evidence_context"),
        named("free", method="dose_response"), named("bias", method="x", claim="H2"),
        named("head", method="x", claim="H2", role="primary"), named("ten", claim="H10"),
    ]  # fmt: skip
    names = {one.name: {} for one in some}
    study = {**products.study, "claims": {"H2": {"analysis": "head"}}, "analyses": names}
    made = build_analyses(replace(products, analyses=some, study=study))
    assert [s.title for group in made.sections for s in group.sections] == [
        "head", "bias", "ten", "free", "context", "power",
    ]  # fmt: skip


def test_without_claims_there_are_no_groups(products):
    free = replace(products.analyses[3])
    made = build_analyses(replace(products, analyses=[free]))
    assert [section.name for section in made.sections] == ["analysis-strength-lbp"]


def test_what_few_readers_open_is_folded(products):
    blocks = write_analysis(strength(products), products).blocks
    folded = blocks[-1]
    assert isinstance(folded, Folded)
    assert folded.title == "Diagnostics and methods"
    assert folded.blocks[-1].opening == "Methods."


def test_long_tables_of_a_fit_are_folded_and_short_ones_are_not(products):
    fit = {"tables": {"short": [{"a": "1"}] * 3, "long": [{"a": "1"}] * 30}}
    blocks = write_analysis(replace(strength(products), fit=fit), products).blocks
    assert [b.caption[:5] for b in blocks if isinstance(b, Table)] == ["Short", "Estim"]
    assert blocks[-1].title == "Further tables, diagnostics and methods"


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
    assert lead[0].text == "Odds ratio, per SD: 0.71 [0.55 to 0.91] (95% interval)."


def test_a_reason_to_override_the_graph_is_printed(products):
    blocks = write_analysis(products.analyses[3], products).blocks
    assert any(isinstance(b, Callout) and b.text == "No age was recorded." for b in blocks)


def test_what_is_lacking_is_all_there_is(products):
    (only,) = write_analysis(products.analyses[1], products).blocks
    assert isinstance(only, Callout)
    assert "hip_abd_nm_kg" in only.text


def test_why_these_people_cannot_answer_is_all_there_is(products):
    reason = "arm: there is a control arm only"
    analysis = replace(strength(products), fit={"needs": [], "reason": reason}, estimates=())
    assert write_analysis(analysis, products).blocks == (
        Callout("Not testable in this cohort", "Arm: there is a control arm only.", "warning"),
    )


def test_methods_take_in_what_the_graph_advised(products):
    said = write_methods(strength(products))
    assert said[0] == "Groups were compared by linear regression"
    assert "back-door" in said[-1]


def test_tables_of_the_fit_are_shown(products):
    blocks = write_analysis(products.analyses[0], products).blocks
    captions = [block.caption for block in blocks if isinstance(block, Table)]
    assert captions == ["Characteristics by low back pain: Who has low back pain?"]


def test_diagnostics_that_mean_the_same_are_told_once(products):
    line = {"threshold": "", "ok": "False", "meaning": "the groups differ"}
    many = [{**line, "name": f"imbalance of item {n}", "value": "0.5"} for n in range(6)]
    one = replace(strength(products), diagnostics=many)
    first = write_analysis(one, products).blocks[0]
    assert first.title == "6 diagnostics need attention"
    assert first.text.count("the groups differ") == 1
    assert first.text.startswith("Imbalance of item 0 (0.5), 1 (0.5), 2 (0.5), 3 (0.5) and 2 more")


def test_diagnostics_of_several_meanings_are_a_list(products):
    line = {"threshold": "", "ok": "False", "value": "0.5"}
    two = [{**line, "name": "skew", "meaning": "it leans"}, {**line, "name": "phq9",
           "meaning": "few"}]  # fmt: skip
    first = write_analysis(replace(strength(products), diagnostics=two), products).blocks[0]
    assert first.items == ("Skew (0.5): it leans.", "PHQ-9 (0.5): few.")


def test_descriptive_methods_with_many_estimates_point_to_the_file(products):
    one = replace(products.analyses[0], estimates=[strength(products).estimates[0]] * 30)
    texts = [b.text for b in write_analysis(one, products).blocks if isinstance(b, Paragraph)]
    assert "All 30 estimates are in estimates/table_one.csv." in texts


def test_a_table_that_is_drawn_is_not_set(products):
    one = replace(products.analyses[0], fit={"tables": {"flow": [{"a": "1"}]}})
    assert not [b for b in write_analysis(one, products).blocks if isinstance(b, Table)]
