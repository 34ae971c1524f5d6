"""What a multiverse shows: its curve with the choices below, its tables and its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimators.multiverse import Curve, Multiverse
from gluteal.frames.column_words import write_labels
from gluteal.frames.multiverse import AXES, Grid, count_by_choice
from gluteal.frames.multiverse_fit import Resampled
from gluteal.notation import write_count, write_label, write_list, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.spec import ModelSpec

Rows = list[dict[str, Any]]
MOST_DRAWN = 1500
HUBER = "Huber's estimator a sandwich (doi:10.1214/aos/1176342503)"
ALLOWED = "Only adjustment sets that suffice by the causal graph were taken."
NOT_IDENTIFIED = "The causal graph knows no measured set that suffices: the one named was taken."
TITLES = {
    "outcome": "Outcome",
    "exposure": "Exposure",
    "form": "Form",
    "adjustment": "Adjusted for",
    "people": "People",
    "estimator": "Estimator",
}


def lay_out_curve(
    grid: Grid, found: Multiverse, drawn: Resampled | None, curve: Curve
) -> dict[str, Rows]:
    """Lay out the figure: specifications in the order of their estimates, and their choices."""
    good = np.flatnonzero(found.converged)
    order = good[np.argsort(found.estimate[good], kind="stable")]
    place = {int(at): k for k, at in enumerate(order)}
    every = np.arange(len(order))
    if len(order) > MOST_DRAWN:  # evenly spaced, the primary one among them
        spaced = np.linspace(0, len(order) - 1, MOST_DRAWN).round().astype(int)
        every = np.union1d(spaced, [place[0]])
    options = {axis: list(dict.fromkeys(one[axis] for one in grid.words)) for axis in AXES}
    rows: Rows = []
    for k in every:
        at = int(order[k])
        row: dict[str, Any] = {
            "rank": int(k),
            "estimate": float(found.estimate[at]),
            "low": float(found.low[at]),
            "high": float(found.high[at]),
            "primary": at == 0,
        }
        row |= {axis: options[axis].index(grid.words[at][axis]) for axis in AXES}
        rows.append(row)
    listed = [
        {"axis": axis, "title": TITLES[axis], "index": k, "option": option}
        for axis in AXES
        for k, option in enumerate(options[axis])
        if len(options[axis]) > 1
    ]
    summary: dict[str, Any] = {
        "specifications": len(order),
        "median": curve.median,
        "same_sign": curve.share_same_sign,
        "clear": curve.share_significant_same_sign,
        "joint_p": None if drawn is None else drawn.p_median,
        "level": found.level,
    }
    return {"specifications": rows, "choices": listed, "summary": [summary]}


def lay_out_tables(
    grid: Grid, found: Multiverse, refused: Sequence[tuple[str, str]], min_cell: int
) -> dict[str, Rows]:
    """Tabulate the answer by each choice, and what was not allowed with the reason."""
    clear = (found.low > 0) | (found.high < 0)
    choices: Rows = [
        {
            "Choice": TITLES[str(row["axis"])],
            "Option": row["option"],
            "Specifications": row["n"],
            "Median estimate (SD)": write_number(row["median"]),
            "Sign of the median of all": f"{100 * row['same_sign']:.0f} %",
            "Interval leaves 0 out": f"{100 * row['clear']:.0f} %",
        }
        for row in count_by_choice(grid.words, found.estimate, clear)
    ]
    made = {"by_choice": choices}
    not_allowed: Rows = [
        {"Choice": choice, "Not taken, because": reason}
        for choice, reason in (*refused, *grid.left_out)
    ]
    if not_allowed:
        made["choices_not_taken"] = not_allowed
    problems = [p for p in found.problem if p]
    if problems:
        made["without_answer"] = [
            {"Reason": reason, "Specifications": write_count(problems.count(reason), min_cell)}
            for reason in dict.fromkeys(problems)
        ]
    return {name: rows for name, rows in made.items() if rows}


def name_set(names: Sequence[str]) -> str:
    """Name an adjustment set by its labels."""
    labels = write_labels(names)
    return f"adjusting for {write_list(labels) if labels else 'nothing'}"


def write_multiverse(
    spec: ModelSpec, grid: Grid, drawn: Resampled | None, sufficient: bool = True
) -> list[str]:
    """Say what was done; ``sufficient`` is whether the graph has a set of measured variables."""
    counts = {axis: len({one[axis] for one in grid.words}) for axis in AXES}
    words = {
        "outcome": "measures of the outcome",
        "exposure": "measures of the exposure",
        "form": "forms",
        "adjustment": "adjustment sets",
        "people": "choices of people",
        "estimator": "estimators",
    }
    parts = [f"{n} {words[axis]}" for axis, n in counts.items() if n > 1]
    ends = write_labels((spec.exposure, spec.outcome))
    text = [
        f"The association between {ends[0]} and {ends[1]} was estimated in "
        f"{len(grid.specifications):,} specifications (doi:10.1177/1745691616658637): "
        f"{'every combination of ' + write_list(parts) if parts else 'the primary one'}. "
        f"{ALLOWED if sufficient else NOT_IDENTIFIED} Every estimate is in SDs of the outcome, "
        "for one SD of the exposure around its mean (yes against no for a yes/no exposure); least "
        "squares have HC3 standard errors (doi:10.1080/00031305.2000.10474549)"
        + (f", {HUBER}." if any(grid.robust) else ".")
    ]
    used = {one["people"] for one in grid.words}
    labels = [
        write_label(variables()[name].label)
        for name in getattr(spec, "exclusions", ())
        if not variables()[name].node
    ]
    if unjudged := [label for label in labels if f"without {label}" in used]:
        text.append(
            f"The causal graph has no node for {write_list(unjudged)}: it cannot say whether "
            "leaving these people out selects on a consequence of the outcome."
        )
    if drawn is not None and drawn.specifications > 1:
        text.append(
            f"The interval of the median is from {drawn.resamples:,} resamples of people, each "
            "with all specifications by least squares fitted again; the same curves, the estimated "
            "association taken out, test all specifications jointly "
            "(doi:10.1038/s41562-020-0912-z)."
        )
    return text
