from dataclasses import replace

from gluteal.report.contents import build_document, say_plainly
from gluteal.report.document import Row, Section, Table


def test_sections_follow_the_readers_questions(document):
    assert [section.name for section in document.sections] == [
        "findings", "participants", "quality", "analyses", "ledger", "methods", "registration",
            "provenance",
    ]  # fmt: skip


def test_simulated_people_are_announced(document, products):
    assert document.warning.startswith("Synthetic data")
    assert not build_document(replace(products, derived={})).warning


def test_empty_sections_are_left_out(products):
    names = [
        s.name for s in build_document(replace(products, ledger=[], check={}, derived={})).sections
    ]
    assert "ledger" not in names
    assert "provenance" in names


def test_codes_become_words_but_names_of_places_stay():
    table = Table("at week04", ("week12",), (Row(("3.1 deg",)),), label="week04")
    said = say_plainly(Section("week04", "Pain at week04", (table,)))
    assert (said.name, said.title) == ("week04", "Pain at week 4")
    assert said.blocks[0].caption == "at week 4"
    assert said.blocks[0].head == ("week 12",)
    assert said.blocks[0].rows[0].cells == ("3.1 degrees",)
    assert said.blocks[0].label == "week04"
