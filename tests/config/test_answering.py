from __future__ import annotations

import pytest

from gluteal.config.answering import name_answering, name_group, write_smallest_effect
from gluteal.config.study import read_study
from gluteal.errors import UserError


@pytest.fixture(scope="module")
def study(root):
    return read_study(root / "config" / "config.yaml")


def test_the_analyses_that_answer_are_those_that_claims_name(study):
    found = name_answering(study)
    assert "strength_by_lbp" in found
    assert "table_one" not in found
    assert len(found) == sum(claim.analysis is not None for claim in study.claims.values())


def test_a_group_begins_with_the_analysis_itself(study):
    assert name_group(study, "strength_by_lbp")[0] == "strength_by_lbp"
    assert name_group(study, "table_one") == ["table_one"]
    for name in name_group(study, "strength_tilt"):
        assert study.analyses[name].claim == "H5"


def test_the_smallest_effect_is_an_argument(study):
    assert write_smallest_effect(study, "strength_by_lbp") == "--smallest-effect 0.05"
    assert write_smallest_effect(study, "table_one") == ""


def test_a_name_that_would_take_the_figures_place_is_refused(study, root):
    import yaml

    from gluteal.config.study import parse_study

    raw = yaml.safe_load((root / "config" / "config.yaml").read_text())
    raw["analyses"]["strength_by_lbp_threats"] = {**raw["analyses"]["extension_by_lbp"]}
    with pytest.raises(UserError, match="kept for a figure"):
        parse_study(raw, root / "config" / "config.yaml")
