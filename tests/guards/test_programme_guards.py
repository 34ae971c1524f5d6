"""Errors of the field about change, programmes and adherence: each is refused or flagged.

The numbers are those of docs/guards.md.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses import METHODS, method
from gluteal.analyses import rehab_response as programme
from gluteal.config.study import parse_study
from gluteal.constants import constant
from gluteal.errors import UserError
from gluteal.ledger import Grounds, build_ledger, verdict
from gluteal.variables import variables

LOT = Grounds("programme", randomised=True, sufficient=True, overlap=True)
CLAIM = {"sentence": "S.", "direction": "negative", "smallest_effect": 0.3, "scale": "difference"}
CAUSAL = re.compile(r"effect on|caus|because|thanks to|works|reduces|efficac")


def study(root, claims=None, design="programme", **analysis):
    return parse_study(
        {
            "title": "T",
            "design": design,
            "cohort": "c",
            "dag": str(root / "config" / "dag.yaml"),
            "claims": claims or {},
            "analyses": {"a": {"claim": next(iter(claims or {}), None), **analysis}},
        }
    )


@pytest.fixture(scope="module")
def arms(world):
    """Two arms that were compared by the programme's own method."""
    return programme.fit(world, programme.Spec(outcome="nprs_avg", randomised=True))


@pytest.fixture(scope="module")
def one_arm(world):
    alone = world.only({"arm": ["programme"]})
    return programme.fit(alone, programme.Spec(outcome="nprs_avg"))


def flags(found):
    return {row["name"]: row["ok"] for row in found.diagnostics}


def test_guard_10_change_is_never_regressed_on_baseline_nor_compared_by_two_p(root, arms):
    # No change score is a variable, so none can be an outcome or an exposure ...
    changes = [n for n, v in variables().items() if re.search(r"change|delta|gain", n)]
    assert changes == []
    # ... the baseline of the outcome cannot be written beside it ...
    with pytest.raises(UserError, match="its change is not regressed on it"):
        study(root, method="rehab_response", outcome="nprs_avg", adjust=["nprs_avg"])
    # ... and of two arms no change within an arm, so no pair of p values, is given.
    assert not [row for row in arms.estimates if "change" in row["estimand"]]
    assert all("baseline" in row["adjusted_for"] for row in arms.estimates[:2])
    said = " ".join(arms.sentences)
    assert "changes within arms were not tested against each other" in said
    facts = [d for d in arms.diagnostics if d["name"].startswith("regression to the mean")]
    assert len(facts) == 2
    assert all(d["value"] < -0.2 and "not regressed" in d["meaning"] for d in facts)


def test_guard_11_one_arm_shows_a_change_beside_the_natural_course_and_no_effect(one_arm):
    head = one_arm.estimates[0]
    assert head["estimate"] < 0 and "no control arm" in head["estimand"]
    text = verdict(head, CLAIM, LOT).wording
    assert "changed during the programme" in text and not CAUSAL.search(text)
    assert flags(one_arm)["control arm"] is False
    assert one_arm.panels["natural"]
    beside = next(row for row in one_arm.estimates if "published" in row["model"])
    assert beside["role"] == "exploratory" and beside["warnings"]
    assert not CAUSAL.search(verdict(beside, CLAIM, LOT).wording)


def test_guard_11_a_claim_about_the_programme_is_not_supported_by_one_arm(one_arm):
    head = pd.DataFrame([{"level": 0.95, "role": "primary", **one_arm.estimates[0]}])
    assert verdict(head.iloc[0], CLAIM, LOT).verdict == "supported"  # the fall itself is no doubt
    asked = {"method": "rehab_response", "question": "programme"}
    told = {"design": "programme", "allocation": "randomised", "analyses": {"a": asked}}
    line = build_ledger({"H1": {**CLAIM, "analysis": "a"}}, {"a": head}, told).iloc[0]
    assert line["verdict"] == "not testable" and "regression to the mean" in line["reason"]


def test_guard_11_people_let_in_by_their_pain_are_flagged(simulated):
    """Nothing works in this world; those who hurt most at entry get better all the same."""
    null = simulated("null", 600, 9, "programme")
    first = null.visits[null.visits["visit"] == "baseline"]
    sore = first.loc[first["nprs_avg"] >= 6, "participant_id"]
    entered = replace(null, people=null.people[null.people["participant_id"].isin(sore)])
    found = programme.fit(entered, programme.Spec(outcome="nprs_avg", question="change"))
    assert found.estimates[0]["high"] < -1
    assert flags(found)["entry by the outcome"] is False
    everybody = programme.fit(null, programme.Spec(outcome="nprs_avg", question="change"))
    assert flags(everybody)["entry by the outcome"] is True


def test_guard_12_groups_that_no_lot_made_are_not_compared_by_their_change(root, world):
    for exposure in ("lbp", "sex", "hip_abd_nm_kg"):
        with pytest.raises(UserError, match="not given a programme"):
            study(root, method="rehab_response", outcome="nprs_avg", exposure=exposure)
    chosen = programme.Spec(outcome="nprs_avg", randomised=False)
    found = programme.fit(world, chosen)
    head = found.estimates[0]
    assert head["estimand"].startswith("association:") and "baseline" in head["adjusted_for"]
    assert flags(found)["arms drawn by lot"] is False
    assert "Lord's paradox" in str(found.diagnostics)
    text = verdict(head, CLAIM, Grounds("programme", randomised=False)).wording
    assert "associated" in text and not CAUSAL.search(text)


def test_guard_13_a_persons_important_change_is_not_a_bound_of_means(root, arms):
    claims = {
        "H1": {
            "sentence": "It helps.",
            "direction": "negative",
            "analysis": "a",
            "smallest_effect": 2,
            "smallest_effect_source": "what a person notices (constant mic_nprs)",
        }
    }
    trial = {"method": "rehab_response", "outcome": "nprs_avg"}
    with pytest.raises(UserError, match="of one person, not of a difference of means"):
        study(root, claims, **trial)
    claims["H1"] |= {"smallest_effect": 0.3, "smallest_effect_source": "project decision"}
    assert study(root, claims, **trial)
    for row in arms.estimates:
        if not row["model"].startswith("responders"):
            assert "MIC" not in f"{row['model']} {row['estimand']} {row['contrast']}"
    assert "not held against them" in " ".join(arms.sentences)


def test_guard_13_one_important_change_does_not_hold_for_all_baselines(arms):
    from gluteal.frames.responders import find_threshold

    threshold = find_threshold("nprs_avg")
    # Two points from 9 are no 30 %, two from 6 are; a third of 3 is below two points.
    before, after = np.array([9.0, 6.0, 3.0]), np.array([7.0, 4.0, 2.0])
    assert threshold.responds(before, after).tolist() == [False, True, False]
    names = [row["model"] for row in arms.estimates if row["model"].startswith("responders")]
    assert any("30 %" in name for name in names) and any("50 %" in name for name in names)
    cuts = {row["cut"] for row in arms.panels["curve"]}
    assert len(cuts) > 3 and {row["arm"] for row in arms.panels["curve"]} == {
        "programme",
        "control",
    }


def test_guard_14_a_change_within_the_noise_is_shaded_and_never_called_improvement(arms):
    from matplotlib.patches import Rectangle

    from gluteal.figures import programme as figure
    from gluteal.frames.responders import CLASSES, THRESHOLDS, find_threshold

    noisy = replace(find_threshold("odi_pct"), mdc=constant("mdc_odi95_high"))
    assert noisy.mdc.value > noisy.mic.value  # important, and still within the noise
    for threshold in (noisy, *map(find_threshold, THRESHOLDS)):
        before = np.full(401, 30.0)
        fall = np.linspace(-20, 20, 401)
        names = np.array(CLASSES)[threshold.classify(before, before - fall)]
        noise = np.abs(fall) < threshold.mdc.value - 1e-6
        assert noise.any() and not np.char.startswith(names[noise], "improved").any()
        assert np.char.startswith(names[fall < -threshold.mdc.value - 1e-6], "worse").all()
    mdc = arms.panels["thresholds"][0]["mdc"]
    drawn = figure.draw(arms.panels, None, {})
    bands = [
        patch.get_bbox()
        for plot in drawn.axes
        for patch in plot.patches
        if isinstance(patch, Rectangle)
    ]
    ends = [(min(b.x0, b.x1), max(b.x0, b.x1)) for b in bands]
    least = min(row["cut"] for row in arms.panels["curve"])
    assert any(low <= least < high == pytest.approx(mdc) for low, high in ends)


def test_guard_27_adherence_is_never_read_as_if_it_were_drawn_by_lot(root, world):
    settings = {"outcome": "nprs_avg", "question": "adherence", "exposure": "adherence"}
    found = programme.fit(world, programme.Spec(**settings))
    assert flags(found)["adherence drawn by lot"] is False
    assert "not drawn by lot" in " ".join(found.sentences)
    for row in found.estimates:
        assert "adherence" in row["estimand"] and "arm" not in row["estimand"]
        text = verdict(row, CLAIM, LOT).wording  # not even in a trial, with all that helps words
        assert "effect" not in text.split(":")[0], text
    for more in ({"adjust": ["adherence"]}, {"only": {"sessions_done": ["12"]}}):
        with pytest.raises(UserError, match="after they were given an arm"):
            study(root, method="rehab_response", outcome="nprs_avg", exposure="arm", **more)


def test_guard_28_responders_of_one_arm_are_locked(one_arm, arms):
    rows = [row for row in one_arm.estimates if "respon" in f"{row['model']} {row['estimand']}"]
    assert rows == []
    assert flags(one_arm)["responders in a single arm"] is False
    assert not one_arm.panels.get("curve") and "responders" not in one_arm.tables
    assert arms.panels["curve"] and arms.tables["responders"]  # two arms have them


def test_no_other_method_counts_responders():
    for name in METHODS:
        if name not in ("rehab_response", "referral_rule"):
            assert not {"responder", "mic"} & set(method(name).Spec.model_fields)
