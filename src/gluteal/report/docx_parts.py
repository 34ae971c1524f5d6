"""What Word needs and python-docx has no words for: styles, fields, repeated header rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document as Word

FONT = "Arial"
CONTENTS = ' TOC \\o "1-2" \\h '
"""The field of a table of contents: two levels, each a link."""
INK = "1D2126"
SIZES = {"Title": 20, "Subtitle": 12, "Heading 1": 15, "Heading 2": 12, "Heading 3": 10.5}
THREE_LINES = (
    '<w:tblPr xmlns:w="{ns}"><w:tblBorders>'
    '<w:top w:val="single" w:sz="12" w:space="0" w:color="auto"/>'
    '<w:bottom w:val="single" w:sz="12" w:space="0" w:color="auto"/></w:tblBorders>'
    '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="110" w:type="dxa"/></w:tblCellMar>'
    "</w:tblPr>"
)
FIRST_ROW = (
    '<w:tblStylePr xmlns:w="{ns}" w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:tcBorders>'
    '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
)
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def element(name: str, **attributes: str) -> Any:
    """Make one element of WordprocessingML."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def set_styles(word: Word) -> None:
    """Give the file its type, and the styles that a reader can change in one place."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.shared import Pt, RGBColor

    styles: Any = word.styles
    _set_font(styles["Normal"], 10)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Normal"].paragraph_format.line_spacing = 1.15
    for name, size in SIZES.items():
        _set_font(styles[name], size)
        styles[name].font.color.rgb = RGBColor.from_string(INK)
        styles[name].font.bold = name != "Subtitle"
        styles[name].font.italic = False
    for name in ("Heading 1", "Heading 2", "Heading 3"):
        styles[name].paragraph_format.space_before = Pt(18 if name == "Heading 1" else 12)
        styles[name].paragraph_format.space_after = Pt(6)
        styles[name].paragraph_format.keep_with_next = True
    for border in styles["Title"].element.iter(f"{{{NAMESPACE}}}pBdr"):
        border.getparent().remove(border)
        break
    _set_font(styles["Caption"], 9)
    styles["Caption"].font.bold = False
    styles["Caption"].font.color.rgb = RGBColor.from_string(INK)
    for name, size in (
        ("Lead", 11.5),
        ("Note", 8.5),
        ("Cell", 8.5),
        ("Callout", 10),
        ("Contents", 9),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.size = Pt(size)
    for name in ("Note", "Contents"):
        styles[name].paragraph_format.space_after = Pt(2)
    styles["Cell"].paragraph_format.space_after = styles["Cell"].paragraph_format.space_before = Pt(
        2
    )
    styles["Cell"].paragraph_format.line_spacing = 1.0
    _set_callout(styles["Callout"])
    table = styles.add_style("Three lines", WD_STYLE_TYPE.TABLE)
    for xml in (THREE_LINES, FIRST_ROW):
        table.element.append(parse_xml(xml.format(ns=NAMESPACE)))
    language = styles.element.find(f".//{{{NAMESPACE}}}lang")
    if language is not None:
        language.set(f"{{{NAMESPACE}}}val", "en-GB")


def _set_font(style: Any, size: float) -> None:
    from docx.shared import Pt

    style.font.name = FONT
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        if key.endswith("Theme"):  # a theme's font would win over ours
            del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(f"{{{NAMESPACE}}}{key}", FONT)


def _set_callout(style: Any) -> None:
    """Draw a bar to the left of a callout."""
    borders = element("w:pBdr")
    borders.append(element("w:left", val="single", sz="24", space="8", color="8A3A00"))
    style.element.get_or_add_pPr().append(borders)
    from docx.shared import Mm

    style.paragraph_format.left_indent = Mm(4)


def set_pages(word: Word, title: str, warning: str) -> None:
    """Set A4, the running head, and page numbers at the foot."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm, Pt

    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin = page.bottom_margin = Mm(22)
    for part, words in ((page.header, f"{title}\t{warning}"), (page.footer, "")):
        line: Any = part.paragraphs[0]
        stops: Any = line.style.paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(Mm(170), WD_TAB_ALIGNMENT.RIGHT)
        line.add_run(words).font.size = Pt(8)
    foot = page.footer.paragraphs[0]
    foot.add_run("For research; not clinical advice\tPage ").font.size = Pt(8)
    _add_field(foot, "PAGE")
    foot.add_run(" of ").font.size = Pt(8)
    _add_field(foot, "NUMPAGES")


def _add_field(line: Any, code: str) -> None:
    from docx.shared import Pt

    for kind in ("begin", code, "end"):
        run = line.add_run()
        run.font.size = Pt(8)
        if kind == code:
            text = element("w:instrText")
            text.text = code
            run._r.append(text)
        else:
            run._r.append(element("w:fldChar", fldCharType=kind))


def add_contents(word: Word, titles: Sequence[tuple[int, str]]) -> None:
    """List the parts: (level, title). It is a field, so that Word can add the pages to it."""
    from docx.shared import Mm

    for index, (level, title) in enumerate(titles):
        line: Any = word.add_paragraph(style="Contents")
        line.paragraph_format.left_indent = Mm(5 * (level - 1))
        if index == 0:
            for kind in ("begin", CONTENTS, "separate"):
                _add_part(line, kind)
        line.add_run(title).bold = level == 1 or None
        if index == len(titles) - 1:
            _add_part(line, "end")


def _add_part(line: Any, kind: str) -> None:
    """Add a mark of a field, or its code."""
    run = line.add_run()
    if kind in ("begin", "separate", "end"):
        run._r.append(element("w:fldChar", fldCharType=kind))
        return
    text = element("w:instrText")
    text.text = kind
    run._r.append(text)


def set_style(line: Any, style: str) -> None:
    """Set a paragraph's style by its id: by its name, python-docx asks all styles each time."""
    line._p.get_or_add_pPr().style = style


def describe_table(table: Any, text: str) -> None:
    """Give a table the description that a screen reader reads."""
    table._tbl.tblPr.append(element("w:tblCaption", val=text))


def repeat_header(row: Any) -> None:
    """Repeat the header row on every page of the table."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader", val="true"))


def keep_row(row: Any) -> None:
    """Do not break a row across pages."""
    row._tr.get_or_add_trPr().insert(0, element("w:cantSplit", val="true"))


def describe_shape(shape: Any, title: str, text: str) -> None:
    """Give a picture its alternative text."""
    about = shape._inline.docPr
    about.set("title", title)
    about.set("descr", text)
