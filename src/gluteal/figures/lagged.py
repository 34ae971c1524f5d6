"""Lagged paths: the two variables over one interval, and each path with its interval by lag."""

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
LEFT, RIGHT, TOP, BOTTOM = 0.18, 0.82, 0.74, 0.28
BOX_HALF, SHIFT = 0.185, 0.05


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw standardised paths between two visits on the left, paths by interval on the right.

    Without an admissible headline the estimates are drawn as a forest.
    """
    if not panels.get("diagram"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    paths = panels["paths"]
    parts = [[row for row in paths if row["arrow"] == arrow] for arrow in ("c", "b")]
    height = 60 + 6.5 * max(len(part) for part in parts)
    made, axes = style.figure("double", height, 1, 3, width_ratios=(1.9, 1.0, 1.0))
    _diagram(axes[0, 0], panels["diagram"], panels["ends"])
    for plot, part, colour in zip(axes[0, 1:], parts, ("blue", "vermillion"), strict=True):
        _intervals(plot, part, style.COLOURS[colour])
    style.letter(list(axes[0]))
    return made


def _diagram(plot: Axes, diagram: Rows, ends: Rows) -> None:
    """Draw two variables at two visits, and the four paths between them."""
    plot.set_xlim(0, 1)
    plot.set_ylim(0, 1)
    plot.set_axis_off()
    gap = ends[0]["gap"]
    places = {(0, 0): (LEFT, TOP), (0, 1): (RIGHT, TOP),
              (1, 0): (LEFT, BOTTOM), (1, 1): (RIGHT, BOTTOM)}  # fmt: skip
    for (which, when), (x, y) in places.items():
        text = fill(_short(str(ends[which]["label"])), 13)
        words = f"{gap:g} weeks on" if when else "a visit"
        plot.text(x, y, text, ha="center", va="center", fontsize=7.5, zorder=4,
                  bbox={"boxstyle": "round,pad=0.35", "facecolor": "white",
                        "edgecolor": style.INK, "linewidth": 0.7})  # fmt: skip
        if which == 0:
            plot.text(x, 0.99, words, ha="center", va="top", color=style.MUTED, fontsize=7.5)
    ink = {"a": style.MUTED, "d": style.MUTED,
           "c": style.COLOURS["blue"], "b": style.COLOURS["vermillion"]}  # fmt: skip
    ends_of = {"a": ((0, 0), (0, 1)), "d": ((1, 0), (1, 1)), "c": ((0, 0), (1, 1)),
               "b": ((1, 0), (0, 1))}  # fmt: skip
    # Along the diagonals the numbers stand before the crossing, each near its own beginning.
    along = {"a": 0.5, "d": 0.5, "c": 0.32, "b": 0.32}
    for row in diagram:
        arrow = str(row["arrow"])
        (x0, y0), (x1, y1) = (places[end] for end in ends_of[arrow])
        inward = SHIFT * ((y1 > y0) - (y1 < y0))  # arrows that meet at one box stay apart
        y0, y1 = y0 + inward, y1 - inward
        sure = row["low"] > 0 or row["high"] < 0
        plot.annotate("", (x1 - BOX_HALF, y1), (x0 + BOX_HALF, y0),
                      arrowprops={"arrowstyle": "-|>", "color": ink[arrow], "shrinkA": 0,
                                  "shrinkB": 0, "linewidth": 1.3,
                                  "linestyle": "-" if sure else (0, (4, 2))})  # fmt: skip
        t = along[arrow]
        x = x0 + BOX_HALF + t * (x1 - x0 - 2 * BOX_HALF)
        y = y0 + t * (y1 - y0)
        plot.text(x, y, write_number(row["estimate"], decimals=2), ha="center", va="center",
                  color=ink[arrow], zorder=3, fontsize=8,
                  bbox={"boxstyle": "square,pad=0.15", "facecolor": "white",
                        "edgecolor": "none"})  # fmt: skip
    plot.text(0.5, 0.0, "Within a person, in SDs;\ndashed: interval includes 0", ha="center",
              va="bottom", color=style.MUTED, fontsize=7.5)  # fmt: skip


def _short(label: str) -> str:
    """Leave out what only tells variants of a measure apart."""
    return label.replace(", average of the last week", "").replace(" per body mass", "")


def _intervals(plot: Axes, rows: Rows, colour: str) -> None:
    """Draw one direction's path: over all intervals, and over each."""
    plot.axvline(0, color=style.INK, linewidth=0.6, zorder=1)
    for line, row in enumerate(rows):
        main = bool(row["main"])
        ink = colour if main else style.MUTED
        plot.plot((row["low"], row["high"]), (line, line), color=ink, linewidth=1.4 if main else 1)
        plot.plot(row["estimate"], line, "D" if main else "o", color=ink, markersize=4.5,
                  markerfacecolor=ink if main else "white")  # fmt: skip
        if main:  # the panel has room for its numbers, and its axis is coarse
            text = write_interval(row["estimate"], row["low"], row["high"]).replace(" [", "\n[")
            plot.annotate(text, (0.5, line), (0, 6), ha="center", va="bottom", fontsize=7.5,
                          xycoords=plot.get_yaxis_transform(), textcoords="offset points",
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    plot.set_yticks(range(len(rows)), [str(r["label"]).replace(" ", "\n", 1) for r in rows])
    plot.set_ylim(len(rows) - 0.4, -0.6)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    if not rows:
        return
    first = rows[0]
    begin, _, end = (part.strip() for part in str(first["name"]).partition("→"))
    begin, end = _short(begin), _short(end).removeprefix("later ")
    unit = f" ({first['unit']})" if first["unit"] else ""
    said = f"{end[:1].upper()}{end[1:]}{unit}, per {first['per']} more of {write_label(begin)}"
    plot.set_xlabel(fill(said, 21))


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: both paths, over all intervals and each."""
    if not panels.get("diagram"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    said = [
        f"{row['name']}, {row['label']}, per {row['per']}: "
        f"{write_interval(row['estimate'], row['low'], row['high'])} {row['unit']}".strip()
        for row in panels["paths"]
    ]
    names = {"a": "exposure on itself", "d": "outcome on itself", "c": "exposure to outcome",
             "b": "outcome to exposure"}  # fmt: skip
    standard = [
        f"{names[str(row['arrow'])]} {write_interval(row['estimate'], row['low'], row['high'])}"
        for row in panels["diagram"]
    ]
    return (
        "Left: lagged paths within a person between two visits in standard deviations: "
        f"{'; '.join(standard)}. Right: paths in both directions by interval: {'; '.join(said)}."
    )
