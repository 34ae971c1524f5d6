"""A frozen plan: locked before, hashed after, every later change told with its reason."""

import json

import pytest
import yaml

from gluteal.config.registration import check_unlocked, compare, describe, freeze, read_frozen
from gluteal.config.study import parse_study
from gluteal.errors import UserError

DAY = "2026-11-01"


@pytest.fixture
def raw(root, tmp_path):
    return {
        "title": "T",
        "design": "case_control",
        "cohort": "c",
        "products": str(tmp_path / "reports"),
        "dag": str(root / "config" / "dag.yaml"),
        "registered": str(tmp_path / "registered" / "plan.json"),
        "claims": {
            "H1": {
                "sentence": "Weaker.",
                "direction": "negative",
                "smallest_effect": 0.05,
                "smallest_effect_source": "decision",
                "analysis": "strength",
            }
        },
        "analyses": {
            "strength": {
                "method": "group_difference",
                "claim": "H1",
                "outcome": "hip_abd_nm_kg",
                "exposure": "lbp",
                "role": "primary",
            }
        },
    }


@pytest.fixture
def frozen(raw, tmp_path):
    return freeze(parse_study(raw), tmp_path / "config.yaml", DAY)


def test_without_a_frozen_plan_outcomes_stay_locked(raw):
    study = parse_study(raw)
    with pytest.raises(UserError, match="outcomes stay locked") as caught:
        check_unlocked(study)
    assert "gluteal plan --freeze" in str(caught.value)
    check_unlocked(parse_study({k: v for k, v in raw.items() if k != "registered"}))


def test_a_frozen_plan_unlocks_and_names_covariates(raw, frozen):
    study = parse_study(raw)
    check_unlocked(study)
    assert "age_years" in frozen["plan"]["analyses"]["strength"]["adjust"]
    assert not frozen["estimates_existed"]
    assert "cohort" not in frozen["plan"]
    assert describe(study)["changes"] == []
    again = freeze(study, study.registered, "2027-01-01")
    assert again["frozen_on"] == DAY


def test_the_document_says_what_is_planned(raw, frozen):
    text = parse_study(raw).registered.with_suffix(".md").read_text()
    for words in (DAY, frozen["sha256"], "Weaker.", "0.05 (decision)", "group_difference", "Holm"):
        assert words in text
    assert "Age -> Str" in text


def test_a_plan_frozen_after_estimates_says_so(raw, tmp_path):
    made = tmp_path / "reports" / "estimates"
    made.mkdir(parents=True)
    (made / "strength.csv").write_text("x\n")
    study = parse_study(raw)
    assert freeze(study, tmp_path / "c.yaml", DAY)["estimates_existed"]
    assert "Estimates of this study existed" in study.registered.with_suffix(".md").read_text()


def test_a_change_is_told_with_its_date_and_reason(raw, frozen):
    raw["analyses"]["strength"]["level"] = 0.9
    raw["claims"]["H1"]["smallest_effect"] = 0.1
    raw["deviations"] = [
        {"what": "analyses.strength", "date": "2026-11-20", "reason": "Asked by the reviewer."},
        {"what": "Recruitment", "date": "2026-11-21", "reason": "Stopped early."},
    ]
    changes = {one.place: one for one in compare(frozen, parse_study(raw))}
    told = changes["analyses.strength.level"]
    assert (told.was, told.now, told.date) == ("0.95", "0.9", "2026-11-20")
    assert told.reason == "Asked by the reviewer."
    silent = changes["claims.H1.smallest_effect"]
    assert (silent.was, silent.now, silent.reason) == ("0.05", "0.1", "")
    assert changes["Recruitment"].reason == "Stopped early."


def test_added_and_removed_analyses_are_deviations(raw, frozen):
    raw["analyses"]["audit"] = {"method": "data_audit"}
    (one,) = compare(frozen, parse_study(raw))
    assert (one.place, one.was, one.now) == ("analyses.audit", "none", "data_audit")


def test_another_plan_is_not_frozen_over_the_first(raw, frozen, tmp_path):
    raw["title"] = "Other"
    with pytest.raises(UserError, match=f"another plan, frozen on {DAY}"):
        freeze(parse_study(raw), tmp_path / "c.yaml", DAY)


def test_a_frozen_plan_that_was_edited_is_refused(raw, frozen):
    path = parse_study(raw).registered
    edited = json.loads(path.read_text())
    edited["plan"]["claims"]["H1"]["smallest_effect"] = 0.001
    path.write_text(json.dumps(edited))
    with pytest.raises(UserError, match="was changed after it was frozen"):
        read_frozen(path)
    path.write_text("{")
    with pytest.raises(UserError, match="is no frozen plan"):
        read_frozen(path)


def test_the_config_must_name_a_file_for_it(raw, tmp_path):
    del raw["registered"]
    with pytest.raises(UserError, match="names no file for the frozen plan"):
        freeze(parse_study(raw), tmp_path / "c.yaml", DAY)


def test_a_deviation_without_a_reason_or_a_real_date_is_refused(raw):
    raw["deviations"] = [{"what": "analyses.strength", "date": "yesterday", "reason": ""}]
    with pytest.raises(UserError) as caught:
        parse_study(raw)
    places = {fault.column for fault in caught.value.faults}
    assert places == {"deviations.0.date", "deviations.0.reason"}


def test_the_command_freezes_and_then_plans(raw, tmp_path, capsys):
    from gluteal.cli.commands import run as main

    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(raw))
    out = ["--config", str(config)]
    assert main(["plan", str(tmp_path / "a.json"), "--analysis", "strength", *out]) == 2
    assert "outcomes stay locked" in capsys.readouterr().err
    assert not (tmp_path / "a.json").exists()
    assert main(["plan", "--freeze", *out]) == 0
    assert "SHA-256" in capsys.readouterr().out
    assert main(["plan", str(tmp_path / "a.json"), "--analysis", "strength", *out]) == 0
    assert main(["plan", *out]) == 2
