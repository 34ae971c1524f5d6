"""The ledger command: from the products of a study to ledger.csv."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from gluteal.cli.commands import run
from gluteal.estimates import COLUMNS


@pytest.fixture
def products(tmp_path):
    study = {
        "design": "case_control",
        "analyses": {"group": {"method": "group_difference"}, "audit": {"method": "data_audit"}},
        "claims": {
            "H1": {
                "sentence": "People with pain are weaker.",
                "direction": "negative",
                "smallest_effect": 0.05,
                "smallest_effect_source": "decision",
                "scale": "difference",
                "analysis": "group",
                "method": None,
                "reason": "",
                "needs": ["hip_abd_nm_kg"],
            },
            "H2": {"sentence": "It precedes.", "method": "sorcery", "needs": ["incident_lbp"]},
        },
    }
    for folder in ("plans", "estimates", "fits", "cohort"):
        (tmp_path / folder).mkdir()
    (tmp_path / "plans" / "study.json").write_text(json.dumps(study))
    head = {
        "analysis": "group",
        "role": "primary",
        "outcome": "hip_abd_nm_kg",
        "exposure": "lbp",
        "scale": "difference",
        "unit": "Nm/kg",
        "estimate": -0.1,
        "low": -0.14,
        "high": -0.06,
        "level": 0.95,
        "p": 0.001,
        "n_people": 400,
        "converged": True,
    }
    pd.DataFrame([head], columns=list(COLUMNS)).to_csv(tmp_path / "estimates/group.csv")
    pd.DataFrame(columns=list(COLUMNS)).to_csv(tmp_path / "estimates/audit.csv")
    for name in ("group", "audit"):
        (tmp_path / "fits" / f"{name}.json").write_text('{"needs": []}')
    people = pd.DataFrame({"hip_abd_nm_kg": [1.0, 2.0], "incident_lbp": [None, None]})
    people.to_parquet(tmp_path / "cohort" / "people.parquet")
    return tmp_path


def call(folder, *more: str) -> int:
    words = ["ledger", "--study", f"{folder}/plans/study.json", "--estimates"]
    words += [f"{folder}/estimates", "--fits", f"{folder}/fits", "--out", f"{folder}/ledger.csv"]
    return run([*words, *more])


def test_the_ledger_is_written(products):
    assert call(products) == 0
    table = pd.read_csv(products / "ledger.csv")
    assert table["verdict"].tolist() == ["supported", "not testable"]
    assert table["reason"][1] == "method sorcery is not built"
    first = (products / "ledger.csv").read_bytes()
    assert call(products) == 0
    assert (products / "ledger.csv").read_bytes() == first


def test_a_unit_of_one_is_not_written(products):
    table = pd.read_csv(products / "estimates/group.csv")
    table["unit"] = 1
    table.to_csv(products / "estimates/group.csv")
    assert call(products) == 0
    assert "−0.060] (95 %" in pd.read_csv(products / "ledger.csv")["wording"][0]


def test_the_cohort_tells_what_it_lacks(products):
    assert call(products, "--cohort", f"{products}/cohort") == 0
    table = pd.read_csv(products / "ledger.csv")
    assert table["reason"][1].endswith(
        "needs new low back pain during follow-up, which this cohort lacks"
    )
    assert table["verdict"][0] == "supported"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("plans/study.json", "cannot be read"),
        ("estimates/group.csv", "Run gluteal fit for group first"),
        ("fits/audit.json", "cannot be read"),
    ],
)
def test_an_absent_file_is_named(products, capsys, spoil, words):
    (products / spoil).unlink()
    assert call(products) == 2
    message = capsys.readouterr().err
    assert spoil in message
    assert words in message
    assert not (products / "ledger.csv").exists()


def test_what_is_not_json_and_no_cohort_are_named(products, capsys):
    assert call(products, "--cohort", f"{products}/nowhere") == 2
    assert "no such folder" in capsys.readouterr().err
    (products / "plans/study.json").write_text("{")
    assert call(products) == 2
    assert "is not JSON" in capsys.readouterr().err
    (products / "plans/study.json").write_text("[]")
    assert call(products) == 2
    assert "holds no settings" in capsys.readouterr().err


def test_why_an_analysis_has_no_estimate_is_told(products):
    pd.DataFrame(columns=list(COLUMNS)).to_csv(products / "estimates/group.csv")
    why = "low back pain: fewer than two people have it"
    (products / "fits/group.json").write_text(json.dumps({"needs": [], "reason": why}))
    assert call(products) == 0
    first = pd.read_csv(products / "ledger.csv").iloc[0]
    assert (first["verdict"], first["reason"]) == ("not testable", why)
    assert first["wording"] == f"Not testable: {why}."
