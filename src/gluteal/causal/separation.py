"""Separation in directed acyclic graphs, on plain dictionaries of parents.

A graph is a mapping from each node to the set of its parents. Two sets of nodes are d-separated
by a third if and only if it separates them in the moral graph of the ancestors of all three
(Lauritzen et al. 1990, doi:10.1002/net.3230200503).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

Parents = Mapping[str, frozenset[str]]
Neighbours = dict[str, set[str]]


def ancestors(parents: Parents, nodes: Iterable[str]) -> set[str]:
    """Return the nodes and all their ancestors."""
    found: set[str] = set()
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += parents[node]
    return found


def children(parents: Parents) -> dict[str, frozenset[str]]:
    """Turn all arrows round: the children of each node."""
    found: Neighbours = {node: set() for node in parents}
    for node, above in parents.items():
        for parent in above:
            found[parent].add(node)
    return {node: frozenset(below) for node, below in found.items()}


def descendants(parents: Parents, nodes: Iterable[str]) -> set[str]:
    """Return the nodes and all their descendants."""
    return ancestors(children(parents), nodes)


def moralise(parents: Parents, keep: Collection[str]) -> Neighbours:
    """Marry the parents of each child and drop directions, among the nodes of ``keep``."""
    graph: Neighbours = {node: set() for node in keep}
    for node in keep:
        family = [parent for parent in parents[node] if parent in graph]
        for parent in family:
            graph[parent].add(node)
            graph[node].add(parent)
            graph[parent].update(other for other in family if other != parent)
    return graph


def _component(graph: Neighbours, start: str, removed: Collection[str]) -> set[str]:
    found = {start}
    todo = [start]
    while todo:
        for node in graph[todo.pop()]:
            if node not in found and node not in removed:
                found.add(node)
                todo.append(node)
    return found


def _border(graph: Neighbours, inside: Collection[str]) -> set[str]:
    return {node for one in inside for node in graph[one]} - set(inside)


def is_separated(
    parents: Parents, first: Collection[str], second: Collection[str], given: Collection[str] = ()
) -> bool:
    """Say whether ``given`` d-separates every node of ``first`` from every node of ``second``.

    Examples
    --------
    >>> chain = {"a": frozenset(), "b": frozenset("a"), "c": frozenset("b")}
    >>> is_separated(chain, "a", "c"), is_separated(chain, "a", "c", "b")
    (False, True)
    """
    graph = moralise(parents, ancestors(parents, [*first, *second, *given]))
    targets = set(second) - set(given)
    return all(targets.isdisjoint(_component(graph, n, given)) for n in set(first) - set(given))


def _eliminate(graph: Neighbours, node: str) -> None:
    around = graph.pop(node)
    for one in around:
        graph[one] |= around
        graph[one] -= {one, node}


def _contract(graph: Neighbours, nodes: Collection[str]) -> str:
    """Merge nodes into the first of them; return its name."""
    first, *rest = sorted(nodes)
    for node in rest:
        around = graph.pop(node)
        for one in around:
            graph[one].discard(node)
            if one != first:
                graph[one].add(first)
                graph[first].add(one)
        graph[first].discard(node)
    return first


def minimal_separators(
    parents: Parents,
    first: Collection[str],
    second: Collection[str],
    forbidden: Collection[str] = (),
) -> list[frozenset[str]]:
    """List every minimal d-separator of two sets of nodes that avoids ``forbidden``.

    All minimal d-separators lie among the ancestors of the two sets, where they are the minimal
    vertex separators of the moral graph (van der Zander, Liśkiewicz & Textor 2019,
    doi:10.1016/j.artint.2018.12.006). A forbidden node is eliminated, its neighbours joined.
    The separators are then walked from the one nearest ``first`` outwards (Shen & Liang 1997,
    doi:10.1016/S0304-3975(96)00248-1).

    Returns
    -------
    list of frozenset
        Empty if the two cannot be separated.
    """
    if set(first) & set(second):
        return []  # nothing separates a node from itself
    ends = {*first, *second}
    graph = moralise(parents, ancestors(parents, ends))
    for node in [n for n in graph if n in forbidden and n not in ends]:
        _eliminate(graph, node)
    source, target = _contract(graph, first), _contract(graph, second)
    if target in graph[source]:
        return []
    near = _border(graph, [source])
    found = [frozenset(_border(graph, _component(graph, target, near)))]
    for separator in found:  # grows while it is walked
        inside = _component(graph, source, separator)
        for node in sorted(separator):
            further = _border(graph, inside | {node})
            if target not in further:
                beyond = _component(graph, target, further)
                candidate = frozenset(_border(graph, beyond))
                if candidate not in found:
                    found.append(candidate)
    return found
