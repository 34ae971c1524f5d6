"""Separation against networkx and against brute force, on random graphs."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.causal import separation as sep

NAMES = "abcdefg"
PAIRS = list(combinations(NAMES, 2))


@st.composite
def dags(draw) -> dict[str, frozenset[str]]:
    """Draw an acyclic graph of seven nodes; arrows run in a drawn order of the names."""
    order = draw(st.permutations(NAMES))
    drawn = draw(st.lists(st.booleans(), min_size=len(PAIRS), max_size=len(PAIRS)))
    parents: dict[str, set[str]] = {name: set() for name in NAMES}
    for (i, j), there in zip(combinations(range(len(NAMES)), 2), drawn, strict=True):
        if there:
            parents[order[j]].add(order[i])
    return {name: frozenset(above) for name, above in parents.items()}


def as_networkx(parents) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((p, n) for n, above in parents.items() for p in above)
    return graph


def subsets(names):
    return (set(s) for k in range(len(names) + 1) for s in combinations(names, k))


@given(dags(), st.lists(st.sampled_from("xyz-"), min_size=7, max_size=7))
def test_separation_agrees_with_networkx(parents, parts):
    first, second, between = (
        {n for n, p in zip(NAMES, parts, strict=True) if p == part} for part in "xyz"
    )
    if first and second:
        expected = nx.is_d_separator(as_networkx(parents), first, second, between)
        assert sep.is_separated(parents, first, second, between) == expected


@given(dags())
def test_ancestors_and_descendants_agree_with_networkx(parents):
    graph = as_networkx(parents)
    for name in NAMES:
        assert sep.ancestors(parents, [name]) == nx.ancestors(graph, name) | {name}
        assert sep.descendants(parents, [name]) == nx.descendants(graph, name) | {name}


@settings(max_examples=60, deadline=None)
@given(dags(), st.sets(st.sampled_from(NAMES[2:]), max_size=2), st.booleans())
def test_minimal_separators_are_all_those_found_by_brute_force(parents, forbidden, joint):
    graph = as_networkx(parents)
    first = {"a", "c"} if joint else {"a"}
    forbidden = forbidden - first
    free = [n for n in NAMES if n not in forbidden | first | {"b"}]
    valid = [z for z in subsets(free) if nx.is_d_separator(graph, first, {"b"}, z)]
    minimal = {frozenset(z) for z in valid if not any(other < z for other in valid)}
    assert set(sep.minimal_separators(parents, first, ["b"], forbidden)) == minimal


def test_neighbours_have_no_separator():
    assert sep.minimal_separators({"a": frozenset(), "b": frozenset("a")}, "a", "b") == []


def test_the_unconnected_are_separated_by_nothing():
    parents = {"a": frozenset(), "b": frozenset(), "c": frozenset("ab")}
    assert sep.minimal_separators(parents, "a", "b") == [frozenset()]


def test_nothing_separates_a_node_from_itself():
    parents = {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": {"c"}}
    assert sep.minimal_separators(parents, ["c"], ["c"]) == []
    assert sep.minimal_separators(parents, ["b", "c"], ["c"]) == []
