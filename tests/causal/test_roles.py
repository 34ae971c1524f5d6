"""Roles of nodes, refusals of covariates, and the set that a question gets."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.causal.adjustment import is_sufficient
from gluteal.causal.graph import Graph, build_graph
from gluteal.causal.reading import read_graph
from gluteal.causal.roles import REFUSED, judge, resolve, roles
from gluteal.errors import UserError

TOTAL = ("Age", "Sex", "BMI", "PA", "Occ", "Psych", "Prior", "HipOA")
TOTAL_VARIABLES = (
    "age_years",
    "sex",
    "bmi_kg_m2",
    "log_met",
    "occ_lifting",
    "phq9",
    "prior_lbp",
    "hip_oa",
)


@pytest.fixture(scope="module")
def graph(root) -> Graph:
    return read_graph(root / "config" / "dag.yaml")


def test_the_roles_for_strength_and_pain(graph):
    found = roles(graph, "Str", "LBP1")
    assert {n for n, r in found.items() if r == "confounder"} == set(TOTAL)
    mediators = {"Tilt", "Lord", "Comp", "Drop", "Asym", "Load"}
    assert {n for n, r in found.items() if r == "mediator"} == mediators
    assert found["Care"] == found["Retained"] == "collider"
    assert found["ODI1"] == "descendant of outcome"
    assert found["SLS"] == "descendant of exposure"
    assert found["LLD"] == found["Morph"] == "cause of outcome"
    assert (found["Str"], found["LBP1"]) == ("exposure", "outcome")


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        ("a>x x>y", "instrument"),
        ("a>x x>y u>a u>y", "confounder"),  # a stands between x and the common cause u
        ("a>y x>y", "cause of outcome"),
        ("u>x u>a v>a v>y x>y", "collider"),
        ("u>x u>m v>m v>y x>y m>a", "collider"),
        ("x>a x>y", "descendant of exposure"),
        ("x>a y>a x>y", "collider"),
        ("x>a a>y", "mediator"),
        ("y>a x>y", "descendant of outcome"),
        ("b>a x>y", "other"),
    ],
)
def test_roles_in_small_graphs(arrows, expected):
    graph = build_graph(tuple(arrow.split(">")) for arrow in arrows.split())
    assert roles(graph, "x", "y")["a"] == expected


def test_the_never_adjust_list_of_the_domain_reference(graph):
    never = [
        "pelvic_tilt_asis_psis_deg",
        "lumbar_lordosis_surface_deg",
        "emg_es_gmax_log_ratio",
        "pelvic_drop_deg",
        "sls_time_s",
        "odi_pct",
        "rmdq_0_24",
        "attended",
        "recruitment_source",
        "nprs_now",
    ]
    assert [r.name for r in judge(graph, "hip_abd_nm_kg", "nprs_avg", never)] == never


def test_the_set_itself_and_unknown_variables_pass(graph):
    fine = [*TOTAL, *TOTAL_VARIABLES, "leg_length_diff_mm", "height_m", "smoking"]
    assert judge(graph, "hip_abd_nm_kg", "nprs_avg", fine) == []
    assert judge(graph, "height_m", "nprs_avg", ["odi_pct"]) == []


def test_refusals_say_why_in_words(graph):
    why = {r.node: r.why for r in judge(graph, "Str", "LBP1", ["Tilt", "Care", "ODI1", "SLS"])}
    assert "Str -> Tilt -> Lord -> Load -> LBP1" in why["Tilt"]
    assert "collider" in why["Care"]
    assert "LBP1 -> ODI1" in why["ODI1"]
    assert "Str -> SLS" in why["SLS"]


def test_a_question_against_the_arrows_is_turned_round(graph):
    """A group difference (exposure pain, outcome strength) has the confounders of Str -> LBP1."""
    turned = resolve(graph, "lbp", "hip_abd_nm_kg")
    straight = resolve(graph, "hip_abd_nm_kg", "nprs_avg")
    assert (turned.exposure, turned.outcome) == ("Str", "LBP1")
    assert turned.direction == "reversed"
    assert "association, not an effect" in turned.note
    assert turned.nodes == straight.nodes == TOTAL
    assert straight.variables == TOTAL_VARIABLES
    assert straight.direction == "forward"
    refused = judge(graph, "lbp", "hip_abd_nm_kg", ["Tilt", "ODI1", "nprs_avg", "age_years"])
    assert [r.name for r in refused] == ["Tilt", "ODI1", "nprs_avg"]


def test_tilt_is_resolved_with_its_limitation(graph):
    found = resolve(graph, "Tilt", "LBP1")
    assert not found.identified
    assert found.nodes == ("Sex", "HipOA", "Str")
    assert found.unmeasured == ("Morph",)
    assert "Pelvic morphology would be needed" in found.note


def test_lordosis_takes_the_measured_set(graph):
    found = resolve(graph, "lumbar_lordosis_surface_deg", "nprs_avg")
    assert found.identified
    assert found.nodes == ("Age", "Sex", "BMI", "HipOA", "Str")
    assert found.alternatives[0] == found.nodes


def test_a_cohort_that_lacks_a_node_is_told_so(graph):
    found = resolve(graph, "Str", "LBP1", lacking=["PA", "Occ"])
    assert not found.identified
    assert found.unmeasured == ("PA", "Occ")
    assert "PA" not in found.nodes


def test_unconnected_and_same_node(graph):
    found = resolve(graph, "leg_length_diff_mm", "sls_time_s")
    assert (found.direction, found.nodes, found.identified) == ("unconnected", (), True)
    same = resolve(graph, "lbp", "nprs_avg")
    assert (same.direction, same.identified) == ("same node", False)


def test_a_variable_without_node_is_named(graph):
    with pytest.raises(UserError, match=r"height_m.*no node"):
        resolve(graph, "height_m", "nprs_avg")


NAMES = "xyabcde"


@st.composite
def graphs(draw) -> Graph:
    order = draw(st.permutations(NAMES))
    pairs = list(combinations(order, 2))
    drawn = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return build_graph([p for p, there in zip(pairs, drawn, strict=True) if there], nodes=NAMES)


@settings(deadline=None)
@given(graphs())
def test_the_chosen_set_is_valid_and_never_refused(graph):
    found = resolve(graph, "x", "y")
    assert found.identified
    assert is_sufficient(graph, found.exposure, found.outcome, found.nodes)
    assert judge(graph, "x", "y", found.nodes) == []
    turned = resolve(graph, "y", "x")
    assert set(turned.nodes) == set(found.nodes)


@settings(deadline=None)
@given(graphs())
def test_whatever_the_criterion_forbids_is_refused(graph):
    """A node that no valid set may hold is always among the refused."""
    known = roles(graph, "x", "y")
    found = resolve(graph, "x", "y")
    free = [n for n in NAMES if n not in (found.exposure, found.outcome)]
    every = [set(z) for k in range(len(free) + 1) for z in combinations(free, k)]
    valid = [z for z in every if is_sufficient(graph, found.exposure, found.outcome, z)]
    usable = {name for one in valid for name in one}
    assert {n for n in free if known[n] not in REFUSED} <= usable
