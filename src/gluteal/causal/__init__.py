"""The causal graph: what may confound a comparison, and what must not be adjusted for.

Light on purpose (dictionaries only): the config is checked against the graph at every start.
"""

from gluteal.causal.adjustment import (
    Independence,
    adjustment_sets,
    arrow_sets,
    held_sets,
    independences,
    is_sufficient,
)
from gluteal.causal.graph import Arrow, Graph, Node, build_graph
from gluteal.causal.reading import read_graph
from gluteal.causal.roles import Refusal, Resolution, Role, judge, resolve, roles

__all__ = [
    "Arrow",
    "Graph",
    "Independence",
    "Node",
    "Refusal",
    "Resolution",
    "Role",
    "adjustment_sets",
    "arrow_sets",
    "build_graph",
    "held_sets",
    "independences",
    "is_sufficient",
    "judge",
    "read_graph",
    "resolve",
    "roles",
]
