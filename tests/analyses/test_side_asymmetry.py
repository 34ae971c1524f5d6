import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import side_asymmetry as method
from gluteal.errors import UserError
from gluteal.estimates import tabulate


def spec(question="side", **more):
    outcome = "pain_side" if question == "side" else "nprs_avg"
    given = {"outcome": outcome, "exposure": "hip_abd_asym_log", "adjust": ("age_years",)}
    return method.Spec(**(given | {"question": question, "role": "primary"} | more))


@pytest.mark.parametrize(("question", "key"), [("side", "side"), ("absolute", "absolute")])
def test_the_headline_equals_r_and_stands_alone(two_legs, answers, same_numbers, question, key):
    found = method.fit(two_legs, spec(question))
    assert method.headline(two_legs, spec(question)) == found.estimates[0]
    same_numbers(found.estimates[0], answers("two_legs")[key], 1e-7)
    table = tabulate(found, "a", spec(question), "d", "c")
    assert table["role"].iloc[0] == "primary"
    assert table["threat"].iloc[0] == "adjusted"
    assert "exploratory" in set(table["role"])
    assert method.IMPUTES


def test_a_cut_off_needs_a_source():
    with pytest.raises(ValidationError, match="noise alone"):
        spec(cutoff_pct=15)
    spec(cutoff_pct=15, cutoff_source="a study")


@pytest.mark.parametrize(
    "more",
    [
        {"exposure": "hip_abd_asym_pct_max"},
        {"outcome": "nprs_avg"},
        {"question": "absolute", "outcome": "pain_side"},
        {"mdc_pct": 5},
    ],
)
def test_what_does_not_fit_is_refused(more):
    with pytest.raises(ValidationError):
        spec(**more)


def test_swapped_sides_change_nothing(two_legs):
    plain = [method.headline(two_legs, spec(q)) for q in ("side", "absolute")]
    two_legs.visits["hip_abd_asym_log"] *= -1
    turn = {"left": "right", "right": "left"}
    words = two_legs.people["pain_side"].astype("str").replace(turn)
    two_legs.people["pain_side"] = pd.Categorical(words, method_levels())
    object.__setattr__(two_legs, "people", two_legs.people.sample(frac=1, random_state=1))
    turned = [method.headline(two_legs, spec(q)) for q in ("side", "absolute")]
    for one, other in zip(plain, turned, strict=True):
        for key in ("estimate", "low", "high"):
            assert other[key] == pytest.approx(one[key], rel=1e-8)


def method_levels():
    return ["none", "left", "right", "bilateral", "central"]


def test_marks_of_two_sites_tell_a_side(two_legs):
    given = spec(outcome="pain_site_left_si")
    assert "pain_site_right_si" in method.needs(given)
    found = method.fit(two_legs, given)
    assert found.estimates[0]["n_people"] >= 10
    assert "painful leg" in found.estimates[0]["estimand"]


def test_what_is_lacking_or_too_little_is_said(two_legs):
    assert method.fit(two_legs, spec(exposure="hip_er_asym_log")).needs == ["hip_er_asym_log"]
    two_legs.people["pain_side"] = pd.Categorical(["central"] * 120, method_levels())
    with pytest.raises(UserError, match="pain_side"):
        method.fit(two_legs, spec())
    found = method.fit(two_legs, spec("absolute"))
    assert any(row["name"] == "Question: side" for row in found.diagnostics)


def test_yes_or_no_is_an_odds_ratio(two_legs):
    rows = method.fit(two_legs, spec("absolute", outcome="lbp")).estimates
    assert (rows[0]["scale"], rows[0]["estimand"]) == ("ratio", "odds ratio")
    assert "people with low back pain" not in {row["model"] for row in rows}


def test_sentences_say_what_was_done(two_legs):
    text = " ".join(method.fit(two_legs, spec(mdc_pct=8, mdc_source="a study")).sentences)
    assert "conditional logistic" in text
    assert "no cut-off" in text
    assert not {"effect", "causes"} & set(text.split())


def test_pain_does_not_choose_the_weaker_side_in_the_simulated_cohort(simulated):
    """The painful side is drawn there without regard to strength."""
    found = method.headline(simulated(), spec(adjust=()))
    assert found["n_people"] > 500
    assert found["low"] < 1 < found["high"]
    assert np.log(found["high"] / found["low"]) < 0.6
