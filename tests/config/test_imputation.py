import json

import pytest

from gluteal.config.imputation import (
    check_imputation,
    chosen_variables,
    imputation_text,
    list_models,
    plan_imputation,
    uses_imputation,
)
from gluteal.config.plan import plan_text
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study
from gluteal.errors import UserError


def study_of(root, **changes):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    return parse_study(raw | changes)


def test_by_default_nothing_is_imputed(root):
    study = study_of(root, imputation={})
    assert not any(uses_imputation(study, name) for name in study.analyses)
    assert "imputation" not in json.loads(plan_text(study, "strength_by_lbp"))


def test_auto_takes_what_the_models_use(root):
    study = study_of(root, imputation={"m": 20, "never": ["age_years"]})
    names = chosen_variables(study)
    assert {"hip_abd_nm_kg", "lbp", "log_met", "pelvic_tilt_asis_psis_deg"} <= set(names)
    assert "age_years" not in names and "rmdq_0_24" not in names
    visits = {tuple(model["visits"]) for model in list_models(study)}
    assert {("baseline",), ("baseline", "week08", "week12")} <= visits  # strength, then pain
    assert chosen_variables(study_of(root, imputation={"variables": ["phq9"]})) == ["phq9"]


def test_only_methods_that_use_imputations_are_planned_anew(root):
    few, many = (study_of(root, imputation={"m": m}) for m in (5, 20))
    assert uses_imputation(many, "strength_by_lbp") and not uses_imputation(many, "table_one")
    assert plan_text(few, "table_one") == plan_text(many, "table_one")
    assert plan_text(few, "strength_by_lbp") != plan_text(many, "strength_by_lbp")


def test_deltas_reach_the_analysis_of_that_outcome_alone(root):
    study = study_of(root, imputation={"m": 5, "deltas": {"hip_abd_nm_kg": [-0.1]}})
    assert plan_imputation(study, "strength_by_lbp", ())["deltas"] == [-0.1]
    assert plan_imputation(study, "strength_tilt", ())["deltas"] == []
    # The imputation itself is missing at random, whatever the deltas.
    assert imputation_text(study) == imputation_text(study_of(root, imputation={"m": 5}))


def test_a_caption_does_not_impute_anew(root):
    raw = read_yaml(root / "config" / "config.yaml")["analyses"]
    changed = raw | {"strength_tilt": raw["strength_tilt"] | {"caption": "Another question?"}}
    one, two = (study_of(root, imputation={"m": 5}, analyses=a) for a in (raw, changed))
    assert imputation_text(one) == imputation_text(two)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"m": 1}, "one imputation cannot be pooled"),
        ({"cycle": 5}, "cycles"),
        ({"variables": ["nprs_avgg"]}, "no such variable"),
        ({"variables": ["arm"]}, "its gaps are no gaps"),
        ({"normal": ["sex"]}, "is not a number"),
        ({"deltas": {"sex": [1]}}, "is not a number"),
        ({"never": ["ages"]}, "no such variable"),
    ],
)
def test_faults_are_named(root, settings, words):
    with pytest.raises(UserError, match=words):
        study_of(root, imputation=settings)


def test_a_sound_block_has_no_fault(root):
    assert list(check_imputation(study_of(root, imputation={"m": 20}))) == []
