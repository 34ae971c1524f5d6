"""Asymmetry of the legs: left against right, groups within the band of error, and a forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import read_number, write_interval, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
Panels = Mapping[str, Rows]
PAGE_MM = style.WIDTH_MM["double"]
ROW_MM, LEVEL_MM, LEAST_MM, UNDER_MM = 7.4, 9.0, 48.0, 20.0
BAND = "shaded: minimal detectable difference"


def _fill(text: str, width: int) -> str:
    hold = text.replace("n = ", "n\0=\0")
    lines = TextWrapper(width, break_long_words=False, break_on_hyphens=False).fill(hold)
    return lines.replace("\0", " ")


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw what the panels hold; without groups the estimates are drawn as a forest.

    Parameters
    ----------
    panels : mapping
        ``levels`` (label, n, mean, low, high, q25, q75, in %), ``forest`` (label, estimate, low,
        high, n), ``words`` (levels, groups, forest, ratio), and for enough
        people ``mdc`` (log) and ``density`` (left, right, outside) with ``legs`` (axis).
    """
    levels, rows = panels.get("levels"), panels.get("forest")
    if not levels or not rows:
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    cloud = panels.get("density") or ()
    mdc = panels["mdc"][0]["log"] if panels.get("mdc") else None
    words = panels["words"][0]
    top_mm, foot_mm = max(LEAST_MM, LEVEL_MM * len(levels)), ROW_MM * len(rows)
    height_mm = 6.0 + top_mm + UNDER_MM + foot_mm + 16.0
    page = style.page(height_mm)

    def place(x_mm: float, y_mm: float, width_mm: float, tall_mm: float) -> Axes:
        """Add axes whose upper left corner is so far from that of the page."""
        bottom = 1 - (y_mm + tall_mm) / height_mm
        return page.add_axes((x_mm / PAGE_MM, bottom, width_mm / PAGE_MM, tall_mm / height_mm))

    plots: list[Axes] = []
    if cloud:
        plots.append(place(14.0, 6.0, LEAST_MM, LEAST_MM))
        _draw_cloud(plots[-1], cloud, mdc, panels["legs"][0])
    left_mm = 106.0 if cloud else 44.0
    plots.append(place(left_mm, 6.0, PAGE_MM - left_mm - 3.0, top_mm))
    _draw_levels(plots[-1], levels, mdc, words)
    plots.append(place(74.0, 6.0 + top_mm + UNDER_MM, 54.0, foot_mm))
    _draw_forest(plots[-1], rows, words)
    at = [(1.0, 3.0), (72.0, 3.0)][: len(plots) - 1]
    at.append((1.0, 4.0 + top_mm + UNDER_MM))
    for index, (x_mm, y_mm) in enumerate(at):
        text = chr(ord("A") + index)
        page.text(x_mm / PAGE_MM, 1 - y_mm / height_mm, text, va="center", fontweight="bold")
    return page


def _draw_cloud(plot: Axes, cloud: Rows, mdc: float | None, legs: Mapping[str, Any]) -> None:
    """Draw where half and nine tenths of the people are, beside the line of equal legs."""
    import numpy as np

    x = np.unique([row["left"] for row in cloud])
    z = np.array([row["outside"] for row in cloud]).reshape(len(x), len(x)).T
    colour = style.COLOURS["blue"]
    ends = np.array([x[0], x[-1]])
    if mdc is not None:
        plot.fill_between(ends, ends * np.exp(-mdc), ends * np.exp(mdc), color=style.FAINT,
                          linewidth=0, zorder=0)  # fmt: skip
    plot.plot(ends, ends, color=style.INK, linewidth=0.6, zorder=1)
    plot.contour(x, x, z, levels=[0.5, 0.9], colors=[colour], linewidths=[1.6, 0.8], zorder=2)
    plot.set_xlim(x[0], x[-1])
    plot.set_ylim(x[0], x[-1])
    plot.set_aspect("equal")
    plot.set_xlabel(_fill(f"Left: {legs['axis']}", 40))
    plot.set_ylabel("Right")
    plot.text(0.03, 0.97, "lines around 50 and 90 %\nof people", transform=plot.transAxes,
              va="top", fontsize=7, color=style.MUTED)  # fmt: skip


def _draw_levels(plot: Axes, levels: Rows, mdc: float | None, words: Mapping[str, Any]) -> None:
    """Draw quartiles as a bar, the mean with its interval as a point, on the band of error."""
    if mdc is not None:
        plot.axvspan(-100 * mdc, 100 * mdc, color=style.FAINT, linewidth=0, zorder=0)
    plot.axvline(0, color=style.INK, linewidth=0.6, zorder=1)
    for place, row in enumerate(levels):
        plot.plot((row["q25"], row["q75"]), (place, place), color=style.COLOURS["sky"],
                  linewidth=5, alpha=0.6, solid_capstyle="butt", zorder=2)  # fmt: skip
        plot.plot((row["low"], row["high"]), (place, place), color=style.INK, linewidth=1.1)
        plot.plot(row["mean"], place, "o", color=style.INK, markersize=3.5, zorder=4)
    names = [f"{row['label']}\nn = {row['n']:,}" for row in levels]
    plot.set_yticks(range(len(levels)), names)
    plot.set_ylim(len(levels) - 0.4, -0.6)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    note = f"\n{BAND}" if mdc is not None else ""
    plot.set_ylabel(str(words["groups"]))
    plot.set_xlabel(f"{_fill(str(words['levels']), 40)}{note}")


def _draw_forest(plot: Axes, rows: Rows, words: Mapping[str, Any]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ratio = bool(words["ratio"])
    if ratio:
        plot.set_xscale("log")
    plot.axvline(1.0 if ratio else 0.0, color=style.INK, linewidth=0.6, zorder=1)
    for place, row in enumerate(rows):
        first = place == 0
        colour = style.COLOURS["blue"] if first else style.MUTED
        if read_number(row["low"]) is not None and read_number(row["high"]) is not None:
            plot.plot((row["low"], row["high"]), (place, place), color=colour, linewidth=1.3)
        face = colour if first else "white"
        plot.plot(row["estimate"], place, "D" if first else "o", color=colour,
                  markerfacecolor=face, markersize=4.5)  # fmt: skip
        text = write_interval(*(read_number(row[key]) for key in ("estimate", "low", "high")))
        plot.text(1.02, place, text, va="center", transform=plot.get_yaxis_transform())
    plot.set_yticks(range(len(rows)), [_fill(f"{r['label']} (n = {r['n']:,})", 46) for r in rows])
    plot.set_ylim(len(rows) - 0.4, -0.6)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    if ratio:
        low, high = plot.get_xlim()
        subs = (1.0, 2.0, 5.0) if high / low > 8 else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
        plot.xaxis.set_major_locator(LogLocator(subs=subs))
        plot.xaxis.set_minor_formatter(NullFormatter())
        plot.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    plot.set_xlabel(_fill(str(words["forest"]), 70))


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows."""
    if not panels.get("levels") or not panels.get("forest"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    groups = "; ".join(
        f"{row['label']} (n = {row['n']:,}) "
        f"{write_interval(row['mean'], row['low'], row['high'])} %"
        for row in panels["levels"]
    )
    rows = "; ".join(
        f"{row['label']} "
        + write_interval(*(read_number(row[key]) for key in ("estimate", "low", "high")))
        for row in panels["forest"]
    )
    words = panels["words"][0]
    band = ""
    if panels.get("mdc"):
        band = f", minimal detectable ±{write_number(100 * panels['mdc'][0]['log'])} %"
    by = " ".join(str(words["groups"]).split())
    return f"{words['levels']}{band}, by {by}: {groups}. {words['forest']}: {rows}."
