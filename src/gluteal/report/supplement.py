"""Paper cannot fold: what a page folds away goes into a supplement at the end."""

from __future__ import annotations

from dataclasses import replace

from gluteal.report.document import Block, Document, Folded, Paragraph, Section, Table

TITLE = "Supplement: all estimates and diagnostics"


def move_folded(document: Document) -> Document:
    """Move folded tables to the end; where they were, a line says where they are.

    Folded text is left out: the Methods say it once more.
    """
    found: list[Section] = []
    sections = tuple(_leave(section, found) for section in document.sections)
    if not found:
        return document if sections == document.sections else replace(document, sections=sections)
    last = Section("supplement", TITLE, (), tuple(found))
    return replace(document, sections=(*sections, last))


def _leave(section: Section, found: list[Section]) -> Section:
    """Return a section without what it folds, and add that to what was found."""
    blocks: list[Block] = []
    for block in section.blocks:
        if not isinstance(block, Folded):
            blocks.append(block)
            continue
        tables = [one for one in block.blocks if isinstance(one, Table)]
        if tables:
            name = f"supplement-{len(found) + 1}"
            found.append(Section(name, section.title, tuple(tables)))
            labels = list(dict.fromkeys((tables[0].label, tables[-1].label)))
            blocks.append(Paragraph(f"More in the supplement: {' to '.join(labels)}.", "note"))
    parts = tuple(_leave(part, found) for part in section.sections)
    return replace(section, blocks=tuple(blocks), sections=parts)
