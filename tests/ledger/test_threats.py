from __future__ import annotations

from gluteal.estimates import THREATS
from gluteal.ledger.threats import UNASKED, gather_threats

COMMON = {
    "outcome": "hip_abd_nm_kg", "exposure": "lbp", "scale": "difference", "unit": "Nm/kg",
    "contrast": "pain - none",
}  # fmt: skip


def row(threat, estimate, **more):
    return {
        **COMMON, "threat": threat, "model": threat, "estimate": estimate,
        "low": estimate - 0.1, "high": estimate + 0.1, **more,
    }  # fmt: skip


PRIMARY = [
    row("adjusted", -0.1),
    row("crude", -0.3),
    row("", -0.5, model="equivalence"),
    row("imputed", -0.12),
]
BESIDE = [
    row("adjusted", -0.1),
    row("weighted", -0.15),
    row("exclusion", -0.2),
    row("unmeasured confounding", 2.0, scale="E-value", unit="", model="E-value", low="", high=""),
    row("negative control", 0.0, outcome="leg_length_diff_mm", scale="smd", unit="SD"),
]


def note(threat, meaning, value="not applicable"):
    return {"name": f"threat: {threat}", "value": value, "meaning": meaning}


def test_rows_come_in_the_order_of_the_threats_with_the_headline_among_them():
    found = gather_threats([PRIMARY, BESIDE])
    assert [r["threat"] for r in found.rows] == [
        "crude", "adjusted", "imputed", "weighted", "exclusion",
    ]  # fmt: skip
    assert found.headline is found.rows[1]


def test_the_same_numbers_are_one_answer():
    assert len(gather_threats([PRIMARY, BESIDE, BESIDE]).rows) == 5


def test_other_scales_stand_apart():
    assert [r["threat"] for r in gather_threats([PRIMARY, BESIDE]).others] == [
        "negative control", "unmeasured confounding",
    ]  # fmt: skip


def test_the_bare_effect_on_another_scale_answers_no_threat():
    kappa = row("crude", 0.4, scale="kappa", unit="1")
    assert all(r["scale"] != "kappa" for r in gather_threats([[*PRIMARY, kappa]]).others)


def test_rows_without_a_threat_are_no_answers():
    assert all(r["model"] != "equivalence" for r in gather_threats([PRIMARY]).rows)


def test_every_threat_has_a_row_or_a_reason():
    notes = [note("robust", "a yes or no has no outliers"), note("imputed", "else", "not here")]
    found = gather_threats([PRIMARY, BESIDE], [notes])
    shown = {r["threat"] for r in (*found.rows, *found.others)}
    reasons = dict(found.silent)
    assert shown | set(reasons) == set(THREATS)
    assert reasons["robust"] == "a yes or no has no outliers"
    assert reasons["early events out"] == UNASKED
    assert "imputed" not in reasons


def test_what_another_analysis_answers_is_no_reason_but_a_part_that_fails_is():
    notes = [note("exclusion", "sex not recorded"), note("crude", "elsewhere", "not here")]
    reasons = dict(gather_threats([PRIMARY, BESIDE], [notes]).silent)
    assert reasons["exclusion"] == "sex not recorded"
    assert "crude" not in reasons


def test_nothing_to_impute_is_the_reason():
    said = {"name": "values imputed", "value": "0.0", "meaning": "complete cases are everybody"}
    reasons = dict(gather_threats([PRIMARY[:2]], [[said]]).silent)
    assert reasons["imputed"] == "complete cases are everybody"


def test_a_headline_without_a_threat_counts_as_adjusted():
    found = gather_threats([[row("", -0.1)]])
    assert [r["threat"] for r in found.rows] == ["adjusted"]
    assert found.headline is found.rows[0]


def test_no_estimate_no_effect():
    assert gather_threats([]) is None
    assert gather_threats([[], BESIDE]) is None
