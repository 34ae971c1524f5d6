"""The graph object: order, nodes of variables, paths, cycles."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.causal.graph import Arrow, build_graph, find_cycles
from gluteal.causal.reading import read_graph

ARROWS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=12)


@given(ARROWS)
def test_cycles_are_found_exactly_where_networkx_finds_them(pairs):
    arrows = [Arrow(*pair) for pair in dict.fromkeys(pairs)]
    cycles = find_cycles(arrows)
    assert bool(cycles) == (not nx.is_directed_acyclic_graph(nx.DiGraph(pairs)))
    for cycle in cycles:
        assert [a.target for a in cycle] == [a.source for a in [*cycle[1:], cycle[0]]]
    cut = [a for a in arrows if a not in {c[-1] for c in cycles}]
    assert nx.is_directed_acyclic_graph(nx.DiGraph([(a.source, a.target) for a in cut]))


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="a -> b, b -> a"):
        build_graph([("a", "b"), ("b", "a")])


def test_a_variable_finds_its_node(root):
    graph = read_graph(root / "config" / "dag.yaml")
    assert graph.node_of("hip_abd_nm_kg") == "Str"
    assert graph.node_of("hip_ext_nm_kg") == "Str"  # by the dictionary
    assert graph.node_of("Str") == "Str"
    assert graph.node_of("lbp") == "LBP1"
    assert graph.node_of("pelvic_tilt_radiographic_pt_deg") is None  # the opposite sign convention
    assert graph.node_of("no_such_thing") is None


def test_the_shortest_path_is_named():
    graph = build_graph([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    assert graph.path("a", "d") == ("a", "c", "d")
    assert graph.path("d", "a") == ()


def test_order_is_that_of_the_nodes():
    graph = build_graph([("z", "a"), ("a", "m")])
    assert graph.order({"m", "z"}) == ("z", "m")
    assert graph.children["z"] == {"a"}
    assert graph.descendants("z") == {"a", "m"}
