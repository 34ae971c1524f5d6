"""What each node is to a question, which covariates are refused, and which set is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from gluteal.causal.adjustment import Sets, adjustment_sets, is_sufficient
from gluteal.causal.graph import Graph
from gluteal.causal.separation import is_separated
from gluteal.errors import UserError, suggest

Role = Literal[
    "exposure",
    "outcome",
    "confounder",
    "mediator",
    "collider",
    "descendant of outcome",
    "descendant of exposure",
    "instrument",
    "cause of exposure",
    "cause of outcome",
    "other",
]
Direction = Literal["forward", "reversed", "unconnected", "same node"]
REFUSED: tuple[Role, ...] = (
    "exposure",
    "outcome",
    "mediator",
    "collider",
    "descendant of outcome",
    "descendant of exposure",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A covariate that the graph refuses; ``name`` is what was asked for, variable or node."""

    name: str
    node: str
    role: Role
    why: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The adjustment set of a question, and what must be said with it.

    Attributes
    ----------
    exposure, outcome : str
        The nodes in the order that the graph gives them, cause first.
    nodes, variables : tuple of str
        The set taken: its nodes, and the usual variable of each. If the effect is not
        identified, the measured part of the set that needs the fewest unmeasured nodes.
    direction : {"forward", "reversed", "unconnected", "same node"}
        ``reversed``: the exposure of the question comes later in the graph than its outcome.
    note : str
        One or two sentences for the report.
    identified : bool
        Whether measured nodes suffice.
    unmeasured : tuple of str
        Nodes that would be needed as well.
    alternatives : list of tuple of str
        All minimal sets of measured nodes.
    """

    exposure: str
    outcome: str
    nodes: tuple[str, ...]
    variables: tuple[str, ...]
    direction: Direction
    note: str
    identified: bool
    unmeasured: tuple[str, ...]
    alternatives: Sets


def _node(graph: Graph, name: str) -> str:
    node = graph.node_of(name)
    if node is None:
        raise UserError(
            f"{name}: the causal graph has no node for it. {suggest(name, graph.nodes)}"
            "Add it to the graph, or give the covariates by name."
        )
    return node


def _causal_order(graph: Graph, exposure: str, outcome: str) -> tuple[str, str, Direction]:
    first, second = _node(graph, exposure), _node(graph, outcome)
    if first == second:
        return first, second, "same node"
    if second in graph.descendants(first):
        return first, second, "forward"
    if first in graph.descendants(second):
        return second, first, "reversed"
    return first, second, "unconnected"


def roles(graph: Graph, exposure: str, outcome: str) -> dict[str, Role]:
    """Say what each node is to the question of ``exposure`` and ``outcome``.

    Variables may be given for nodes. If the exposure descends from the outcome the pair is turned
    round first, so that ``exposure`` always means the earlier of the two.

    Examples
    --------
    >>> from gluteal.causal.graph import build_graph
    >>> graph = build_graph([("c", "x"), ("c", "y"), ("x", "m"), ("m", "y"), ("y", "d")])
    >>> roles(graph, "x", "y")["m"], roles(graph, "x", "y")["d"]
    ('mediator', 'descendant of outcome')
    """
    first, second, _ = _causal_order(graph, exposure, outcome)
    sets = adjustment_sets(graph, first, second, unmeasured=())
    confounders = {name for one in sets for name in one}
    ends: dict[str, Role] = {second: "outcome", first: "exposure"}
    return {
        name: ends[name] if name in ends else _role(graph, name, first, second, confounders, sets)
        for name in graph.nodes
    }


def _role(
    graph: Graph, name: str, exposure: str, outcome: str, confounders: set[str], sets: Sets
) -> Role:
    above, after = graph.ancestors(name), graph.descendants(outcome)
    below = graph.descendants(exposure)
    leads = graph.ancestors(outcome)
    if name in below and name in leads:
        return "mediator"
    if name in after:
        meeting = [n for n in (above | {name}) & after if graph.parents[n] - after - {outcome}]
        return "collider" if meeting else "descendant of outcome"
    if name in below:
        return "descendant of exposure"
    if name in confounders or (
        name in graph.ancestors(exposure) and _avoids(graph, name, exposure, outcome)
    ):
        return "confounder"
    if name in graph.ancestors(exposure):
        return (
            "instrument"
            if _only_through(graph, name, exposure, outcome, sets)
            else "cause of exposure"
        )
    if name in leads:
        return "cause of outcome"
    opened = any(not is_sufficient(graph, exposure, outcome, {*one, name}) for one in sets)
    return "collider" if opened else "other"


def _avoids(graph: Graph, name: str, exposure: str, outcome: str) -> bool:
    """Say whether a directed path leads from a node to the outcome past the exposure."""
    reached, todo = {name}, [name]
    while todo:
        for child in graph.children[todo.pop()] - reached - {exposure}:
            reached.add(child)
            todo.append(child)
    return outcome in reached


def _only_through(graph: Graph, name: str, exposure: str, outcome: str, sets: Sets) -> bool:
    parents = {n: up - {exposure} for n, up in graph.parents.items()}
    return any(is_separated(parents, [name], [outcome], set(one) - {name}) for one in sets)


def judge(graph: Graph, exposure: str, outcome: str, covariates: Iterable[str]) -> list[Refusal]:
    """List the covariates that the graph refuses, with the reason.

    Names may be nodes or variables. A covariate, exposure or outcome without a node in the graph
    is not judged.
    """
    if graph.node_of(exposure) is None or graph.node_of(outcome) is None:
        return []
    first, second, _ = _causal_order(graph, exposure, outcome)
    known = roles(graph, first, second)
    refusals: list[Refusal] = []
    for name in covariates:
        node = graph.node_of(name)
        if node is not None and known[node] in REFUSED:
            why = _reason(graph, node, known[node], first, second)
            refusals.append(Refusal(name, node, known[node], why))
    return refusals


def _reason(graph: Graph, node: str, role: Role, exposure: str, outcome: str) -> str:
    label = graph.nodes[node].label
    cause, effect = graph.nodes[exposure].label, graph.nodes[outcome].label
    if role in ("exposure", "outcome"):
        return f"it measures {label}, which is the {role} itself"
    if role == "mediator":
        way = [*graph.path(exposure, node), *graph.path(node, outcome)[1:]]
        return f"{label} is a mediator ({' -> '.join(way)}): adjusting takes part of the link away"
    if role == "collider":
        return (
            f"{label} is a collider or follows from one: adjusting for a common consequence opens "
            f"a false path between {cause} and {effect}"
        )
    if role == "descendant of outcome":
        return f"{label} follows from the outcome ({' -> '.join(graph.path(outcome, node))})"
    return f"{label} follows from the exposure ({' -> '.join(graph.path(exposure, node))})"


def resolve(graph: Graph, exposure: str, outcome: str, lacking: Collection[str] = ()) -> Resolution:
    """Choose the adjustment set of a question: the smallest that measured nodes can fill.

    Parameters
    ----------
    graph : Graph
    exposure, outcome : str
        Nodes or variables. A question that runs against the arrows (a group difference of
        strength between people with and without pain) is turned round: its confounders are those
        of the forward effect, and the note says that it is an association.
    lacking : collection of str
        Further nodes that this cohort does not measure.

    Raises
    ------
    UserError
        If the graph has no node for exposure or outcome.

    Notes
    -----
    For the effect of pain on strength itself, covariates must date from before the onset of pain:
    {Age, Sex, Occ, Prior, HipOA} and BMI, PA, Psych before onset; their present values are also
    mediators of pain -> strength. One graph without time cannot say that; the report does.
    """
    first, second, direction = _causal_order(graph, exposure, outcome)
    if direction == "same node":
        note = f"Both measure {graph.nodes[first].label}: the graph has no set for one node."
        return Resolution(first, second, (), (), direction, note, False, (), [])
    hidden = graph.latent | set(lacking)
    usable = adjustment_sets(graph, first, second, hidden)
    if usable:
        chosen, needed = usable[0], ()
    else:
        every = adjustment_sets(graph, first, second, ())
        best = min(every, key=lambda one: len(hidden & set(one)))
        chosen = tuple(name for name in best if name not in hidden)
        needed = tuple(name for name in best if name in hidden)
    variables = tuple(v for name in chosen for v in graph.nodes[name].measured_by[:1])
    note = _note(graph, first, second, direction, needed)
    return Resolution(first, second, chosen, variables, direction, note, not needed, needed, usable)


def _note(
    graph: Graph, first: str, second: str, direction: Direction, needed: tuple[str, ...]
) -> str:
    cause, effect = graph.nodes[first].label, graph.nodes[second].label
    said = {
        "forward": f"Set for the total effect of {cause} on {effect}.",
        "reversed": (
            f"The graph has {cause} before {effect}, so the set is that of {cause} on {effect} "
            "and the result is an association, not an effect in the other direction."
        ),
        "unconnected": (
            f"The graph has no directed path between {cause} and {effect}: with this set it "
            "expects no association."
        ),
    }[direction]
    if needed:
        names = ", ".join(graph.nodes[name].label for name in needed)
        said += f" Not identified: {names} would be needed too and is not measured."
    return said
