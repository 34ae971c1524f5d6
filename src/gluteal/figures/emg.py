"""EMG: raw amplitude, maximum and % of each muscle as three intervals under one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gluteal.figures import forest, style
from gluteal.notation import write_interval, write_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
MARKS = {
    "raw": (style.COLOURS["blue"], "o"),
    "MVIC": (style.MUTED, "s"),
    "% MVIC": (style.COLOURS["vermillion"], "^"),
    "ratio of %": (style.COLOURS["purple"], "D"),
}
"""Colour and marker of each scale."""
NARROW = 2.5


def _rows(panels: Mapping[str, Rows]) -> list[forest.Row]:
    found: list[forest.Row] = []
    for muscle, scales in groupby(panels["scales"], key=lambda row: str(row["muscle"])):
        for k, row in enumerate(scales):
            colour, marker = MARKS[str(row["scale"])]
            numbers = [row["estimate"], row["low"], row["high"]]
            known = row["estimate"] is not None and not row["note"]
            text = write_interval(*numbers) if known else str(row["note"])
            label = str(row["scale"]) if row["scale"] != "ratio of %" else ""
            name = f"{muscle}: {label}" if label else muscle
            found.append(
                forest.Row(
                    name if k == 0 else f"    {label}",
                    text,
                    *(numbers if known else (None, None, None)),
                    colour=colour,
                    marker=marker,
                    filled=bool(row["headline"]),
                )
            )
    return found


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the three scales of each muscle; the headline is filled. A forest without scales."""
    if not panels.get("scales"):
        return forest.draw(panels, estimates, plan)
    words = panels["axis"][0]
    level = round(100 * float(words["level"]), 1)
    made = forest.place_rows(
        _rows(panels),
        axis=f"Ratio of activity, {words['contrast']}\n({write_label(str(words['exposure']))})",
        ratio=True,
        heads=("Muscle and scale", "less|more", f"Ratio [{level:g}% CI]"),
    )
    _mark_narrow(made.axes[0])
    return made


def _mark_narrow(plot: Axes) -> None:
    """Give a narrow logarithmic axis even ticks: it holds no other power than 1."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    low, high = plot.get_xlim()
    if high / low < NARROW:
        ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
        inside = [float(one) for one in ticks if low <= one <= high]
        plot.xaxis.set_major_locator(FixedLocator(inside))


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the rows out."""
    if not panels.get("scales"):
        return forest.describe(panels, estimates, plan)
    words = panels["axis"][0]
    parts: list[str] = []
    for row in panels["scales"]:
        known = row["estimate"] is not None and not row["note"]
        numbers = write_interval(row["estimate"], row["low"], row["high"]) if known else row["note"]
        parts.append(f"{row['muscle']}, {row['scale']}: {numbers}")
    return (
        f"Ratios of muscle activity {words['contrast']} of {write_label(str(words['exposure']))}, "
        f"raw, in maximal contraction and in percent of it: {'; '.join(parts)}."
    )
