from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.frames.missing_outcomes import answer_missing, take_missing
from gluteal.frames.one_effect import take_effect


def make(n=400, seed=2, lost=0.25):
    rng = np.random.default_rng(seed)
    lbp = rng.random(n) < 0.5
    pain = 2 + 1.0 * lbp + rng.normal(0, 1, n)
    strength = 1.5 - 0.2 * lbp + rng.normal(0, 0.2, n)
    gone = rng.random(n) < lost
    return pd.DataFrame(
        {
            "lbp": pd.array(lbp, dtype="boolean"),
            "nprs_avg": np.where(gone, np.nan, pain),
            "hip_abd_nm_kg": strength,
            "incident_lbp": pd.array(np.where(gone, None, lbp), dtype="boolean"),
            "age_years": rng.uniform(20, 60, n),
        }
    )


def test_the_estimate_tips_where_it_says():
    effect = take_effect(make(lost=0.6), "nprs_avg", "lbp", ("age_years",))
    answers, panels = answer_missing(effect, 0.95)
    (tip,) = [one for one in answers if "estimate reaches" in one.model]
    found = take_missing(effect).estimate(tip.found.estimate)
    assert found.estimate == pytest.approx(0.0, abs=1e-8)
    assert tip.found.estimate < 0
    assert panels["tips"][0]["estimate_at"] == tip.found.estimate


def test_shifts_in_both_directions_bracket_the_headline():
    effect = take_effect(make(), "nprs_avg", "hip_abd_nm_kg", ())
    up, down, *_ = answer_missing(effect, 0.95)[0]
    own = effect.found(0.95).estimate
    assert down.found.estimate < own < up.found.estimate
    assert "points higher than predicted per SD" in up.model
    assert up.more["n_people"] == 400


def test_nobody_missing_is_a_reason():
    effect = take_effect(make(lost=0), "nprs_avg", "lbp", ())
    (one,), panels = answer_missing(effect, 0.95)
    assert "no outcome is missing" in one.reason
    assert not panels


def test_ratios_shift_odds():
    effect = take_effect(make(), "incident_lbp", "hip_abd_nm_kg", (), "logistic")
    up, *_ = answer_missing(effect, 0.95)[0]
    assert "with odds twice as high as predicted" in up.model
    assert up.found.estimate > effect.found(0.95).estimate


def test_an_effect_that_no_shift_moves_says_so():
    frame = make(lost=0.01)
    effect = take_effect(frame, "nprs_avg", "lbp", ())
    answers, _ = answer_missing(effect, 0.95)
    reasons = [one.reason for one in answers if one.reason]
    assert any("no shift within" in text for text in reasons)


def test_who_lacks_the_exposure_too_is_counted():
    frame = make()
    frame.loc[frame.index[:7], "lbp"] = pd.NA
    up, *_ = answer_missing(take_effect(frame, "nprs_avg", "lbp", ()), 0.95)[0]
    assert up.more["warnings"] == "7 people without exposure or covariates are not in it"
