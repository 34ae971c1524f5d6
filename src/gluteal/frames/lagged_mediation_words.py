"""What runs through a mediator over visits: the figure's data, and the methods in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gluteal.estimators.inference import Estimate
from gluteal.frames.lagged import labels_of
from gluteal.frames.lagged_mediation_rows import CONTRAST, Traced
from gluteal.frames.lagged_tables import UNITS
from gluteal.notation import write_label, write_list
from gluteal.variables import variable

FEWEST = 10


def make_panels(made: Traced) -> dict[str, Sequence[dict[str, Any]]]:
    """Make the figure's data: arms, the mediator at each earlier visit, the outcome at the end.

    An arrow from a mediator is what one unit there leaves of itself in the outcome at the end; none
    from fewer than ten people, or where the model did not reach an admissible solution.
    """
    if min(made.main.fit.n, len(made.arms.panel.people)) < FEWEST or not made.main.admissible:
        return {}
    mediator, outcome = made.asked.pair
    visits, end = made.schedule.visits, made.end
    last, first = f"{outcome}@{end}", "arm"
    nodes = [_node(first, variable("arm").label, visits[0], "exposure")]
    arrows: list[dict[str, Any]] = []
    joint = made.joint(made.main)
    labels = {a: joint.at(labels_of(made.main.gaps, "equal", a)[0]) for a in ("c", "d")}  # pyright: ignore[reportArgumentType]
    for k, part in zip(made.arms.earlier, made.gains, strict=True):
        name = f"{mediator}@{visits[k]}"
        nodes.append(_node(name, made.known[0].label, visits[k], "mediator"))
        arrows.append(_arrow(first, name, made.plain(part), made.known[0].unit))
        steps = made.arms.end - 1 - k
        left = made.infer(lambda v, n=steps: v[:, labels["c"]] * v[:, labels["d"]] ** n, joint)
        arrows.append(_arrow(name, last, left, made.known[1].unit))
    nodes.append(_node(last, made.known[1].label, end, "outcome"))
    arrows.append(_arrow(first, last, made.parts["direct"], made.known[1].unit))
    effects = [
        {"part": part, **_numbers(value)}
        for part, value in (("indirect", made.parts["indirect"]),
                            ("direct", made.parts["direct"]),
                            ("total", made.plain(made.total)))
    ]  # fmt: skip
    scale = {
        "contrast": CONTRAST, "word": "difference", "outcome": made.known[1].label,
        "unit": made.known[1].unit, "form": "parallel", "level": made.asked.level,
        "one_visit": False,
    }  # fmt: skip
    return {"nodes": nodes, "arrows": arrows, "effects": effects, "scale": [scale], "rho": []}


def _node(name: str, label: str, visit: str, role: str) -> dict[str, Any]:
    return {"name": name, "label": label, "visit": visit, "role": role}


def _arrow(start: str, end: str, value: Estimate, unit: str) -> dict[str, Any]:
    return {"start": start, "end": end, "unit": unit, **_numbers(value)}


def _numbers(value: Estimate) -> dict[str, float]:
    return {"estimate": value.estimate, "low": value.low, "high": value.high}


def tell(made: Traced) -> list[str]:
    """Say what was done and what it rests on."""
    x, y = (write_label(one.label) for one in made.known)
    visits, end = made.schedule.visits, made.end
    earlier = write_list([visits[k] for k in made.arms.earlier])
    adjusted = "".join(f", {write_label(variable(n).label)}" for n in made.asked.covariates)
    sources = "; ".join(
        f"{write_label(one.label)}: {error.describe(UNITS.get(one.unit, one.unit))}"
        for one, error in zip(made.known, made.errors, strict=True)
    )
    return [
        f"The part of the arms' difference in {y} at {end} that runs through {x} is the sum over "
        f"{earlier} of three factors: what the arms differ by in {x} then; the lagged path within "
        f"people from {x} to {y} one interval later; and what {y} keeps of itself over the "
        "intervals left. What an arm has at a visit holds what it kept of earlier gains, so "
        f"nothing is counted twice (doi:10.1037/0021-843X.112.4.558).",
        f"Differences between the arms came from regressions on arm and the baseline value"
        f"{adjusted}, in {len(made.arms.panel.people):,} people; lagged paths from a "
        "random-intercept cross-lagged panel model (doi:10.1037/a0038889) of "
        f"{made.schedule.describe()} with the courses of arms and doses taken out and equal lags, "
        f"fitted to all values of {made.main.fit.n:,} people. The known error of scores was taken "
        f"out ({sources}; doi:10.1037/met0000188).",
        "The covariance of all factors came from what each person does to each of them "
        "(doi:10.1198/000313002753631330), since they come from the same people, and intervals "
        "from the delta method (doi:10.1037/1082-989X.7.1.83). The error of the known "
        "error of scores is not in them; rows at its limits stand beside.",
        "This supposes that a gain by the programme acts on the outcome as a person's own ups and "
        "downs do, and that nothing that changes over time moves both the mediator and the later "
        "outcome. A gain that lasts may do more than ups and downs, and one that acts within an "
        "interval is seen only from the next visit on: the indirect part is then too small, and "
        "what is called direct holds the rest.",
    ]
