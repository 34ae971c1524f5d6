"""Ask the causal graph what a model should be adjusted for, in variables of the dictionary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.causal.graph import Graph
    from gluteal.spec import ModelSpec


@dataclass(frozen=True)
class Advice:
    """What the graph says of one model.

    ``covariates`` are the variables adjusted for; ``refused`` those that must not be, with the
    reason; ``sufficient`` whether the covariates block every back-door path (None where the
    graph does not know the pair); ``note`` one sentence for the report.
    """

    covariates: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()
    sufficient: bool | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


@cache
def _graph(path: Path) -> Graph:
    from gluteal.causal.graph import read_graph

    return read_graph(path)


def _node(graph: Graph, name: str) -> str | None:
    known = variables().get(name)
    node = known.node if known else ""
    return node if node in graph.nodes else None


def advise(dag: Path, spec: ModelSpec) -> Advice:
    """Resolve ``adjust`` of one model against the causal graph.

    Raises
    ------
    UserError
        If the graph file has faults.
    """
    from gluteal.causal.adjustment import judge, resolve, suffices

    graph = _graph(dag)
    exposure, outcome = _node(graph, spec.exposure), _node(graph, spec.outcome)
    if exposure is None or outcome is None or exposure == outcome:
        strange = [n for n in (spec.exposure, spec.outcome) if _node(graph, n) is None]
        why = f"{' and '.join(strange)} not in the causal graph" if strange else "one node"
        chosen = () if isinstance(spec.adjust, str) else spec.adjust
        return Advice(chosen, note=f"No adjustment set can be computed: {why}.")
    if isinstance(spec.adjust, str):
        found = resolve(graph, exposure, outcome)
        chosen = tuple(graph.nodes[node].measured_by for node in sorted(found.nodes))
        return Advice(chosen, sufficient=found.identified, note=found.note)
    nodes = {name: _node(graph, name) for name in spec.adjust}
    inside = [node for node in nodes.values() if node is not None]
    reasons = dict(judge(graph, exposure, outcome, inside))
    refused = tuple((name, reasons[node]) for name, node in nodes.items() if node in reasons)
    enough = suffices(graph, exposure, outcome, inside)
    note = "" if enough else "The covariates do not close every back-door path of the graph."
    return Advice(tuple(spec.adjust), refused, enough, note)
