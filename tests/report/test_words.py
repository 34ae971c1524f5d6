import pytest

from gluteal.report import words
from gluteal.variables import variables


def test_labels_come_from_the_dictionary():
    assert words.label("age_years") == variables()["age_years"].label
    assert words.label("some_thing") == "some thing"


@pytest.mark.parametrize(
    ("text", "ended"), [("a", "a."), ("a.", "a."), ("a?", "a?"), ("", ""), (" a ", "a.")]
)
def test_sentences_end_once(text, ended):
    assert words.sentence(text) == ended


def test_headings_keep_what_has_capitals():
    assert words.heading("limits_of_agreement") == "Limits of agreement"
    assert words.heading("AUC by cut-off") == "AUC by cut-off"


@pytest.mark.parametrize(("unit", "shown"), [("1", ""), ("", ""), ("Nm/kg", "Nm/kg")])
def test_a_pure_number_has_no_unit(unit, shown):
    assert words.unit_of({"unit": unit}) == shown


def test_variables_in_a_text_get_their_labels():
    assert words.relabel("imbalance of bmi_kg_m2") == "imbalance of body-mass index"
    assert words.relabel("no_such_name stays") == "no_such_name stays"


def test_parts_of_a_panel_model_are_told_in_words():
    assert words.relabel("negative variance: within_x2 ~~ within_x2") == (
        "negative variance: within people, wave 2"
    )
    assert "variance of a stable trait is" in words.relabel("the variance of trait_1 is not clear")


def test_a_constant_is_named_by_its_source():
    said = words.name_sources("a tenth of the MIC (constant mic_nprs; project decision)")
    assert said == "a tenth of the MIC (Ostelo 2008; project decision)"
    assert words.name_sources("(constant no_such; x)") == "(constant no_such; x)"


def test_several_outcomes_are_labelled_one_by_one():
    said = words.label("pain_site_left_si; pain_site_right_si")
    assert said == "Pain site: left sacroiliac and pain site: right sacroiliac"
