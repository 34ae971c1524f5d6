import json

import pytest

from gluteal.analyses.multiverse import Spec
from gluteal.config.plan import plan_text
from gluteal.config.reading import read_yaml
from gluteal.config.sets import judge_choices, list_sets, settle_choices
from gluteal.config.study import parse_study

GRAPH = """
nodes:
  A: {label: Age, measured_by: age_years}
  D: {label: Distress, measured_by: phq9}
  Str: {label: Strength, measured_by: hip_abd_nm_kg}
  LBP1: {label: Pain, measured_by: nprs_avg}
  O: {label: Disability, measured_by: odi_pct}
  L: {label: Leg length, measured_by: leg_length_diff_mm}
  H: {label: Hip pain, measured_by: hip_pain}
  W: {label: Work, measured_by: occ_lifting}
arrows:
  - A -> Str: x
  - A -> D: x
  - D -> LBP1: x
  - Str -> LBP1: x
  - LBP1 -> O: x
  - L -> LBP1: x
  - W -> O: x
  - LBP1 -> H: x
"""


@pytest.fixture
def dag(tmp_path):
    path = tmp_path / "dag.yaml"
    path.write_text(GRAPH)
    return path


def ask(**more):
    return Spec(**({"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"} | more))


def test_sufficient_sets_are_allowed_and_the_others_refused_with_a_reason(dag):
    found = list_sets(dag, ask(), [("age_years", "odi_pct"), ("age_years", "sex")])
    sets = {frozenset(one) for one in found.allowed}
    assert sets >= {frozenset({"age_years"}), frozenset({"phq9"}), frozenset({"age_years", "phq9"})}
    assert frozenset({"age_years", "leg_length_diff_mm"}) in sets
    reasons = {frozenset(one): why for one, why in found.refused}
    assert "age" in reasons[frozenset()] or "PHQ-9" in reasons[frozenset()]
    assert "Disability is a collider" in reasons[frozenset({"age_years", "odi_pct"})]
    assert "not in the causal graph" in reasons[frozenset({"age_years", "sex"})]
    assert found.allowed[0] == ("age_years",)


def test_what_is_held_by_design_is_no_covariate(dag):
    text = GRAPH.replace("measured_by: age_years", "measured_by: sex")
    dag.with_name("held.yaml").write_text(text)
    found = list_sets(dag.with_name("held.yaml"), ask(only={"sex": ("f",)}))
    assert all("sex" not in one for one in found.allowed)


def test_other_measures_need_the_same_sets(dag):
    sets = [("age_years",), ("phq9",)]
    taken, refused = judge_choices(dag, ask(), sets, ["nprs_now", "odi_pct", "vas_mm"], "outcome")
    assert taken == ("nprs_now", "odi_pct", "vas_mm") and refused == ()
    taken, refused = judge_choices(dag, ask(), sets, ["sts5_s"], "outcome")
    assert taken == () and refused == (("five chair stands", "is not in the causal graph"),)


def test_people_are_not_left_out_by_a_consequence_of_the_outcome(dag):
    names = ["hip_pain", "med_opioid"]
    taken, refused = judge_choices(dag, ask(), [("age_years",)], names, "people")
    assert taken == ("med_opioid",)
    assert refused[0][0] == "without hip pain" and "Hip pain" in refused[0][1]


def test_a_pair_that_the_graph_does_not_know_is_left_as_it_is(dag):
    asked = ask(outcome="sts5_s", adjust=("age_years",))
    found = list_sets(dag, asked, [("phq9",)])
    assert found.allowed == (("age_years",),)
    assert "not in the causal graph" in found.refused[0][1]
    assert judge_choices(dag, asked, found.allowed, ["nprs_avg"], "outcome") == (("nprs_avg",), ())
    said = settle_choices(dag, asked)["refused_choices"]
    assert "closes every back-door" in said[0][0]


def test_an_effect_that_is_not_identified_says_so(dag):
    hidden = GRAPH.replace("measured_by: age_years", "latent: true")
    hidden = hidden.replace("measured_by: phq9", "latent: true")
    dag.with_name("hidden.yaml").write_text(hidden)
    asked = ask()
    settled = settle_choices(dag.with_name("hidden.yaml"), asked)
    assert settled["adjustment_sets"] == [[]]
    assert "Not identified" in settled["refused_choices"][0][1]


def test_the_plan_has_the_choices_and_settles_to_itself(root):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    entry = {"method": "multiverse", "outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"}
    study = parse_study(raw | {"claims": {}, "analyses": {"ways": entry}})
    settings = json.loads(plan_text(study, "ways"))["spec"]
    assert settings["adjustment_sets"][0] == settings["adjust"]
    assert len(settings["refused_sets"]) == 3
    again = Spec.model_validate(settings)
    assert again.alternatives()[0][0] == "nprs_avg" and "odi_pct" in again.outcomes
