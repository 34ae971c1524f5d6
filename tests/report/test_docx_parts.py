import docx

from gluteal.report import docx_parts as parts


def test_styles_have_one_font_and_no_theme():
    word = docx.Document()
    parts.set_styles(word)
    for name in ("Normal", "Title", "Heading 1", "Caption"):
        fonts = word.styles[name].element.rPr.rFonts
        assert not [key for key in fonts.attrib if key.endswith("Theme")]
        assert word.styles[name].font.name == parts.FONT


def test_the_table_style_has_three_lines():
    word = docx.Document()
    parts.set_styles(word)
    xml = word.styles["Three lines"].element.xml
    assert xml.count("<w:top ") == 1
    assert xml.count("<w:bottom ") == 2
    assert "<w:insideV" not in xml


def test_running_head_and_page_numbers():
    word = docx.Document()
    parts.set_pages(word, "The title", "The warning")
    assert word.sections[0].header.paragraphs[0].text == "The title\tThe warning"
    xml = word.sections[0].footer.paragraphs[0]._p.xml
    assert "PAGE" in xml
    assert "NUMPAGES" in xml
