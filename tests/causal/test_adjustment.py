"""Adjustment sets: the published examples, the table of the domain reference, brute force."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.causal import adjustment as adj
from gluteal.causal.graph import Graph, build_graph
from gluteal.causal.reading import read_graph

TOTAL = {"Age", "Sex", "BMI", "PA", "Occ", "Psych", "Prior", "HipOA"}
SHRIER = (
    "Coach>Fit Coach>TM Fit>NMF Fit>Pre Gen>CTD Gen>Fit Gen>NMF CTD>NMF CTD>TW NMF>Intra "
    "NMF>Injury TM>WarmUp TM>PrevInj TW>Injury Pre>WarmUp WarmUp>Intra Intra>Injury CS>PrevInj "
    "CS>Intra"
)
SKETCH = (
    "age>glute age>lbp sex>glute sex>lbp bmi>glute bmi>lbp activity>glute activity>lbp "
    "activity>bmi occ>activity occ>lbp prior>glute prior>lbp prior>fear fear>activity fear>lbp "
    "glute>tilt glute>hamstring glute>lbp tilt>lordosis lordosis>lbp hamstring>lbp"
)


def parse(text: str, latent=()) -> Graph:
    return build_graph((tuple(arrow.split(">")) for arrow in text.split()), latent)


def as_sets(found) -> set[frozenset[str]]:
    return {frozenset(one) for one in found}


@pytest.fixture(scope="module")
def graph(root) -> Graph:
    return read_graph(root / "config" / "dag.yaml")


@pytest.mark.parametrize(
    ("exposure", "expected"),
    [
        ("Str", [TOTAL]),
        ("Asym", [{"LLD", "Str"}]),
        ("Drop", [{"LLD", "Str"}]),
        ("Tilt", [{"Sex", "HipOA", "Str", "Morph"}]),
        (
            "Lord",
            [{"Age", "Sex", "BMI", "HipOA", "Str"}, {"Age", "Sex", "BMI", "Tilt", "Morph"}],
        ),
    ],
)
def test_the_total_effect_sets_of_the_domain_reference(graph, exposure, expected):
    """The table lists the smallest minimal sets; Morph is in them where it would be needed."""
    every = as_sets(adj.adjustment_sets(graph, exposure, "LBP1", unmeasured=["Load"]))
    smallest = min(map(len, every))
    assert as_sets(expected) == {one for one in every if len(one) == smallest}
    usable = as_sets(adj.adjustment_sets(graph, exposure, "LBP1"))
    assert usable == {one for one in every if "Morph" not in one}
    for one in every:
        assert adj.is_sufficient(graph, exposure, "LBP1", one)


def test_the_set_of_strength_is_unique(graph):
    assert as_sets(adj.adjustment_sets(graph, "Str", "LBP1", unmeasured=())) == {frozenset(TOTAL)}


def test_tilt_is_not_identified_without_pelvic_morphology(graph):
    assert adj.adjustment_sets(graph, "Tilt", "LBP1") == []


def test_without_the_effort_arrow_distress_leaves_the_set(graph):
    arrows = tuple(a for a in graph.arrows if str(a) != "Psych -> Str")
    less = Graph(graph.nodes, arrows)
    assert as_sets([TOTAL - {"Psych"}]) <= as_sets(adj.adjustment_sets(less, "Str", "LBP1"))


def test_the_effect_not_through_posture_needs_the_total_set_and_the_mediators(graph):
    assert as_sets(adj.held_sets(graph, "Str", "LBP1", ["Tilt", "Lord"])) == {frozenset(TOTAL)}


def test_shrier_and_platt():
    expected = "NMF,TW CTD,NMF Fit,Gen Coach,Fit Coach,Pre Fit,TM Pre,TM"
    found = adj.adjustment_sets(parse(SHRIER), "WarmUp", "Injury")
    assert as_sets(found) == as_sets(one.split(",") for one in expected.split())


def test_m_bias_needs_nothing_and_is_made_by_adjusting():
    graph = parse("a>x a>m b>m b>y x>y")
    assert adj.adjustment_sets(graph, "x", "y") == [()]
    assert not adj.is_sufficient(graph, "x", "y", ["m"])
    assert adj.is_sufficient(graph, "x", "y", ["m", "a"])


def test_the_direct_arrow_as_dagitty_has_it():
    base = {"activity", "age", "bmi", "prior", "sex"}
    graph = parse(SKETCH)
    assert as_sets([base]) == as_sets(adj.adjustment_sets(graph, "glute", "lbp"))
    expected = as_sets([base | {"hamstring", "lordosis"}, base | {"hamstring", "tilt"}])
    assert as_sets(adj.arrow_sets(graph, "glute", "lbp")) == expected
    pairs = {(one.first, one.second) for one in adj.independences(graph)}
    assert len(pairs) == 44  # 66 pairs of 12 nodes, 22 arrows


def test_implied_independences_hold(graph):
    digraph = nx.DiGraph([(a.source, a.target) for a in graph.arrows])
    found = list(adj.independences(graph, largest=2))
    assert len(found) > 50
    for one in found:
        assert nx.is_d_separator(digraph, {one.first}, {one.second}, set(one.given)), one
    assert str(next(adj.independences(parse("a>b b>c")))) == "a _||_ c | b"


NAMES = "xyabcde"


@st.composite
def graphs(draw) -> Graph:
    order = draw(st.permutations(NAMES))
    pairs = list(combinations(order, 2))
    drawn = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return build_graph([p for p, there in zip(pairs, drawn, strict=True) if there], nodes=NAMES)


def criterion(digraph: nx.DiGraph, exposures: set[str], z: set[str]) -> bool:
    """The adjustment criterion, literally: by enumeration of the proper causal paths."""
    on: set[str] = set()
    for x in exposures:
        for path in nx.all_simple_paths(digraph, x, "y"):
            if not exposures & set(path[1:]):
                on |= set(path[1:])
    if z & {d for n in on for d in nx.descendants(digraph, n) | {n}}:
        return False
    cut = digraph.copy()
    cut.remove_edges_from([(x, n) for x in exposures for n in digraph.successors(x) if n in on])
    return nx.is_d_separator(cut, exposures, {"y"}, z)


@settings(max_examples=80, deadline=None)
@given(graphs(), st.booleans())
def test_sets_are_those_of_the_criterion_by_brute_force(graph, joint):
    digraph = nx.DiGraph([(a.source, a.target) for a in graph.arrows])
    digraph.add_nodes_from(NAMES)
    exposures = {"x", "a"} if joint else {"x"}
    free = [n for n in NAMES if n not in exposures | {"y"}]
    every = [set(z) for k in range(len(free) + 1) for z in combinations(free, k)]
    valid = [z for z in every if criterion(digraph, exposures, z)]
    minimal = {frozenset(z) for z in valid if not any(other < z for other in valid)}
    assert as_sets(adj.held_sets(graph, "x", "y", exposures - {"x"})) == minimal
    if not joint:
        assert as_sets(adj.adjustment_sets(graph, "x", "y")) == minimal
        assert [z for z in every if adj.is_sufficient(graph, "x", "y", z)] == valid


@settings(max_examples=40, deadline=None)
@given(graphs(), st.sampled_from("abcde"))
def test_a_latent_node_is_never_used(graph, name):
    hidden = Graph(
        {n: type(v)(n, n, latent=n == name) for n, v in graph.nodes.items()}, graph.arrows
    )
    found = as_sets(adj.adjustment_sets(hidden, "x", "y"))
    every = as_sets(adj.adjustment_sets(graph, "x", "y"))
    assert found == {one for one in every if name not in one}
