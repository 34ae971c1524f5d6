"""List the adjustment sets that the causal graph allows for a multiverse, and refuse the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gluteal.analyses.multiverse import NO_SET
from gluteal.config.adjust import advise, open_graph
from gluteal.notation import write_label, write_list
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.causal.graph import Graph
    from gluteal.spec import ModelSpec

Names = tuple[str, ...]
Kind = Literal["outcome", "exposure", "people"]
DEMOGRAPHIC: tuple[Names, ...] = ((), ("age_years", "sex"), ("age_years", "sex", "bmi_kg_m2"))
"""Sets that are often seen in print; each is taken only if the graph finds it sufficient."""
MOST_SETS = 12


@dataclass(frozen=True)
class Sets:
    """Adjustment sets of one question.

    Attributes
    ----------
    allowed : tuple of tuple of str
        The main one first.
    refused : tuple of (set, reason)
    note : str
        What must be said of all of them.
    """

    allowed: tuple[Names, ...]
    refused: tuple[tuple[Names, str], ...] = ()
    note: str = ""


def list_sets(dag: Path, spec: ModelSpec, candidates: Iterable[Names] = ()) -> Sets:
    """Judge the sets that a multiverse may use.

    The main set, all minimal sufficient sets, all measured confounders, and these with the
    measured causes of the outcome are found in the graph; they, some common small sets and the
    ``candidates`` of the researcher are allowed if they suffice for the total effect.

    Raises
    ------
    UserError
        If the graph file has faults.
    """
    from gluteal.causal.roles import resolve, roles

    advice = advise(dag, spec)
    graph = open_graph(dag)
    main = advice.covariates
    if graph.node_of(spec.exposure) is None or graph.node_of(spec.outcome) is None:
        # Nothing can be judged: what the researcher wrote is all there is.
        return Sets((main,), tuple((tuple(one), advice.note) for one in candidates), advice.note)
    found = resolve(graph, spec.exposure, spec.outcome)
    if not found.identified:
        return Sets((main,), tuple((tuple(one), found.note) for one in candidates), found.note)
    held = {name for name, levels in spec.only.items() if len(levels) == 1}
    known = roles(graph, spec.exposure, spec.outcome)

    def measure(nodes: Iterable[str]) -> Names:
        names = [v for node in nodes for v in graph.nodes[node].measured_by[:1]]
        return tuple(name for name in names if name not in held)

    every = measure(n for n, role in known.items() if role == "confounder")
    causes = measure(n for n, role in known.items() if role == "cause of outcome")
    minimal = [measure(nodes) for nodes in found.alternatives]
    offered = [*minimal, every, *((*one, *causes) for one in (*minimal, every)), *candidates]
    allowed: dict[frozenset[str], Names] = {frozenset(main): main}
    refused: dict[frozenset[str], tuple[Names, str]] = {}
    ends = (found.exposure, found.outcome)
    for one in (*offered, *DEMOGRAPHIC):
        names = tuple(name for name in dict.fromkeys(one) if name not in held)
        key = frozenset(names)
        if key in allowed or key in refused:
            continue
        if why := _fault(graph, ends, names, minimal):
            refused[key] = (names, why)
        elif len(allowed) < MOST_SETS:
            allowed[key] = names
    return Sets(tuple(allowed.values()), tuple(refused.values()), advice.note)


def _fault(graph: Graph, ends: tuple[str, str], names: Names, minimal: Sequence[Names]) -> str:
    """Say why a set is not valid for the total effect; empty if it is."""
    from gluteal.causal.adjustment import is_sufficient
    from gluteal.causal.roles import judge

    strange = [name for name in names if graph.node_of(name) is None]
    if strange:
        labels = write_list([write_label(variable(name).label) for name in strange])
        return f"{labels}: not in the causal graph, so that nothing can be said of it"
    if refusals := judge(graph, *ends, names):
        return "; ".join(one.why for one in refusals)
    nodes = [node for name in names if (node := graph.node_of(name))]
    if is_sufficient(graph, *ends, nodes):
        return ""
    nearest = min(minimal, key=lambda one: len(set(one) - set(names)))
    lacking = [write_label(variable(name).label) for name in nearest if name not in names]
    text = "leaves a back-door path open"
    return f"{text}; {write_list(lacking)} would close it" if lacking else text


def judge_choices(
    dag: Path, spec: ModelSpec, sets: Sequence[Names], names: Iterable[str], kind: Kind
) -> tuple[Names, tuple[tuple[str, str], ...]]:
    """Part other measures, or people left out, by what the graph says of them.

    Another measure is taken if all sets suffice for it too; leaving people out is taken if the
    sets still suffice once that variable is held, or if the graph does not know it.

    Returns
    -------
    taken : tuple of str
    refused : tuple of (choice, reason)
    """
    from gluteal.causal.roles import resolve

    graph = open_graph(dag)
    ends = (spec.exposure, spec.outcome)
    if any(graph.node_of(name) is None for name in ends):
        return tuple(names), ()
    if not resolve(graph, *ends).identified:
        return tuple(names), ()
    taken: list[str] = []
    refused: list[tuple[str, str]] = []
    for name in names:
        label = write_label(variable(name).label)
        if graph.node_of(name) is None:
            if kind == "people":
                taken.append(name)
            else:
                refused.append((label, "is not in the causal graph"))
            continue
        pair = {"outcome": (spec.exposure, name), "exposure": (name, spec.outcome)}.get(kind, ends)
        found = resolve(graph, *pair)
        held = (name,) if kind == "people" else ()
        faults = (
            _fault(graph, (found.exposure, found.outcome), (*one, *held), [(*one, *held)])
            for one in sets
        )
        if why := next((fault for fault in faults if fault), ""):
            refused.append((f"without {label}" if kind == "people" else label, why))
        else:
            taken.append(name)
    return tuple(taken), tuple(refused)


def settle_choices(dag: Path, spec: Any) -> dict[str, Any]:
    """Return what the plan of a multiverse states: the choices that the graph allows, and why not.

    ``spec`` is the settings of a method with ``adjustment_sets`` and ``alternatives``.
    """
    found = list_sets(dag, spec, spec.adjustment_sets)
    outcomes, exposures = spec.alternatives()
    refused: list[tuple[str, str]] = []
    if advise(dag, spec).sufficient is not True:
        # Nothing better can be done with these variables, and the reader must know.
        refused.append((NO_SET, found.note))
    settled: dict[str, Any] = {"adjustment_sets": [list(one) for one in found.allowed]}
    asked: tuple[tuple[str, Names, Kind], ...] = (
        ("outcomes", outcomes[1:], "outcome"),
        ("exposures", exposures[1:], "exposure"),
        ("exclusions", spec.exclusions, "people"),
    )
    for key, names, kind in asked:
        taken, not_taken = judge_choices(dag, spec, found.allowed, names, kind)
        settled[key] = list(taken)
        refused += not_taken
    settled["refused_sets"] = [[list(one), why] for one, why in found.refused]
    settled["refused_choices"] = [list(one) for one in refused]
    return settled
