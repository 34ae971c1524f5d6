"""Words follow the design."""

from __future__ import annotations

import re

import pytest

from gluteal.ledger.judgement import verdict
from gluteal.ledger.wording import Grounds, kind_of, label_of, write_amount

CLAIM = {
    "sentence": "Weak glutes hurt.",
    "direction": "negative",
    "smallest_effect": 0.05,
    "scale": "difference",
}
ROW = {
    "outcome": "hip_abd_nm_kg",
    "exposure": "lbp",
    "estimate": -0.08312,
    "low": -0.1031,
    "high": -0.0631,
    "level": 0.95,
    "scale": "difference",
    "unit": "Nm/kg",
    "converged": True,
}


def say(design: str, grounds=(), **more) -> str:
    return verdict({**ROW, **more}, CLAIM, Grounds(design, **dict(grounds))).wording


def test_one_plain_sentence_with_estimate_interval_and_unit():
    assert say("case_control") == (
        "Low back pain at entry was associated with hip abduction torque per body mass as claimed: "
        "−0.083 [−0.103 to −0.063] Nm/kg (95 % interval); the whole interval lies beyond the "
        "smallest effect of interest (0.05 Nm/kg)."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.04, 0.03, "was hardly associated with"),
        (0.01, 0.2, "the other way round than claimed"),
        (
            -0.1,
            -0.01,
            "was associated with .*, but perhaps too little to matter: .* as claimed, the",
        ),
        (-0.2, 0.2, "^Whether low back pain at entry is associated with .* stays open"),
    ],
)
def test_each_verdict_has_its_words(low, high, words):
    assert re.search(words, say("case_control", low=low, high=high, estimate=(low + high) / 2))


@pytest.mark.parametrize(
    ("design", "more", "kind"),
    [
        ("cross_sectional", {"estimand": "lagged effect"}, "associated"),
        ("case_control", {"estimand": "incident pain"}, "associated"),
        ("cohort", {"estimand": "adjusted mean difference"}, "associated"),
        ("cohort", {"estimand": "incident low back pain, hazard ratio"}, "preceded"),
        ("repeated_measures", {"estimand": "within-person lagged slope"}, "preceded"),
        ("programme", {"exposure": "arm"}, "associated"),
        ("programme", {"exposure": "arm", "estimand": "change during the programme"}, "change"),
        ("programme", {"exposure": "", "estimand": "change from baseline"}, "change"),
        ("programme", {"estimand": "slope"}, "associated"),
    ],
)
def test_the_design_decides_the_kind(design, more, kind):
    assert kind_of({**ROW, **more}, Grounds(design)) == kind


@pytest.mark.parametrize(
    ("outcome", "estimand"),
    [
        ("pelvic_drop_deg", "mean difference, contralateral pelvic drop in stance (at one time)"),
        ("pelvic_incidence_deg", "mean difference, pelvic incidence (both at one time)"),
        ("pgic7", "difference between arms, patient global impression of change"),
    ],
)
@pytest.mark.parametrize("design", ["cohort", "repeated_measures", "programme"])
def test_the_name_of_an_outcome_is_no_order_of_time(design, outcome, estimand):
    row = {**ROW, "outcome": outcome, "exposure": "hip_abd_nm_kg", "estimand": estimand}
    assert kind_of(row, Grounds(design, sufficient=True, overlap=True)) == "associated"


def test_an_arm_compared_in_an_outcome_called_change_keeps_its_words():
    row = {**ROW, "outcome": "pgic7", "exposure": "arm"}
    row["estimand"] = "risk difference, later patient global impression of change"
    assert kind_of(row, Grounds("programme", randomised=True)) == "effect"


@pytest.mark.parametrize(
    "design", ["cross_sectional", "case_control", "cohort", "repeated_measures"]
)
@pytest.mark.parametrize("ends", [(-0.1, -0.06), (-0.01, 0.01), (0.06, 0.1), (-1, 1)])
def test_without_a_programme_nothing_is_called_a_cause(design, ends):
    low, high = ends
    text = say(design, low=low, high=high, estimate=(low + high) / 2, estimand="lag")
    words = text.replace("smallest effect of interest", "")
    assert not re.search(r"effect|caus", words), text


def test_a_single_arm_has_a_change_and_no_effect():
    text = say("programme", outcome="nprs_avg", exposure="", estimand="change from baseline")
    assert "had an effect" not in text
    both = say("programme", {"randomised": True}, exposure="arm", outcome="nprs_avg")
    assert both.startswith("The programme had an effect on pain (NPRS), average")


def test_without_exposure_the_claim_speaks():
    text = say("cross_sectional", exposure=None, outcome=float("nan"))
    assert text.startswith("As claimed: “Weak glutes hurt”: −0.083")


def test_abbreviations_keep_their_capitals():
    text = say("cross_sectional", outcome="vas_mm", exposure="hip_abd_nm_kg", unit="1")
    assert "with pain (VAS) as claimed: −0.083 [−0.103 to −0.063] (95" in text
    assert "PHQ-9" in say("cross_sectional", exposure="phq9")
    assert label_of("no_such") == "no_such"


def test_a_ratio_is_called_one():
    claim = {**CLAIM, "scale": "ratio", "smallest_effect": 1.2}
    row = {**ROW, "scale": "ratio", "estimate": 0.5, "low": 0.3, "high": 0.8, "unit": "per Nm/kg"}
    assert (
        "ratio 0.50 [0.30 to 0.80] per Nm/kg"
        in verdict(row, claim, Grounds("case_control")).wording
    )


def test_a_number_without_a_unit_is_named_and_a_slope_says_per_what():
    row = {**ROW, "unit": "1", "estimand": "Youden's J (sensitivity + specificity - 1)"}
    assert write_amount(row).startswith("Youden's J −0.083")
    slope = {**ROW, "estimand": "mean difference", "contrast": "per SD (0.3 Nm/kg) more"}
    assert write_amount(slope).endswith("] Nm/kg per SD (0.3 Nm/kg) more")
    arms = {**ROW, "contrast": "programme − control"}
    assert write_amount(arms).endswith("] Nm/kg")


LATER = {"exposure": "hip_abd_nm_kg", "outcome": "incident_lbp", "estimand": "later risk"}


@pytest.mark.parametrize(
    ("design", "sufficient", "overlap", "kind"),
    [
        ("cohort", True, True, "effect"),
        ("cohort", True, None, "preceded"),
        ("cohort", True, False, "preceded"),
        ("cohort", False, True, "preceded"),
        ("cohort", None, True, "preceded"),
        ("case_control", True, True, "associated"),
        ("cross_sectional", True, True, "associated"),
    ],
)
def test_an_effect_needs_time_order_a_sufficient_set_and_overlap(design, sufficient, overlap, kind):
    grounds = Grounds(design, sufficient=sufficient, overlap=overlap)
    assert kind_of({**ROW, **LATER}, grounds) == kind
    assert kind_of({**ROW, "estimand": "mean difference"}, grounds) == "associated"


def test_only_arms_made_by_chance_have_an_effect():
    row = {**ROW, "exposure": "arm", "outcome": "nprs_avg", "estimand": "difference between arms"}
    assert kind_of(row, Grounds("programme", randomised=True)) == "effect"
    assert kind_of(row, Grounds("programme")) == "associated"
    assert kind_of(row, Grounds("case_control", randomised=True)) == "associated"


def test_what_runs_through_a_mediator_is_never_an_effect():
    more = {"exposure": "arm", "outcome": "nprs_avg", "term": "hip_abd_nm_kg; phq9"}
    text = say("programme", {"randomised": True}, estimand="total indirect effect", **more)
    assert text.startswith(
        "The programme was tied to pain (NPRS), average of the last week by way of hip"
    )
    assert "and PHQ-9" in text and "had an effect" not in text
    bare = say("programme", estimand="indirect association", exposure="arm", outcome="nprs_avg")
    assert "by way of the mediators" in bare


def test_how_much_was_done_is_never_an_effect_even_in_a_trial():
    lot = Grounds("programme", randomised=True, sufficient=True, overlap=True)
    for exposure in ("adherence", "adherence_to_date", "sessions_done"):
        row = {"exposure": exposure, "estimand": "difference in later outcome at week12"}
        assert kind_of(row, lot) == "preceded"
        assert kind_of({**row, "estimand": "slope"}, lot) == "associated"


def test_the_range_of_a_scale_is_spoken_as_points():
    text = say("cohort", outcome="nprs_avg", exposure="hip_abd_nm_kg", unit="0-10")
    assert "−0.083 [−0.103 to −0.063] points (95" in text and "(0.05 points)" in text
