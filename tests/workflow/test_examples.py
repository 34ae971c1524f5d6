"""The example of each design, from simulated people to the answers, as its user runs it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

WRONG = {
    # What the world of each example rules out: small effects, weakness that hurts, pain that
    # weakens, nothing at all.
    "case_control": {
        "H1": {"contradicted", "negligible"},
        "H5": {"supported", "contradicted"},
        "H6": {"contradicted", "negligible"},
    },
    "cohort": {"H2": {"contradicted", "negligible"}, "H6": {"contradicted", "negligible"}},
    "repeated_measures": {"H3": {"supported", "contradicted"}, "H4": {"contradicted"}},
    "programme": {name: {"supported", "contradicted"} for name in ("H14", "H15", "H16")},
}


def snakemake(home: Path, name: str, *targets: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(home / "src")}
    environment.pop("GLUTEAL_WARM", None)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "snakemake"), "--cores", "2", *targets,
         "--configfile", f"config/examples/{name}.yaml"],
        cwd=home, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    return done


def copy_project(root: Path, home: Path) -> Path:
    for name in ("workflow", "src", "config"):
        shutil.copytree(root / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "requirements.lock", home)
    return home


def read_ledger(home: Path, name: str) -> dict[str, dict[str, str]]:
    with (home / "reports" / name / "ledger.csv").open(encoding="utf-8", newline="") as stream:
        return {row["claim"]: row for row in csv.DictReader(stream)}


def check_answers(home: Path, name: str) -> dict[str, dict[str, str]]:
    """Every claim that an analysis should answer has an estimate; the others have their reason."""
    config = yaml.safe_load((home / "config" / "examples" / f"{name}.yaml").read_text())
    found = read_ledger(home, name)
    assert list(found) == list(config["claims"])
    for key, claim in config["claims"].items():
        untested = found[key]["verdict"] == "not testable"
        assert untested == ("analysis" not in claim), (key, found[key]["reason"])
    folder = home / "reports" / name / "fits"
    for path in folder.iterdir():
        fit = json.loads(path.read_text(encoding="utf-8"))
        assert not fit["needs"], path.name
        assert not fit["reason"], path.name
    return found


@pytest.mark.workflow
def test_a_small_programme_is_answered_under_its_frozen_plan(root, tmp_path):
    home = copy_project(root, tmp_path)
    path = home / "config" / "examples" / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["simulated"]["n"] = 150
    config["imputation"]["m"] = 2
    for name in ("pain_courses", "power_programme", "data_audit"):  # slow at any size
        del config["analyses"][name]
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    snakemake(home, "programme", "reports/programme/ledger.csv")
    found = check_answers(home, "programme")
    assert "effect" in found["H14"]["wording"]  # chance made the arms
    study = json.loads((home / "reports/programme/plans/study.json").read_text(encoding="utf-8"))
    places = {one["place"]: one["reason"] for one in study["registration"]["changes"]}
    assert places.pop("analyses.programme_pain.delta")
    assert set(places) == {
        "simulated.n",
        "imputation.m",
        *(f"analyses.{name}" for name in ("pain_courses", "power_programme", "data_audit")),
    }
    assert not any(places.values())  # nobody gave a reason, so the report will say that


@pytest.mark.nightly
@pytest.mark.workflow
@pytest.mark.parametrize("name", list(WRONG))
def test_an_example_says_nothing_that_its_world_rules_out(root, tmp_path, name):
    home = copy_project(root, tmp_path)
    snakemake(home, name)
    found = check_answers(home, name)
    for claim, wrong in WRONG[name].items():
        assert found[claim]["verdict"] not in wrong, found[claim]["wording"]
    for form in ("html", "docx", "pdf"):
        assert (home / "reports" / name / f"report.{form}").stat().st_size > 5000
    account = json.loads((home / f"data/processed/{name}/imputed.json").read_text("utf-8"))
    assert account["converged"], account["warnings"]
    if name == "programme":
        page = (home / "reports/programme/report.html").read_text(encoding="utf-8")
        assert "analyses.programme_pain.delta" in page
        assert "no reason given" not in page
