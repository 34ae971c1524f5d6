from __future__ import annotations

from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from gluteal.report.docx import write_docx


@pytest.fixture(scope="module")
def path(document, tmp_path_factory):
    path = tmp_path_factory.mktemp("word") / "report.docx"
    write_docx(document, path)
    return path


@pytest.fixture(scope="module")
def word(path):
    return docx.Document(str(path))


def test_tables_are_tables(word):
    assert len(word.tables) == 10
    first = word.tables[0]
    assert first.style.name == "Three lines"
    assert [cell.text for cell in first.rows[0].cells][1] == "No pain (n = 160)"
    assert [cell.text for cell in first.rows[1].cells] == [
        "Age (years)",
        "41.2 (11.0)",
        "43.9 (12.1)",
        "0.23",
    ]


def test_the_header_row_repeats(word):
    for table in word.tables:
        marks = table.rows[0]._tr.trPr.findall(qn("w:tblHeader"))
        assert [mark.get(qn("w:val")) for mark in marks] == ["true"]


def test_group_rows_span_the_table(word):
    estimates = next(t for t in word.tables if t.rows[0].cells[0].text == "Model")
    cells = estimates.rows[1].cells
    assert cells[0]._tc is cells[-1]._tc
    assert cells[0].text.startswith("Primary")


def test_pictures_have_words(word):
    assert len(word.inline_shapes) == 4
    for shape in word.inline_shapes:
        assert len(shape._inline.docPr.get("descr")) > 20
        assert shape.width.mm <= 170.1


def test_captions_and_headings_are_styles(word):
    styles = [line.style.name for line in word.paragraphs]
    assert styles.count("Caption") == 14
    assert styles[0] == "Title"
    assert {"Heading 1", "Heading 2"} <= set(styles)


def test_nobody_and_no_date_is_named(path):
    with ZipFile(path) as packed:
        core = packed.read("docProps/core.xml").decode()
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in packed.infolist())
    assert "python-docx" not in core
    assert "dcterms:created" not in core
    assert "<dc:title>Gluteal strength" in core


def test_the_same_document_gives_the_same_bytes(document, path, tmp_path):
    write_docx(document, tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == path.read_bytes()


def test_every_page_warns_of_synthetic_data_and_has_a_number(word):
    page = word.sections[0]
    assert "Synthetic data" in page.header.paragraphs[0].text
    assert "PAGE" in page.footer.paragraphs[0]._p.xml
    assert page.page_width.mm == pytest.approx(210, abs=0.1)


def test_the_parts_are_listed_in_a_field_that_word_can_renew(word, document):
    listed = [line for line in word.paragraphs if line.style.name == "Contents"]
    titles = [line.text for line in listed]
    assert titles[0] == document.sections[0].title
    assert titles[-1].startswith("Supplement")
    xml = "".join(line._p.xml for line in listed)
    assert xml.count('fldCharType="begin"') == xml.count('fldCharType="end"') == 1
    assert "TOC" in xml
