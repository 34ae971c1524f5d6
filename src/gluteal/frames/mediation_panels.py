"""What the figure of a mediation draws: arrows with their estimates, and the rho curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.frames.column_words import label_of
from gluteal.frames.mediation_rows import ARROW, Mediated
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.estimators.mediation import RhoSensitivity

FEWEST = 10


def make_panels(
    made: Mediated, rho: Mapping[str, RhoSensitivity]
) -> dict[str, Sequence[dict[str, Any]]]:
    """Make the figure's data; none from fewer than ten people.

    Returns
    -------
    dict
        ``nodes`` (name, label, visit, role), ``arrows`` (start, end, estimate, low, high, unit),
        ``effects`` (part, estimate, low, high), ``scale`` (one row of words) and ``rho`` (mediator,
        rho, indirect, low, high).
    """
    chain = made.chain
    if chain.people < FEWEST:
        return {}
    roles = ("exposure", *("mediator" for _ in chain.names[1:-1]), "outcome")
    visits = (chain.visits[0], *(chain.visits[1] for _ in chain.names[1:-1]), chain.visits[2])
    nodes = [
        {"name": name, "label": label_of(name.partition("@")[0]), "visit": visit, "role": role}
        for name, visit, role in zip(chain.names, visits, roles, strict=True)
    ]
    arrows: list[dict[str, Any]] = []
    for name, found in made.linear.by_name.items():
        stops = name.split(ARROW)
        if len(stops) == 2:
            arrows.append(_arrow(stops[0], stops[1], found))
    parts = dict.fromkeys((made.key, "indirect", "direct", "total"))
    effects = [
        {
            "part": "whole chain" if part == made.key != "indirect" else part,
            **_numbers(made.effects.by_name[part]),
        }
        for part in parts
    ]
    outcome = variables()[chain.names[-1].partition("@")[0]]
    scale = {
        "contrast": made.contrast,
        "word": made.word,
        "outcome": outcome.label,
        "unit": "risk" if chain.yes_no else outcome.unit,
        "form": made.form,
        "level": made.how.level,
        "one_visit": chain.one_visit,
    }
    curve = [
        {
            "mediator": name, "label": label_of(name.partition("@")[0]), "rho": float(r),
            "indirect": float(found.indirect[i]), "low": float(found.indirect_low[i]),
            "high": float(found.indirect_high[i]), "zero": found.rho_at_zero,
        }
        for name, found in rho.items()
        for i, r in enumerate(found.rho)
    ]  # fmt: skip
    return {"nodes": nodes, "arrows": arrows, "effects": effects, "scale": [scale], "rho": curve}


def _numbers(found: Any) -> dict[str, float]:
    return {key: float(getattr(found, key)) for key in ("estimate", "low", "high")}


def _arrow(start: str, end: str, found: Any) -> dict[str, Any]:
    unit = variables()[end.partition("@")[0]].unit
    return {"start": start, "end": end, "unit": unit, **_numbers(found)}
