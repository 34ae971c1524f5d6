"""The causal graph as data: nodes, what measures them, arrows with their evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from gluteal.causal.separation import Parents, ancestors, children
from gluteal.variables import variables


@dataclass(frozen=True, slots=True)
class Node:
    """One node: measured by variables of the dictionary, the first being the usual one."""

    name: str
    label: str
    measured_by: tuple[str, ...] = ()
    latent: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow with the evidence for drawing it."""

    source: str
    target: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class Graph:
    """A directed acyclic graph whose nodes know what measures them.

    Parameters
    ----------
    nodes : dict of str to Node
        In the order of the file, which also breaks ties between adjustment sets.
    arrows : tuple of Arrow
    """

    nodes: dict[str, Node]
    arrows: tuple[Arrow, ...]

    @cached_property
    def parents(self) -> Parents:
        """Parents of each node."""
        found: dict[str, set[str]] = {name: set() for name in self.nodes}
        for arrow in self.arrows:
            found[arrow.target].add(arrow.source)
        return {name: frozenset(above) for name, above in found.items()}

    @cached_property
    def children(self) -> Parents:
        """Children of each node."""
        return children(self.parents)

    @property
    def latent(self) -> frozenset[str]:
        """Nodes that nothing measures."""
        return frozenset(name for name, node in self.nodes.items() if node.latent)

    def ancestors(self, name: str) -> set[str]:
        """Return the ancestors of a node, without itself."""
        return ancestors(self.parents, [name]) - {name}

    def descendants(self, name: str) -> set[str]:
        """Return the descendants of a node, without itself."""
        return ancestors(self.children, [name]) - {name}

    def order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Sort nodes as the file lists them."""
        wanted = set(names)
        return tuple(name for name in self.nodes if name in wanted)

    def node_of(self, name: str) -> str | None:
        """Name the node that a variable measures; a node's name stands for itself.

        ``measured_by`` of the graph goes before the column ``node`` of the dictionary. None means
        that the graph has no opinion about this variable.
        """
        if name in self.nodes:
            return name
        for node in self.nodes.values():
            if name in node.measured_by:
                return node.name
        known = variables().get(name)
        return known.node if known and known.node in self.nodes else None

    def path(self, start: str, end: str) -> tuple[str, ...]:
        """Return a shortest directed path from one node to another; empty if there is none."""
        paths: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        for path in paths:  # grows while it is walked
            if path[-1] == end:
                return path
            for node in self.order(self.children[path[-1]] - seen):
                seen.add(node)
                paths.append((*path, node))
        return ()


def find_cycles(arrows: Iterable[Arrow]) -> list[list[Arrow]]:
    """Return cycles, one after another, until leaving out the last arrow of each breaks all."""
    left = list(arrows)
    found: list[list[Arrow]] = []
    while cycle := _cycle(left):
        found.append(cycle)
        left.remove(cycle[-1])
    return found


def _cycle(arrows: list[Arrow]) -> list[Arrow]:
    out: dict[str, list[Arrow]] = {}
    for arrow in arrows:
        out.setdefault(arrow.source, []).append(arrow)
    done: set[str] = set()
    for root in out:
        trail: list[Arrow] = []
        stack = [iter(out[root])] if root not in done else []
        while stack:
            arrow = next(stack[-1], None)
            if arrow is None:
                stack.pop()
                done.add(trail.pop().target if trail else root)
                continue
            on = [root, *(step.target for step in trail)]
            if arrow.target in on:
                return [*trail[on.index(arrow.target) :], arrow]
            if arrow.target not in done:
                trail.append(arrow)
                stack.append(iter(out.get(arrow.target, ())))
    return []


def build_graph(
    arrows: Iterable[tuple[str, str]], latent: Iterable[str] = (), nodes: Iterable[str] = ()
) -> Graph:
    """Build a graph from pairs of names, for tests and small examples.

    Raises
    ------
    ValueError
        If the arrows go round in a circle.

    Examples
    --------
    >>> sorted(build_graph([("a", "b"), ("b", "c")]).ancestors("c"))
    ['a', 'b']
    """
    drawn = tuple(Arrow(source, target) for source, target in arrows)
    if cycles := find_cycles(drawn):
        raise ValueError(f"the graph has a cycle: {', '.join(map(str, cycles[0]))}")
    names = dict.fromkeys([*nodes, *(n for a in drawn for n in (a.source, a.target))])
    hidden = set(latent)
    return Graph({name: Node(name, name, latent=name in hidden) for name in names}, drawn)
