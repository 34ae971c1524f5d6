from dataclasses import replace

import pytest

from gluteal.constants import Constant
from gluteal.report import provenance
from gluteal.report.document import Callout, Folded, Table


def test_it_is_no_clinical_advice(products):
    first = provenance.build_provenance(products).blocks[0]
    assert isinstance(first, Callout)
    assert "not clinical advice" in first.text


def test_limits_name_what_this_study_is(products):
    limits = " ".join(provenance.list_limits(products))
    assert "simulated" in limits
    assert "at one time" in limits
    assert "12 of 18 claims cannot be tested" in limits
    assert "2 diagnostics need attention" in limits
    assert "<5" in limits


def test_real_people_are_not_called_simulated(products):
    limits = " ".join(provenance.list_limits(replace(products, derived={"synthetic": False})))
    assert "simulated" not in limits


def test_an_unverified_constant_is_never_printed_as_verified(products, monkeypatch):
    marks = {"V": "verified in the source", "M": "unverified: from memory"}
    found = [
        Constant(f"c{mark}", 1.5, None, None, "kg", "m", "s", "", mark, "", "") for mark in marks
    ]
    monkeypatch.setattr(provenance, "find_constants", lambda _: found)
    (table,) = provenance.build_provenance(products).sections[1].blocks
    assert isinstance(table, Table)
    assert [row.cells[3] for row in table.rows] == list(marks.values())
    assert "1 of these are unverified" in table.notes[0]


def test_constants_named_in_the_settings_are_found(products):
    study = {**products.study, "claims": {"H1": "from constant newton_per_lbf"}}
    names = [one.name for one in provenance.find_constants(replace(products, study=study))]
    assert "newton_per_lbf" in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("word", ["c0dec0dec0de", "10c410c4", "d0d0d0d0d0d0"])
def test_fingerprints_of_code_libraries_and_data_are_shown(products, word):
    folded = provenance.build_provenance(products).sections[2].blocks[-1]
    assert isinstance(folded, Folded)
    (table,) = folded.blocks
    assert isinstance(table, Table)
    assert any(word in row.cells for row in table.rows)


def test_facts_about_the_data_are_in_words(products):
    facts = provenance.build_provenance(products).sections[2].blocks[0]
    assert ("Simulated", "yes") in facts.items
