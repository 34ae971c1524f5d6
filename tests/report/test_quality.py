from dataclasses import replace

from gluteal.report.document import Paragraph, Table
from gluteal.report.quality import build_quality


def test_the_check_is_told_in_counts(products):
    section = build_quality(products)
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert "2,400 rows" in first.text
    assert "12 values for a person to look up" in first.text


def test_values_set_aside_are_counted_and_small_counts_hidden(products):
    table = build_quality(products).blocks[-1]
    assert isinstance(table, Table)
    assert table.rows[0].cells[1:] == ("outside the hard range", "<5")


def test_without_a_check_there_is_nothing_to_tell(products):
    assert not build_quality(replace(products, check={}, derived={})).blocks


def test_reliability_has_its_place_here(products):
    assert [part.name for part in build_quality(products).sections] == ["analysis-reliability"]


def test_what_the_audit_says_is_not_said_twice(products):
    fit = {"tables": {"set_aside": [{"a": 1}], "queries": [{"a": 1}]}}
    audited = replace(products, analyses=[replace(products.analyses[1], fit=fit)])
    assert not [block for block in build_quality(audited).blocks if isinstance(block, Table)]
