"""A prediction of risk: whether it agrees with what happens, and whether acting on it pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import forest, style
from gluteal.notation import write_interval, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panels = Mapping[str, Sequence[Mapping[str, Any]]]


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw calibration and the decision curve; the estimates where nothing was predicted.

    Parameters
    ----------
    panels : mapping
        ``groups`` (risk, observed, low, high, n), ``calibration`` (risk, observed), ``decision``
        (threshold, model, low, high, all) and ``threshold``.
    estimates : DataFrame
        For what is drawn without panels.
    plan : mapping
        Not needed here.
    """
    if not panels.get("decision"):
        shown = estimates[estimates["scale"] == "proportion"]
        return forest.draw({}, shown if len(shown) else estimates, plan)
    made, axes = style.figure("double", 78, 1, 2)
    style.letter(list(axes[0]))
    _draw_calibration(axes[0, 0], panels)
    _draw_decision(axes[0, 1], panels)
    return made


def _column(rows: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [float(row[key]) for row in rows]


def _draw_calibration(plot: Axes, panels: Panels) -> None:
    blue, line, groups = style.COLOURS["blue"], panels["calibration"], panels["groups"]
    plot.plot((0, 1), (0, 1), color=style.COLOURS["grey"], linewidth=0.8, linestyle=":")
    plot.plot(_column(line, "risk"), _column(line, "observed"), color=blue)
    for row in groups:
        plot.plot([row["risk"]] * 2, [row["low"], row["high"]], color=blue, linewidth=0.8)
    plot.plot(_column(groups, "risk"), _column(groups, "observed"), "o", color=blue,
              markerfacecolor="white")  # fmt: skip
    plot.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    plot.set_xlabel("Predicted risk of meeting the rule")
    plot.set_ylabel("Share who met it")
    plot.text(0.98, 0.74, "perfect", ha="right", va="top", color=style.MUTED)


def _draw_decision(plot: Axes, panels: Panels) -> None:
    rows = panels["decision"]
    at, blue = _column(rows, "threshold"), style.COLOURS["blue"]
    plot.axhline(0, color=style.INK, linewidth=0.8, linestyle="--", label="refer nobody")
    plot.plot(at, _column(rows, "all"), color=style.COLOURS["vermillion"], linestyle="-.",
              label="refer everybody")  # fmt: skip
    plot.fill_between(at, _column(rows, "low"), _column(rows, "high"), color=blue, alpha=0.18,
                      linewidth=0)  # fmt: skip
    plot.plot(at, _column(rows, "model"), color=blue, label="refer by predicted risk")
    for row in panels["threshold"]:
        plot.axvline(row["threshold"], color=style.MUTED, linewidth=0.8, linestyle=":")
    high = max(max(_column(rows, "high")), max(_column(rows, "all")))
    # Referring everybody falls far below zero, where there is nothing to read.
    plot.set(xlim=(min(at), max(at)), ylim=(-0.35 * high, 1.08 * high))
    plot.set_xlabel("Risk from which one refers")
    plot.set_ylabel("Net benefit")
    plot.legend(loc="upper right")


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the net benefit at the threshold and the calibration out."""
    if not panels.get("decision"):
        shown = estimates[estimates["scale"] == "proportion"]
        return forest.describe({}, shown if len(shown) else estimates, plan)
    at = float(panels["threshold"][0]["threshold"])
    row = min(panels["decision"], key=lambda one: abs(one["threshold"] - at))
    net = write_interval(row["model"], row["low"], row["high"])
    groups = "; ".join(
        f"predicted {write_number(g['risk'], 2)}, seen "
        f"{write_interval(g['observed'], g['low'], g['high'])}"
        for g in panels["groups"]
    )
    return (
        f"Calibration: {groups}. Decision curve: at a risk of {at:g} net benefit {net} for acting "
        f"on the predicted risk, {write_number(row['all'])} for referring everybody, 0 for nobody."
    )
