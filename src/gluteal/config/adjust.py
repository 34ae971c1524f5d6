"""Ask the causal graph what a model should be adjusted for, in variables of the dictionary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.notation import write_label, write_list
from gluteal.variables import variable

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
def open_graph(path: Path) -> Graph:
    """Read the causal graph; once for all analyses.

    Raises
    ------
    UserError
        If the graph file has faults.
    """
    from gluteal.causal.reading import read_graph

    return read_graph(path)


def advise(dag: Path, spec: ModelSpec) -> Advice:
    """Resolve ``adjust`` of one model against the causal graph.

    Raises
    ------
    UserError
        If the graph file has faults.
    """
    held = frozenset(name for name, levels in spec.only.items() if len(levels) == 1)
    computed = isinstance(spec.adjust, str)
    return _advise(dag, (spec.exposure, spec.outcome), spec.named, held, computed)


@cache
def _advise(
    dag: Path,
    ends: tuple[str, str],
    chosen: tuple[str, ...],
    held: frozenset[str],
    computed: bool,
) -> Advice:
    """Ask the graph once for every question: the imputation asks for all models again."""
    from gluteal.causal.adjustment import is_sufficient
    from gluteal.causal.roles import judge, resolve

    graph = open_graph(dag)
    strange = [name for name in ends if graph.node_of(name) is None]
    if strange:
        labels = write_list([write_label(variable(name).label) for name in strange])
        why = f"{labels} {'is' if len(strange) == 1 else 'are'} not in the causal graph"
        return Advice(chosen, note=f"No adjustment set can be computed: {why}.")
    found = resolve(graph, *ends)
    if computed:
        # Among women only, sex is held already: it can neither confound nor be estimated.
        taken = tuple(name for name in found.variables if name not in held)
        return Advice(taken, sufficient=found.identified, note=found.note)
    refused = tuple((one.name, one.why) for one in judge(graph, *ends, chosen))
    nodes = [node for name in chosen if (node := graph.node_of(name))]
    enough = is_sufficient(graph, found.exposure, found.outcome, nodes)
    note = "" if enough else "The covariates do not close every back-door path of the graph."
    return Advice(chosen, refused, enough, note)
