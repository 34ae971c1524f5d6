from __future__ import annotations

from gluteal.report.document import (
    Document,
    Folded,
    Paragraph,
    Row,
    Section,
    Table,
    number_document,
)
from gluteal.report.supplement import TITLE, move_folded

TABLE = Table("t", ("name", "value"), (Row(("a", "1")),))
FOLDED = Folded("Estimates and methods", (TABLE, TABLE, Paragraph("by least squares")))


def test_folded_tables_stand_at_the_end_under_the_title_of_their_section():
    inner = Section("b", "Question?", (TABLE, FOLDED))
    moved = move_folded(number_document(Document("t", "", "", (Section("a", "A", (), (inner,)),))))
    assert [section.title for section in moved.sections] == ["A", TITLE]
    (left,) = moved.sections[0].sections
    assert [type(block) for block in left.blocks] == [Table, Paragraph]
    assert left.blocks[0].label == "Table 1"
    assert left.blocks[1].text == "More in the supplement: Table S1 to Table S2."
    (there,) = moved.sections[1].sections
    assert there.title == "Question?"
    assert [block.label for block in there.blocks] == ["Table S1", "Table S2"]


def test_folded_text_alone_leaves_nothing_behind():
    section = Section("a", "A", (Folded("Methods", (Paragraph("by least squares"),)),))
    moved = move_folded(Document("t", "", "", (section,)))
    assert moved.sections == (Section("a", "A"),)


def test_without_folds_nothing_changes():
    document = Document("t", "", "", (Section("a", "A", (TABLE,)),))
    assert move_folded(document) is document
