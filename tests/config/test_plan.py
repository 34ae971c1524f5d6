import json

import pytest

from gluteal.config.plan import derive_text, figure_code, make_plan, plan_text, study_text
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study


@pytest.fixture(scope="module")
def study(root):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    return parse_study(raw)


def test_a_plan_holds_settings_code_and_resolved_covariates(study):
    plan = make_plan(study, "strength_by_lbp")
    assert plan["spec"]["adjust"] and plan["spec"]["adjust"] != "dag"
    assert len(plan["code"]) == 12
    assert plan["spec"]["method"] == "group_difference"


def test_the_same_settings_give_the_same_bytes(study):
    assert plan_text(study, "strength_tilt") == plan_text(study, "strength_tilt")
    assert json.loads(plan_text(study, "strength_tilt"))["analysis"] == "strength_tilt"


def test_figure_and_fit_have_separate_fingerprints(study):
    assert figure_code(study, "strength_by_lbp") != make_plan(study, "strength_by_lbp")["code"]


def test_claims_keep_the_order_of_the_config(study):
    assert list(json.loads(study_text(study))["claims"]) == [f"H{n}" for n in range(1, 19)]


def test_study_and_derive_are_plain_json(study):
    assert json.loads(study_text(study))["design"] == "case_control"
    assert json.loads(derive_text(study))["min_cell"] == 5


def test_the_smallest_cell_of_the_study_reaches_every_method(root):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    strict = parse_study(raw | {"min_cell": 10})
    assert make_plan(strict, "table_one")["spec"]["min_cell"] == 10
    assert make_plan(strict, "data_audit")["spec"]["min_cell"] == 10
