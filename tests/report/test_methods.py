from dataclasses import replace

import pytest

from gluteal.report.document import Bullets, Paragraph
from gluteal.report.methods import build_methods, cite, gather


def test_each_sentence_stands_once(products):
    said = gather(products)
    assert list(said) == ["Are the hip abductors weaker in people with pain?"]
    assert " ".join(said.values()).count("HC3") == 1


def test_the_section_names_design_software_and_verdicts(products):
    openings = [b.opening for b in build_methods(products).blocks if isinstance(b, Paragraph)]
    assert openings == [
        "Design.",
        "Are the hip abductors weaker in people with pain?",
        "Verdicts.",
        "Software.",
    ]
    assert "NumPy 2.4.0" in build_methods(products).blocks[-1].text


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("As shown (doi:10.1016/0304-4076(85)90158-7).", "doi:10.1016/0304-4076(85)90158-7"),
        ("See 10.1000/abc.def, too", "doi:10.1000/abc.def"),
        ("See (Smith 2005; doi:10.1000/x-1)", "doi:10.1000/x-1"),
    ],
)
def test_sources_are_found_whole(products, text, doi):
    one = replace(products.analyses[2], fit={"sentences": [text]}, plan={})
    assert cite(replace(products, analyses=[one])) == [doi]


def test_sources_are_listed_once(products):
    (sources,) = build_methods(products).sections
    assert sources.blocks == (Bullets(("doi:10.1016/0304-4076(85)90158-7",)),)
