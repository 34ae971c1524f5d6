"""A cohort beside published results: a forest with their mean and what a new study may find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import forest, style
from gluteal.notation import write_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Panels = Mapping[str, Sequence[Mapping[str, Any]]]
MARKS: dict[str, dict[str, Any]] = {
    "used": {"colour": style.INK, "marker": "s"},
    "beside": {"colour": style.COLOURS["grey"], "marker": "s", "filled": False},
    "pooled": {"colour": style.INK, "marker": "D"},
    "prediction": {"colour": style.COLOURS["orange"], "marker": "|"},
    "ours": {"colour": style.COLOURS["blue"], "marker": "o"},
}
AXES = {
    "SD": "Low back pain minus none (SD)",
    "points": "Programme minus control (points of 0 to 10)",
}


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw published results, their mean, the prediction interval and ours under one another.

    Parameters
    ----------
    panels : mapping
        ``forest``: label, kind (used, beside, pooled, prediction, ours), estimate, low, high.
    estimates : DataFrame
        For the axis; drawn themselves where there is no panel.
    plan : mapping
        Not needed here.
    """
    if not panels.get("forest"):
        return forest.draw(panels, estimates, plan)
    return forest.place_rows(
        _rows(panels), axis=_axis(panels, estimates), heads=("", "", "Estimate [95% CI]")
    )


def _rows(panels: Panels) -> list[forest.Row]:
    rows: list[forest.Row] = []
    for one in panels["forest"]:
        numbers = (one["estimate"], one["low"], one["high"])
        text = write_interval(*numbers)
        if one["kind"] == "prediction":  # an interval without an estimate of its own
            text = text[text.index("[") :]
        label = f"{one['label']} (not pooled)" if one["kind"] == "beside" else str(one["label"])
        rows.append(forest.Row(label, text, *numbers, **MARKS[str(one["kind"])]))
    return rows


def _axis(panels: Panels, estimates: pd.DataFrame) -> str:
    kinds = {row["kind"] for row in panels["forest"]}
    if kinds == {"ours"}:  # already a difference from the published number
        unit = estimates.iloc[0]["unit"]
        return f"Ours minus published{f' ({unit})' if unit == unit and unit else ''}"
    return AXES.get(str(estimates.iloc[0]["unit"]), str(estimates.iloc[0]["estimand"]))


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the rows out."""
    if not panels.get("forest"):
        return forest.describe(panels, estimates, plan)
    rows = "; ".join(f"{row.label}: {row.text}" for row in _rows(panels))
    return f"{_axis(panels, estimates)}. {rows}."
