"""Accuracy of a test: its ROC curve with the operating point, and predictive values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import read_number, write_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panels = Mapping[str, Sequence[Mapping[str, Any]]]


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the ROC curve with its band, and what a result means at each prevalence.

    Parameters
    ----------
    panels : mapping
        ``curve`` and ``band`` (false_positive, sensitivity, low, high), ``point`` (sensitivity
        and specificity with limits), ``predictive`` (prevalence, ppv, npv with limits).
    estimates : DataFrame
        For the area under the curve.
    plan : mapping
        Not needed.
    """
    del plan
    made, axes = style.figure("double", 82, 1, 2)
    style.letter(list(axes[0]))
    _draw_curve(axes[0, 0], panels, estimates)
    _draw_predictive(axes[0, 1], panels["predictive"])
    return made


def _area(estimates: pd.DataFrame) -> str:
    rows = estimates[estimates["scale"] == "auc"]
    if rows.empty:
        return ""
    return write_interval(*(read_number(rows.iloc[0][key]) for key in ("estimate", "low", "high")))


def _column(rows: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [float(row[key]) for row in rows]


def _draw_curve(plot: Axes, panels: Panels, estimates: pd.DataFrame) -> None:
    blue, red = style.COLOURS["blue"], style.COLOURS["vermillion"]
    band, curve, point = panels["band"], panels["curve"], panels["point"][0]
    plot.plot((0, 1), (0, 1), color=style.COLOURS["grey"], linewidth=0.8, linestyle=":")
    x = _column(band, "false_positive")
    low, high = _column(band, "low"), _column(band, "high")
    plot.fill_between(x, low, high, color=blue, alpha=0.18, linewidth=0)
    plot.plot(_column(curve, "false_positive"), _column(curve, "sensitivity"), color=blue)
    where = 1 - point["specificity"], point["sensitivity"]
    ends = ("specificity_high", "specificity_low")
    plot.plot([1 - point[end] for end in ends], [where[1]] * 2, color=red)
    ends = ("sensitivity_low", "sensitivity_high")
    plot.plot([where[0]] * 2, [point[end] for end in ends], color=red)
    plot.plot(*where, "D", color=red, markersize=5)
    label = f"Area {_area(estimates)}"
    plot.text(0.98, 0.04, label, ha="right", color=blue)
    plot.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    plot.set_xlabel("1 \N{MINUS SIGN} specificity")
    plot.set_ylabel("Sensitivity")


def _draw_predictive(plot: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    x = _column(rows, "prevalence")
    for key, name, line, text in (
        ("ppv", "vermillion", "-", "positive result: has the condition"),
        ("npv", "blue", "--", "negative result: has it not"),
    ):
        colour = style.COLOURS[name]
        low, high = _column(rows, f"{key}_low"), _column(rows, f"{key}_high")
        plot.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
        plot.plot(x, _column(rows, key), color=colour, linestyle=line, label=text)
    plot.set(xlim=(0, 1), ylim=(0, 1))
    plot.set_xlabel("Prevalence of the condition")
    plot.set_ylabel("Predictive value")
    plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.3)


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the operating point and the area out."""
    del plan
    point = panels["point"][0]
    parts = [
        f"{name} {write_interval(*(point[f'{name}{end}'] for end in ('', '_low', '_high')))}"
        for name in ("sensitivity", "specificity")
    ]
    area = _area(estimates)
    said = f"ROC curve, area {area}" if area else "ROC curve"
    return (
        f"{said}; at the cut-off used {parts[0]}, {parts[1]}. Beside it the predictive values of a "
        "positive and a negative result at every prevalence."
    )
