"""One exposure taken apart: how people differ, and how a person differs from the own mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_interval, write_label, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
PARTS = (("between", "Between people", "vermillion", "s"), ("within", "Within people", "blue", "o"))


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw binned means with the slope between people on the left, within people on the right.

    With too few people for bins the estimates are drawn as a forest.
    """
    if not panels.get("within"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("double", 74, 1, 2)
    scale = panels["scale"][0]
    for plot, (part, title, name, marker) in zip(axes[0], PARTS, strict=True):
        _part(plot, panels, part, style.COLOURS[name], marker)
        plot.text(0.5, 1.03, title, transform=plot.transAxes, ha="center", va="bottom",
                  fontweight="bold", color=style.COLOURS[name])  # fmt: skip
    unit = f" ({scale['unit']})" if scale["unit"] else ""
    when = "" if not scale["gap"] else f", {_gap(scale)} before"
    first, second = axes[0]
    first.set_xlabel(fill(f"Person's mean of {write_label(scale['exposure'])}", 46))
    first.set_ylabel(fill(f"Mean of {write_label(scale['outcome'])}{unit}", 34))
    second.set_xlabel(
        fill(f"Distance from the person's mean, {write_label(scale['exposure'])}{when}", 46)
    )
    second.set_ylabel(fill(f"Distance from what is expected of the person and visit{unit}", 34))
    second.axhline(0, color=style.MUTED, linewidth=0.6, zorder=0)
    second.axvline(0, color=style.MUTED, linewidth=0.6, linestyle=":", zorder=0)
    _same_span(first, second)
    style.letter(list(axes[0]))
    return made


def _gap(scale: Mapping[str, Any]) -> str:
    return f"{scale['gap']:g} weeks"


def _part(plot: Axes, panels: Mapping[str, Rows], part: str, colour: str, marker: str) -> None:
    line = [row for row in panels["lines"] if row["part"] == part]
    plot.plot([row["x"] for row in line], [row["y"] for row in line], color=colour, linewidth=1.3)
    for row in panels[part]:
        plot.plot((row["x"], row["x"]), (row["low"], row["high"]), color=colour, linewidth=0.9)
        plot.plot(row["x"], row["y"], marker, color=colour, markerfacecolor="white",
                  markersize=4.5)  # fmt: skip


def _same_span(first: Axes, second: Axes) -> None:
    """Give both outcomes' axes the same length, so that slopes can be compared by eye."""
    span = max(axes.get_ylim()[1] - axes.get_ylim()[0] for axes in (first, second))
    for axes in (first, second):
        middle = sum(axes.get_ylim()) / 2
        axes.set_ylim(middle - span / 2, middle + span / 2)


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: both slopes, and the bins' ends."""
    if not panels.get("within"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    scale = panels["scale"][0]
    said: list[str] = []
    for part, title, _, _ in PARTS:
        rows = panels[part]
        ends = " to ".join(
            f"{write_number(row['y'])} at {write_number(row['x'])}" for row in (rows[0], rows[-1])
        )
        slope = estimates[(estimates["term"] == part) & (estimates["scale"] == "difference")]
        text = ""
        if len(slope):
            head = slope.iloc[0]
            numbers = write_interval(head["estimate"], head["low"], head["high"])
            text = f", slope {head['contrast']} {numbers}"
        said.append(f"{title.lower()}: {len(rows)} bins from {ends}{text}")
    return (
        f"{scale['outcome']} along {scale['exposure']} in {scale['people']:,} people, binned means "
        f"with intervals and fitted lines. {'; '.join(said)}."
    )
