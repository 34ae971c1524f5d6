from dataclasses import replace

from gluteal.report.contents import build_document


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
