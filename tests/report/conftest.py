"""A folder of products as a run leaves them: small, but with every kind of thing in it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from gluteal.cli.commands import run
from gluteal.estimates import COLUMNS, DIAGNOSTICS
from gluteal.figures import claims, flow, style
from gluteal.ledger import COLUMNS as LEDGER

COMMON = {
    "claim": "H1", "role": "primary", "outcome": "hip_abd_nm_kg", "exposure": "lbp",
    "contrast": "low back pain − none", "estimand": "mean difference", "scale": "difference",
    "unit": "Nm/kg", "level": 0.95, "n_obs": 780, "n_people": 394, "n_missing": 6,
    "estimator": "OLS", "se_type": "HC3", "converged": True, "seed": 1, "data_sha": "d0d0d0d0d0d0",
}  # fmt: skip
STRENGTH = [
    {**COMMON, "model": "adjusted", "estimate": -0.0831, "low": -0.121, "high": -0.0525,
     "p": 0.00002, "adjusted_for": "age_years; sex; bmi_kg_m2"},
    {**COMMON, "role": "sensitivity", "model": "raw", "estimate": -0.11, "low": -0.15,
     "high": -0.07, "p": 0.0000001, "n_people": 3},
    {**COMMON, "role": "sensitivity", "model": "side by side", "converged": False,
     "warnings": "singular fit <random part>"},
]  # fmt: skip
ODDS = [
    {**COMMON, "claim": "", "role": "secondary", "outcome": "lbp", "exposure": "hip_abd_nm_kg",
     "contrast": "per SD", "estimand": "odds ratio", "scale": "ratio", "unit": "1",
     "model": "logistic", "estimate": 0.71, "low": 0.55, "high": 0.91, "p": 0.0071,
     "adjusted_for": "age_years; sex"},
]  # fmt: skip
SAYS = "Hip abduction torque was associated with low back pain as claimed: −0.083 [−0.121 to −0.053] Nm/kg (95 % interval)"  # noqa: E501
TESTED = {
    "claim": "H1", "sentence": "People with low back pain have weaker hip abductors.",
    "verdict": "supported", "reason": "the whole interval lies beyond it", "wording": SAYS,
    "estimate": -0.0831, "low": -0.121, "high": -0.0525, "unit": "Nm/kg", "scale": "difference",
    "smallest_effect": 0.05, "smallest_effect_source": "0.2 of the SD (project decision)",
    "direction": "negative", "p": 0.00002, "p_adj": 0.00012, "analysis": "strength_by_lbp",
    "method": "group_difference", "n_people": 394, "holds_after_adjustment": True,
}  # fmt: skip
OTHERS = {
    "H5": ("contradicted", 1.9, 1.2, 2.6, "°", 1.1, "positive"),
    "H6": ("inconclusive", 2.9, 1.6, 4.2, "° per SD", 2.1, "positive"),
    "H7": ("negligible", -0.4, -1.9, 1.1, "°", 3.0, "positive"),
    "H10": ("inconclusive", 0.12, -9.0, 9.2, "1", 0.25, "positive"),
    "H12": ("supported", -3.4, -5.2, -1.6, "° per SD", 1.0, "negative"),
}
TITLE = "Gluteal strength, self-tests & low back pain <example>"


def ledger_rows() -> list[dict]:
    rows = [TESTED]
    for name, (word, estimate, low, high, unit, smallest, direction) in OTHERS.items():
        sentence = f"What claim {name} says about a pelvis that leans and a hip that drops."
        rows.append({
            **TESTED, "claim": name, "sentence": sentence, "verdict": word, "unit": unit,
            "estimate": estimate, "low": low, "high": high, "smallest_effect": smallest,
            "direction": direction, "analysis": f"of_{name}", "holds_after_adjustment": False,
            "wording": f"The two were seen together: {estimate} [{low} to {high}] {unit}",
        })  # fmt: skip
    for number in (2, 3, 4, 8, 9, 11, 13, 14, 15, 16, 17, 18):
        method = ("incident_lbp", "cross_lagged", "rehab_response")[number % 3]
        reason = f"method {method} is not built"
        sentence = f"Claim number {number} speaks of what comes first and what follows from it."
        rows.append({"claim": f"H{number}", "sentence": sentence, "verdict": "not testable",
                     "reason": reason, "wording": f"Not testable: {reason}."})  # fmt: skip
    return rows


FLOW = [
    {"stage": "screened", "n_people": 420, "n_excluded": 0, "reason": ""},
    {"stage": "enrolled", "n_people": 400, "n_excluded": 17, "reason": "red flag at screening"},
    {"stage": "enrolled", "n_people": 400, "n_excluded": 3, "reason": "refused"},
    {"stage": "visit week04", "n_people": 380, "n_excluded": 20, "reason": "NA:absent"},
    {"stage": "with data", "n_people": 400, "n_excluded": 0, "reason": ""},
]
TABLE_ONE = [
    dict(zip(("", "No pain (n = 160)", "Pain (n = 240)", "SMD"), cells, strict=True))
    for cells in (
        ("Age (years)", "41.2 (11.0)", "43.9 (12.1)", 0.23),
        ("Women, n (%)", "82 (51)", "131 (55)", 0.07),
        ("  missing, n", "0", "<5", None),
    )
]  # fmt: skip
DIAGNOSED = [
    {"name": "largest leverage", "value": 0.031, "threshold": "< 0.05", "ok": True,
     "meaning": "no single person decides the answer"},
    {"name": "residual skew", "value": 1.7, "threshold": "< 1", "ok": False,
     "meaning": "the residuals lean to one side; see the robust interval"},
    {"name": "people", "value": 394, "threshold": "", "ok": "", "meaning": "with both values"},
]  # fmt: skip


def write_csv(path: Path, rows: list[dict], columns) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def write_analysis(folder: Path, name: str, spec: dict, estimates: list[dict], fit: dict) -> None:
    plan = {
        "analysis": name,
        "spec": {"seed": 1, **spec},
        "code": "c0dec0dec0de",
        "lock": "10c410c4",
    }
    if "adjust" in spec:
        plan["advice"] = {
            "sufficient": True,
            "note": "",
            "covariates": spec["adjust"],
            "refused": [],
        }
    write_json(folder / "plans" / f"{name}.json", plan)
    empty = {"panels": {}, "tables": {}, "sentences": [], "needs": []}
    fit = {"analysis": name, "figure": "forest", **empty, **fit}
    write_json(folder / "fits" / f"{name}.json", fit)
    rows = [{"analysis": name, **row} for row in estimates]
    write_csv(folder / "estimates" / f"{name}.csv", rows, COLUMNS)
    write_csv(folder / "diagnostics" / f"{name}.csv", DIAGNOSED if estimates else [], DIAGNOSTICS)
    if estimates or fit["needs"]:
        parts = {"plan": f"plans/{name}.json", "fit": f"fits/{name}.json",
                 "estimates": f"estimates/{name}.csv", "out": f"figures/{name}"}  # fmt: skip
        words = [word for k, v in parts.items() for word in (f"--{k}", str(folder / v))]
        assert run(["draw", *words]) == 0


def make_products(folder: Path, processed: Path) -> None:
    analyses = {
        "table_one": {"method": "table_one", "caption": "Who has low back pain?"},
        "reliability": {"method": "test_reliability", "caption": "Can the tests be trusted?"},
        "strength_by_lbp": {"method": "group_difference", "adjust": ["age_years"], "claim": "H1",
                            "caption": "Are the hip abductors weaker in people with pain?"},
        "strength_lbp": {"method": "dose_response", "override_reason": "No age was recorded",
                         "caption": "The stronger the hips, the lower the odds of pain?"},
    }  # fmt: skip
    write_json(folder / "plans" / "study.json", {
        "title": TITLE, "study": "example", "question": "Do weak hips & pain go together?",
        "design": "case_control", "definition": "Cases have low back pain at entry", "min_cell": 5,
        "claims": {}, "analyses": analyses, "versions": {"gluteal": "0.1.0", "numpy": "2.4.0"},
    })  # fmt: skip
    write_analysis(
        folder,
        "table_one",
        analyses["table_one"],
        [],
        {"tables": {"Characteristics by low back pain": TABLE_ONE}},
    )
    write_analysis(folder, "reliability", analyses["reliability"], [], {"needs": ["hip_abd_nm_kg"]})
    twice = "Intervals use HC3 standard errors (doi:10.1016/0304-4076(85)90158-7)"
    write_analysis(folder, "strength_by_lbp", analyses["strength_by_lbp"], STRENGTH,
                   {"sentences": ["Groups were compared by linear regression", twice]})  # fmt: skip
    write_analysis(folder, "strength_lbp", analyses["strength_lbp"], ODDS, {"sentences": [twice]})
    write_csv(folder / "ledger.csv", ledger_rows(), LEDGER)
    rows = {"claims": [{k: str(v) for k, v in row.items()} for row in ledger_rows()]}
    style.save(claims.draw(rows), folder / "figures" / "claims", claims.describe(rows))
    style.save(
        flow.draw({"flow": FLOW}), folder / "figures" / "flow", flow.describe({"flow": FLOW})
    )
    write_json(processed / "derived.json", {
        "title": "Example", "synthetic": True, "sha256": "abc123" * 10,
        "set_aside": [{"variable": "mass_kg", "reason": "outside the hard range", "n": 3}],
    })  # fmt: skip
    write_json(processed / "check.json", {
        "people": 400, "rows": {"participants": 400, "visits": 2000}, "errors": 0, "queries": 12,
        "by_rule": [{"rule": "outside the soft range", "severity": "query", "table": "visits",
                     "column": "mass_kg", "n": 12}],
    })  # fmt: skip
    write_csv(processed / "flow.csv", FLOW, ("stage", "n_people", "n_excluded", "reason"))


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> tuple[Path, Path]:
    """The folders of products and of derived tables; read, never written, by tests."""
    home = tmp_path_factory.mktemp("study")
    make_products(home / "reports", home / "processed")
    return home / "reports", home / "processed"


@pytest.fixture(scope="session")
def products(made):
    from gluteal.report import read_products

    return read_products(*made)


@pytest.fixture(scope="session")
def document(products):
    from gluteal.report import build_document

    return build_document(products)
