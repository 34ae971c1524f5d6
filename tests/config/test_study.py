import copy

import pytest

from gluteal.cli.commands import run
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study, read_study
from gluteal.errors import UserError


@pytest.fixture(scope="module")
def raw(root):
    config = read_yaml(root / "config" / "config.yaml")
    config["dag"] = str(root / "config" / "dag.yaml")
    return config


def faults(raw, file):
    with pytest.raises(UserError) as caught:
        parse_study(raw, file)
    return caught.value.faults


def test_the_shipped_configs_are_valid(root, monkeypatch):
    monkeypatch.chdir(root)
    configs = [root / "config" / "config.yaml", *(root / "config" / "examples").glob("*.yaml")]
    for config in configs:
        assert read_study(config).analyses


BROKEN = {
    "misspelt key": (("titel", "x"), "titel", "Did you mean 'title'?"),
    "missing key": (("design", None), "design", "required key is missing"),
    "unknown design": (("design", "casecontrol"), "design", "case_control"),
    "misspelt key of an analysis": (
        ("analyses.strength_by_lbp.outcom", "x"),
        "outcom",
        "Did you mean 'outcome'?",
    ),
    "unknown method": (
        ("analyses.strength_by_lbp.method", "group_diference"),
        "method",
        "group_difference",
    ),
    "no method": (("analyses.strength_by_lbp.method", None), "method", "names no method"),
    "unknown variable": (
        ("analyses.strength_by_lbp.outcome", "hip_abd_nmkg"),
        "outcome",
        "hip_abd_nm_kg",
    ),
    "exposure equal to outcome": (
        ("analyses.strength_tilt.exposure", "pelvic_tilt_asis_psis_deg"),
        "exposure",
        "same",
    ),
    "a mediator as covariate": (
        ("analyses.strength_lbp.adjust", ["age_years", "pelvic_tilt_asis_psis_deg"]),
        "adjust",
        "mediator",
    ),
    "a descendant of the outcome as covariate": (
        ("analyses.strength_lbp.adjust", ["odi_pct"]),
        "adjust",
        "override_reason",
    ),
    "the exposure as covariate": (
        ("analyses.strength_lbp.adjust", ["hip_abd_nm_kg"]),
        "adjust",
        "exposure or the outcome",
    ),
    "unknown claim": (("analyses.strength_by_lbp.claim", "H99"), "claim", "no such claim"),
    "claim without analysis": (("claims.H1.analysis", "nothing"), "analysis", "no such analysis"),
    "claim without smallest effect": (("claims.H1.smallest_effect", None), "H1", "smallest"),
    "smallest effect without source": (
        ("claims.H1.smallest_effect_source", ""),
        "H1",
        "has no source",
    ),
    "negative smallest effect": (("claims.H1.smallest_effect", -1), "smallest_effect", "greater"),
    "text for a number": (("min_cell", "five"), "min_cell", "integer"),
    "level above one": (("analyses.strength_by_lbp.level", 95), "level", "less than 1"),
    "no analyses": (("analyses", {}), "analyses", "at least 1"),
    "capital in a name": (("study", "My Study"), "study", "pattern"),
    "missing graph": (("dag", "nowhere.yaml"), "dag", "nowhere.yaml"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_config_names_the_place_and_what_to_do(kind, raw, tmp_path, capsys):
    (path, value), place, words = BROKEN[kind]
    broken = copy.deepcopy(raw)
    inner = broken
    *parents, last = path.split(".")
    for key in parents:
        inner = inner[key]
    if value is None:
        inner.pop(last)
    else:
        inner[last] = value
    import yaml

    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(broken, sort_keys=False))
    found = faults(read_yaml(file), file)
    assert any(place in fault.column for fault in found), [str(f) for f in found]
    assert any(words in str(fault) for fault in found), [str(f) for f in found]
    assert run(["plan", str(tmp_path / "out.json"), "--config", str(file)]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["config.yaml"]


def test_all_faults_come_at_once_with_their_lines(raw, tmp_path):
    import yaml

    broken = copy.deepcopy(raw)
    broken["titel"] = "x"
    broken["min_cell"] = 0
    broken["analyses"]["reliability"]["methd"] = "x"
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(broken, sort_keys=False))
    found = faults(broken, file)
    assert len(found) == 3
    lines = file.read_text().splitlines()
    for fault in found:
        assert fault.column.rpartition(".")[2] in lines[fault.row - 1]


def test_an_override_reason_lets_a_mediator_in(raw):
    allowed = copy.deepcopy(raw)
    allowed["analyses"]["strength_lbp"] |= {
        "adjust": ["pelvic_tilt_asis_psis_deg"],
        "override_reason": "the controlled direct effect is asked for",
    }
    assert parse_study(allowed).analyses["strength_lbp"].override_reason
