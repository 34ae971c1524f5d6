"""Write the document as a Word file: real headings, captions and tables that can be edited."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from gluteal.report import docx_parts as parts
from gluteal.report.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Facts,
    Folded,
    Paragraph,
    Picture,
    Section,
    Table,
    Verdicts,
)
from gluteal.report.supplement import move_folded

if TYPE_CHECKING:
    from docx.document import Document as Word

EPOCH = (1980, 1, 1, 0, 0, 0)
TEXT_MM, MOST_HEIGHT_MM = 170.0, 215.0
DPI = 300
COLOURS = {
    "supported": "00588C",
    "contradicted": "A33B00",
    "negligible": "4D545C",
    "inconclusive": "7A5000",
    "needs attention": "8A3A00",
}


def write_docx(document: Document, path: Path) -> None:
    """Write the Word file; the same document gives the same bytes."""
    import docx

    document = move_folded(document)
    word = docx.Document()
    parts.set_styles(word)
    parts.set_pages(word, document.title, document.mark)
    _describe(word, document)
    word.add_paragraph(document.title, style="Title")
    if document.warning:
        _write(word, document.warning, bold=True, colour=COLOURS["needs attention"])
    if document.question:
        word.add_paragraph(document.question, style="Subtitle")
    parts.add_contents(word, list(_list_titles(document)))
    for section in document.sections:
        _add_section(word, section, 1)
    stream = BytesIO()
    word.save(stream)
    path.write_bytes(_fix_dates(stream.getvalue()))


def _list_titles(document: Document) -> Iterator[tuple[int, str]]:
    """List the parts and what is in them; the supplement has the same parts once more."""
    for section in document.sections:
        yield 1, section.title
        if section.name != "supplement":
            yield from ((2, part.title) for part in section.sections)


def _describe(word: Word, document: Document) -> None:
    """Set title and subject; take author and dates out, which say nothing about the study."""
    about = word.core_properties
    about.title, about.subject, about.language = document.title, document.question[:250], "en-GB"
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    element: Any = about._element  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    for child in list(element):
        if child.tag.endswith(("}created", "}modified", "}lastPrinted")):
            element.remove(child)


def _fix_dates(content: bytes) -> bytes:
    """Pack again without the time of day."""
    stream = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, EPOCH), old.read(name), ZIP_DEFLATED)
    return stream.getvalue()


def _add_section(word: Word, section: Section, level: int) -> None:
    word.add_heading(section.title, level)
    for block in section.blocks:
        _add_block(word, block)
    for part in section.sections:
        _add_section(word, part, level + 1)


def _write(
    word: Word, text: str, opening: str = "", style: str | None = None, *,
    bold: bool = False, colour: str = "",
) -> Any:  # fmt: skip
    """Add a paragraph; ``opening`` is set bold in front."""
    from docx.shared import RGBColor

    line = word.add_paragraph(style=style)
    if opening:
        line.add_run(f"{opening} ").bold = True
    run = line.add_run(text)
    run.bold = bold or None
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return line


def _add_block(word: Word, block: Block) -> None:
    match block:
        case Paragraph():
            style = {"lead": "Lead", "note": "Note"}.get(block.tone)
            _write(word, block.text, block.opening, style)
        case Bullets():
            for item in block.items:
                _write(word, item, style="List Bullet")
        case Facts():
            for term, text in block.items:
                _write(word, text, f"{term}:")
        case Callout():
            _write(word, block.text, f"{block.title}.", "Callout")
            for item in block.items:
                _write(word, f"– {item}", style="Callout")
        case Verdicts():
            _add_verdicts(word, block)
        case Table():
            for part in block.parts():
                _add_table(word, part)
        case Picture():
            _add_picture(word, block)
        case Folded():  # moved to the supplement before this
            pass


def _add_verdicts(word: Word, verdicts: Verdicts) -> None:
    from docx.shared import Pt, RGBColor

    for said in verdicts.items:
        line = word.add_paragraph()
        line.paragraph_format.space_before = Pt(10)
        line.paragraph_format.space_after = Pt(2)
        line.paragraph_format.keep_with_next = True
        line.add_run(f"{said.claim}  {said.sentence} ").bold = True
        run = line.add_run(said.verdict)
        run.bold = True
        run.font.color.rgb = RGBColor.from_string(COLOURS.get(said.verdict, "4D545C"))
        _write(word, said.wording).paragraph_format.space_after = Pt(2)
        if said.details:
            _write(word, said.details, style="Note")


def _add_table(word: Word, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, RGBColor

    caption = _write(word, table.caption, f"{table.label}.", "Caption")
    caption.paragraph_format.keep_with_next = True
    made = word.add_table(rows=1 + len(table.rows), cols=len(table.head), style="Three lines")
    made.autofit = False
    parts.describe_table(made, f"{table.label}. {table.caption}")
    parts.repeat_header(made.rows[0])
    numeric = (*table.numeric, *(False for _ in table.head))
    widths = [Mm(TEXT_MM * share) for share in table.shares]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    lines = [(table.head, False), *((row.cells, row.group) for row in table.rows)]
    for row, (texts, group) in zip(list(made.rows), lines, strict=True):
        parts.keep_row(row)
        cells = row.cells
        if group:
            cells[0].merge(cells[-1])
        for column, text in enumerate(texts):
            cell = cells[column]
            line = cell.paragraphs[0]
            parts.set_style(line, "Cell")
            run = line.add_run(text.strip())
            if numeric[column] and not group:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if text.startswith(" "):
                line.paragraph_format.left_indent = Mm(3)
            if group:
                run.bold = True
            if text in COLOURS:
                run.bold, run.font.color.rgb = True, RGBColor.from_string(COLOURS[text])
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(TEXT_MM) if group else width
    for note in table.notes:
        _write(word, note, style="Note")
    word.add_paragraph(style="Note")


def _add_picture(word: Word, picture: Picture) -> None:
    from docx.shared import Mm
    from PIL import Image

    with Image.open(picture.png) as image:
        width, height = (side / DPI * 25.4 for side in image.size)
    scale = min(1.0, TEXT_MM / width, MOST_HEIGHT_MM / height)
    line = word.add_paragraph()
    line.paragraph_format.keep_with_next = True
    shape = line.add_run().add_picture(str(picture.png), width=Mm(width * scale))
    parts.describe_shape(shape, picture.label, picture.alt)
    _write(word, picture.caption, f"{picture.label}.", "Caption")
