from __future__ import annotations

import shutil

import pytest

from gluteal.errors import UserError
from gluteal.report import read_products
from gluteal.report.products import describe_svg


def test_everything_is_read(products):
    assert [analysis.name for analysis in products.analyses] == [
        "table_one", "reliability", "strength_by_lbp", "strength_lbp",
    ]  # fmt: skip
    assert products.synthetic
    assert len(products.ledger) == 18
    assert products.flow[1]["reason"] == "red flag at screening"
    assert products.check["queries"] == 12


def test_an_analysis_knows_its_figure_in_words(products):
    strength = products.analyses[2]
    assert strength.svg.is_file()
    assert strength.alt.startswith("Forest plot")


def test_all_missing_products_are_named_at_once(made, tmp_path):
    reports = tmp_path / "reports"
    shutil.copytree(made[0], reports)
    (reports / "ledger.csv").unlink()
    (reports / "fits" / "table_one.json").write_text("{")
    with pytest.raises(UserError) as caught:
        read_products(reports, tmp_path / "nowhere")
    text = str(caught.value)
    assert "ledger.csv: no such file" in text
    assert "table_one.json: cannot be read" in text
    assert "derived.json: no such file" in text


def test_without_derived_tables_the_rest_is_read(made):
    products = read_products(made[0])
    assert not products.flow
    assert not products.synthetic


def test_descriptions_are_unescaped(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("<svg><desc>a &lt; b &amp; c</desc></svg>")
    assert describe_svg(path) == "a < b & c"
    assert describe_svg(tmp_path / "none.svg") == ""
