from __future__ import annotations

import json

import pandas as pd
import pytest

from gluteal.cli.commands import run
from gluteal.estimates import COLUMNS

FORMS = ("svg", "png", "pdf", "txt")


@pytest.fixture
def products(tmp_path):
    row = {"model": "adjusted", "outcome": "hip_abd_nm_kg", "scale": "difference", "unit": "Nm/kg",
           "estimand": "mean difference", "estimate": -0.1, "low": -0.2, "high": 0.0}  # fmt: skip
    table = pd.DataFrame([row], columns=list(COLUMNS))
    table.to_csv(tmp_path / "a.csv", index=False)
    plan = {"analysis": "a", "spec": {"caption": "Are the hips weaker?"}}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    return tmp_path


def draw(products, fit: dict) -> int:
    (products / "fit.json").write_text(json.dumps(fit))
    given = {"plan": "plan.json", "fit": "fit.json", "estimates": "a.csv", "out": "figures/a"}
    words = [word for k, v in given.items() for word in (f"--{k}", str(products / v))]
    return run(["draw", *words])


def test_an_analysis_gets_its_figure(products):
    assert draw(products, {"figure": "forest", "panels": {}, "needs": []}) == 0
    assert all((products / "figures" / f"a.{form}").is_file() for form in FORMS)
    svg = (products / "figures" / "a.svg").read_text()
    assert "<title>Are the hips weaker?</title>" in svg
    assert "−0.10 [−0.20 to 0.00]" in svg
    assert (products / "figures" / "a.txt").read_text().startswith("Are the hips weaker?\n\nForest")


def test_what_is_lacking_stands_in_for_the_figure(products):
    assert draw(products, {"figure": "forest", "panels": {}, "needs": ["hip_abd_nm_kg"]}) == 0
    assert "not testable" in (products / "figures" / "a.svg").read_text()


def test_the_claims(products):
    ledger = products / "ledger.csv"
    ledger.write_text(
        "claim,sentence,direction,scale,smallest_effect,estimate,low,high,unit,verdict,reason\n"
        "H1,Weaker.,negative,difference,0.05,-0.1,-0.2,-0.06,Nm/kg,supported,\n"
    )
    out = products / "claims"
    assert run(["draw", "--kind", "claims", "--ledger", str(ledger), "--out", str(out)]) == 0
    assert "H1 supported" in (products / "claims.svg").read_text()


def test_the_flow(products):
    flow = products / "flow.csv"
    flow.write_text("stage,n_people,n_excluded,reason\nscreened,400,,\nanalysed,380,20,red flag\n")
    out = products / "flow"
    assert run(["draw", "--kind", "flow", "--flow", str(flow), "--out", str(out)]) == 0
    assert "red flag 20" in (products / "flow.txt").read_text()


def test_the_threats_to_one_effect(products):
    rows = [
        {"threat": threat, "model": threat, "outcome": "hip_abd_nm_kg", "scale": "difference",
         "unit": "Nm/kg", "contrast": "a", "estimate": size, "low": size - 0.1, "high": size + 0.1}
        for threat, size in (("adjusted", -0.1), ("weighted", -0.2))
    ]  # fmt: skip
    for name, row in zip("xy", rows, strict=True):
        pd.DataFrame([row], columns=list(COLUMNS)).to_csv(products / f"{name}.csv", index=False)
    answers = [str(products / f"{name}.csv") for name in "xy"]
    words = ["draw", "--kind", "threats", "--plan", str(products / "plan.json")]
    words += ["--answers", *answers, "--smallest-effect", "0.05", "--out", str(products / "t")]
    assert run(words) == 0
    svg = (products / "t.svg").read_text()
    assert "One effect, one row per threat: Are the hips weaker?" in svg
    assert "Weighted −0.20 [−0.30 to −0.10]" in svg


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kind", "threats"], "--kind threats needs --plan"),
        (["--kind", "claims"], "--kind claims needs --ledger"),
        (["--kind", "flow", "--flow", "nothing.csv"], "nothing.csv: no such file"),
        ([], "--kind analysis needs --plan"),
    ],
)
def test_what_is_not_given_is_asked_for(products, capsys, words, message):
    assert run(["draw", *words, "--out", str(products / "x")]) == 2
    assert message in capsys.readouterr().err


def test_a_broken_fit_is_one_message(products, capsys):
    (products / "fit.json").write_text("{")
    words = ["draw", "--plan", str(products / "plan.json"), "--fit", str(products / "fit.json")]
    assert run([*words, "--out", str(products / "x")]) == 2
    assert "is not JSON" in capsys.readouterr().err
    assert not (products / "x.svg").exists()


def test_a_reason_stands_in_for_the_figure(products):
    fit = {"figure": "programme", "panels": {}, "needs": [], "reason": "nobody has an arm"}
    assert draw(products, fit) == 0
    assert "nobody has an arm" in (products / "figures" / "a.txt").read_text()
