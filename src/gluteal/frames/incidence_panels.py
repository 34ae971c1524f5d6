"""What the figure and the table of new pain show: risks over time, and how many were at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.suppression import suppress_counts
from gluteal.estimators.survival import expand_visits, fit_discrete, standardise_incidence
from gluteal.estimators.survival.discrete import tally
from gluteal.frames.followed import Followed
from gluteal.frames.hazards import drop_constant
from gluteal.notation import HIDDEN, write_count
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.estimators.survival.discrete import Hazards
    from gluteal.estimators.survival.standardised import Standardised
    from gluteal.estimators.survival.visits import Periods

ENOUGH = 10


def standardise(people: Followed, hazards: Hazards, values: Sequence[float]) -> Standardised:
    """Average the risks over these people, the exposure set to each value."""
    x = people.x[:, drop_constant(people.x[people.seen])]
    designs = [np.column_stack([np.full(len(x), value), x[:, 1:]]) for value in values]
    return standardise_incidence(hazards, designs)


def lay_out_panels(
    people: Followed,
    hazards: Hazards | None,
    ends: Sequence[tuple[str, float]],
    level: float,
    least: int,
) -> dict[str, list[dict[str, Any]]]:
    """Return risks over time: of everyone as seen, and at two values of the exposure.

    Nothing where fewer than ten people were followed or the model has no finite answer.
    """
    if hazards is None or len(people.frame) < ENOUGH:
        return {}
    weeks = [0.0, *people.weeks.tolist()]
    rows = expand_visits(people.status)
    try:
        plain = fit_discrete(rows, np.empty((len(people.status), 0)))
        bare = [np.empty((len(people.status), 0))]
        whole = standardise_incidence(plain, bare).curve(level)
    except UserError:
        return {}
    curves = standardise(people, hazards, [value for _name, value in ends]).curve(level)
    found: list[dict[str, Any]] = []
    for m, (name, value) in enumerate(ends):
        found += _points(name, value, weeks, *(part[m] for part in curves))
    table = [
        {"week": week, "n": n, "events": e}
        for week, (n, e) in zip(weeks[:-1], _count(rows, least), strict=True)
    ]
    exposure = variables()[people.names[0]]
    words = {"exposure": exposure.label, "unit": exposure.unit, "level": level}
    return {
        "curves": found,
        "everyone": _points("everyone", None, weeks, *(part[0] for part in whole)),
        "at_risk": table,
        "words": [words],
    }


def _points(
    name: str, value: float | None, weeks: list[float], risk: Any, low: Any, high: Any
) -> list[dict[str, Any]]:
    start = {"name": name, "value": value, "week": 0.0, "risk": 0.0, "low": 0.0, "high": 0.0}
    later = [
        {"name": name, "value": value, "week": week, "risk": float(r), "low": float(a),
         "high": float(b)}
        for week, r, a, b in zip(weeks[1:], risk, low, high, strict=True)
    ]  # fmt: skip
    return [start, *later]


def lay_out_risk_table(people: Followed, least: int) -> list[dict[str, str]]:
    """Lay out who was at risk between which visits, and how many got pain, for a reader."""
    starts = [0.0, *people.weeks[:-1].tolist()]
    counts = _count(expand_visits(people.status), least)
    return [
        {"Weeks": f"{a:g} to {b:g}", "People at risk": n, "New low back pain": e}
        for a, b, (n, e) in zip(starts, people.weeks, counts, strict=True)
    ]


def _count(rows: Periods, least: int) -> list[tuple[str, str]]:
    """Write people at risk and events of each interval; small counts stay hidden.

    The events add up to a total that is told, so that a second one is hidden beside a small one.
    """
    at_risk, events = tally(rows)
    marks = suppress_counts([[int(n)] for n in events], least)
    return [
        (write_count(int(n), least), HIDDEN if mark[0] == HIDDEN else write_count(int(e), least))
        for n, e, mark in zip(at_risk, events, marks, strict=True)
    ]
