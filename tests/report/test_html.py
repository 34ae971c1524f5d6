from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from gluteal.report.html import chip, embed_svg, write_html

VOID = {"meta", "link", "col", "br", "img", "hr", "input", "path", "use"}


class Page(HTMLParser):
    """Gather what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module")
def text(document) -> str:
    return write_html(document)


@pytest.fixture(scope="module")
def page(text) -> Page:
    return Page(text)


def test_every_element_is_closed(page):
    assert not page.open


def test_nothing_is_loaded_from_elsewhere(page, text):
    for attributes in page.all("script", "img", "iframe", "object", "embed", "video", "source"):
        assert "src" not in attributes
    assert not page.all("script")
    for attributes in page.all("link"):
        assert attributes["href"] == "data:,"
    for attributes in page.all("use", "image"):
        assert (attributes.get("xlink:href") or attributes.get("href") or "#").startswith("#")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_links_within_the_page_lead_somewhere(page):
    places = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [a["href"] for a in page.all("a") if a["href"].startswith("#")]
    assert len(links) > 8
    assert {link[1:] for link in links} <= places


def test_names_are_unique(page):
    places = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(places) == len(set(places))


def test_references_inside_figures_are_kept(page, text):
    places = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    used = [a["xlink:href"][1:] for a in page.all("use") if a.get("xlink:href")]
    assert used
    assert set(used) <= places
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= places


def test_every_drawing_has_its_words(page):
    drawings = page.all("svg")
    titles = {a["id"] for a in page.all("title") if "id" in a}
    assert len(drawings) == 4
    for attributes in drawings:
        assert attributes["role"] == "img"
        assert attributes["aria-labelledby"] in titles
    assert any("H1 supported" in text for text in page.text)


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_have_caption_scope_and_a_region_that_takes_focus(page):
    assert len(page.all("caption")) == len(page.all("table")) == 10
    assert all("scope" in attributes for attributes in page.all("th"))
    regions = [a for a in page.all("div") if a.get("class") == "scroll"]
    assert len(regions) == 14
    assert all(a["tabindex"] == "0" and a["role"] == "region" for a in regions)
    assert all("aria-labelledby" in a or "aria-label" in a for a in regions)


def test_landmarks_language_and_skip_link(page):
    assert page.all("html")[0]["lang"] == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_what_people_wrote_is_escaped(page, text):
    assert "<example>" not in text
    assert "<random part>" not in text
    assert "Gluteal strength, self-tests & low back pain <example>" in page.text


def test_the_banner_warns_of_synthetic_data(text):
    assert "Synthetic data" in text[: text.index("<h1>")]


def test_sources_are_links_that_open_whole(page):
    links = [a["href"] for a in page.all("a") if a["href"].startswith("https://doi.org/")]
    assert set(links) == {"https://doi.org/10.1016/0304-4076(85)90158-7"}


def test_the_same_document_gives_the_same_page(document, text):
    assert write_html(document) == text


def test_a_chip_says_its_verdict_in_words():
    assert "not testable" in chip("not testable")
    assert 'class="chip not-testable"' in chip("not testable")


def test_style_of_a_figure_does_not_leak():
    svg = (
        '<svg width="241pt" viewBox="0 0 1 1"><title>t</title><style>*{color:red}</style>'
        '<!-- text --><path id="a"/><use xlink:href="#a" clip-path="url(#a)"/></svg>'
    )
    made = embed_svg(svg, "figure-1", "words <>")
    assert "<style" not in made
    assert "<!--" not in made
    assert 'id="figure-1-a"' in made
    assert 'href="#figure-1-a"' in made
    assert "url(#figure-1-a)" in made
    assert "words &lt;&gt;" in made


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_stands_out_from_its_ground(text, theme):
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", blocks[theme]))
    for name in ("ink", "soft", "link", "warn", "supported", "contradicted", "negligible",
                 "inconclusive", "not-testable"):  # fmt: skip
        assert _contrast(colours[name], colours["paper"]) >= 4.5, name
    assert _contrast(colours["ink"], colours["wash"]) >= 4.5
    assert _contrast(colours["warn"], colours["warn-wash"]) >= 4.5


def test_what_is_folded_is_in_the_page(document):
    page = write_html(document)
    assert page.count("<details>") == page.count("</details>") > 0
    assert "<summary>Diagnostics and methods</summary>" in page
    assert 'id="table-s1"' in page
