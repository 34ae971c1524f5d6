"""Adjustment sets, controlled direct effects and implied independences of a causal graph.

The adjustment criterion: a set is valid for the total effect if it has no node on, or descending
from, a proper causal path (exposure apart) and d-separates exposure and outcome once the first
arrows of those paths are taken out (Shpitser, VanderWeele & Robins 2010, arXiv:1203.3515; van der
Zander, Liśkiewicz & Textor 2014, 2019, doi:10.1016/j.artint.2018.12.006).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from gluteal.causal.graph import Graph
from gluteal.causal.separation import (
    Parents,
    ancestors,
    children,
    is_separated,
    minimal_separators,
)

Sets = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Independence:
    """The graph says that two nodes are independent given a set; data may contradict it."""

    first: str
    second: str
    given: tuple[str, ...]

    def __str__(self) -> str:
        given = f" | {', '.join(self.given)}" if self.given else ""
        return f"{self.first} _||_ {self.second}{given}"


def causal_nodes(graph: Graph, exposures: Collection[str], outcome: str) -> set[str]:
    """Return the nodes on proper causal paths: they leave the exposures and never come back."""
    held = set(exposures)
    kept: Parents = {n: frozenset() if n in held else up for n, up in graph.parents.items()}
    before = ancestors(kept, [outcome]) - held
    kept = {n: frozenset() if n in held else up - held for n, up in graph.parents.items()}
    first = {n for n in graph.nodes if n not in held and graph.parents[n] & held}
    return ancestors(children(kept), first) & before


def forbidden_nodes(graph: Graph, exposures: Collection[str], outcome: str) -> set[str]:
    """Return the nodes that no adjustment set may hold: causal nodes and what follows from them."""
    causal = causal_nodes(graph, exposures, outcome)
    return ancestors(graph.children, causal) | set(exposures) | {outcome}


def _back_doors(graph: Graph, exposures: Collection[str], outcome: str) -> Parents:
    held, causal = set(exposures), causal_nodes(graph, exposures, outcome)
    return {n: up - held if n in causal else up for n, up in graph.parents.items()}


def _sorted(graph: Graph, found: Collection[frozenset[str]]) -> Sets:
    place = {name: i for i, name in enumerate(graph.nodes)}
    sets = [graph.order(one) for one in found]
    return sorted(sets, key=lambda one: (len(one), [place[name] for name in one]))


def is_sufficient(graph: Graph, exposure: str, outcome: str, given: Collection[str]) -> bool:
    """Say whether a set is valid for the total effect by the adjustment criterion."""
    if forbidden_nodes(graph, [exposure], outcome) & set(given):
        return False
    return is_separated(_back_doors(graph, [exposure], outcome), [exposure], [outcome], given)


def adjustment_sets(
    graph: Graph, exposure: str, outcome: str, unmeasured: Collection[str] | None = None
) -> Sets:
    """List all minimal sufficient sets for the total effect of exposure on outcome.

    Parameters
    ----------
    graph : Graph
    exposure, outcome : str
        Nodes.
    unmeasured : collection of str, optional
        Nodes that may not be used; the latent nodes if not given.

    Returns
    -------
    list of tuple of str
        Smallest first; empty if no set of measured nodes suffices.

    Examples
    --------
    >>> from gluteal.causal.graph import build_graph
    >>> adjustment_sets(build_graph([("c", "x"), ("c", "y"), ("x", "y")]), "x", "y")
    [('c',)]
    """
    return held_sets(graph, exposure, outcome, (), unmeasured)


def held_sets(
    graph: Graph,
    exposure: str,
    outcome: str,
    held: Collection[str],
    unmeasured: Collection[str] | None = None,
) -> Sets:
    """List the minimal sets for the controlled direct effect with mediators ``held`` fixed.

    The model then has the set *and* the held nodes as covariates: exposure and held nodes are
    taken as one joint exposure, so a confounder of a mediator and the outcome counts too.

    Examples
    --------
    >>> from gluteal.causal.graph import build_graph
    >>> g = build_graph([("x", "m"), ("m", "y"), ("x", "y"), ("u", "m"), ("u", "y")])
    >>> held_sets(g, "x", "y", ["m"])
    [('u',)]
    """
    exposures = [exposure, *held]
    closed = forbidden_nodes(graph, exposures, outcome)
    closed |= graph.latent if unmeasured is None else set(unmeasured)
    parents = _back_doors(graph, exposures, outcome)
    return _sorted(graph, minimal_separators(parents, exposures, [outcome], closed))


def arrow_sets(graph: Graph, exposure: str, outcome: str) -> Sets:
    """List the minimal sets for the one arrow exposure -> outcome in a linear model.

    The single-door criterion: no descendant of the outcome, and separation once the arrow is
    taken out (Pearl 2009, section 5.3). Mediators belong to these sets.
    """
    parents = dict(graph.parents)
    parents[outcome] = parents[outcome] - {exposure}
    closed = graph.descendants(outcome) | graph.latent
    return _sorted(graph, minimal_separators(parents, [exposure], [outcome], closed))


def independences(graph: Graph, largest: int | None = None) -> Iterator[Independence]:
    """Yield the conditional independences among measured nodes that the graph implies.

    For each pair without an arrow: all minimal sets of measured nodes that separate it, up to
    ``largest`` nodes.
    """
    latent = graph.latent
    for first, second in combinations([n for n in graph.nodes if n not in latent], 2):
        if first in graph.parents[second] or second in graph.parents[first]:
            continue
        found = minimal_separators(graph.parents, [first], [second], latent)
        for given in _sorted(graph, found):
            if largest is None or len(given) <= largest:
                yield Independence(first, second, given)
