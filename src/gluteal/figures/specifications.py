"""A specification curve: every estimate with its interval, and below it the choices behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_interval, write_number, write_p

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
CURVE_MM, LINE_MM, TITLE_MM, FOOT_MM = 58.0, 3.5, 4.4, 8.0
MOST_LETTERS = 48
TICK_SHARE = 0.38


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the curve above the choices; the primary specification stands out in both.

    With fewer than three specifications the estimates are drawn as a forest.
    """
    if len(panels.get("specifications") or ()) < 3:
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    rows, choices = panels["specifications"], panels["choices"]
    lines = _lines(choices)
    below = sum(TITLE_MM if line[0] is None else LINE_MM for line in lines) + FOOT_MM
    made, axes = style.figure(
        "double", CURVE_MM + below, rows=2, sharex="col", height_ratios=[CURVE_MM, below]
    )
    _curve(axes[0, 0], rows, panels["summary"][0], estimates)
    _choices(axes[1, 0], rows, lines)
    return made


def _colour(row: Mapping[str, Any]) -> str:
    """Colour by whether the interval leaves no difference out; the primary one is apart."""
    if row["primary"]:
        return style.COLOURS["vermillion"]
    clear = row["low"] > 0 or row["high"] < 0
    return style.COLOURS["blue"] if clear else style.COLOURS["grey"]


def _curve(plot: Axes, rows: Rows, summary: Mapping[str, Any], estimates: pd.DataFrame) -> None:
    """Draw the estimates in their order."""
    x = [row["rank"] for row in rows]
    colours = [_colour(row) for row in rows]
    thin = max(0.25, min(1.2, 160 / len(rows)))
    lows, highs = [row["low"] for row in rows], [row["high"] for row in rows]
    plot.vlines(x, lows, highs, colors=colours, linewidth=thin, alpha=0.45)
    plot.scatter(x, [row["estimate"] for row in rows], s=max(2.0, 8 * thin), c=colours,
                 linewidths=0, zorder=3)  # fmt: skip
    plot.axhline(0, color=style.INK, linewidth=0.6, zorder=1)
    plot.axhline(summary["median"], color=style.INK, linewidth=0.6, linestyle="--", zorder=1)
    for row in rows:
        if row["primary"]:
            how: dict[str, Any] = {"color": style.COLOURS["vermillion"], "zorder": 5}
            plot.vlines(row["rank"], row["low"], row["high"], linewidth=1.6, **how)
            plot.plot(row["rank"], row["estimate"], "D", markersize=5, **how)
    head = estimates.iloc[0]
    plot.set_ylabel(f"Difference in SDs of the\noutcome, {head['contrast']}")
    plot.set_xlim(-0.02 * (x[-1] + 1), 1.02 * (x[-1] + 1))
    plot.tick_params(axis="x", length=0, labelbottom=False)
    plot.spines["bottom"].set_visible(False)
    marks = [("D", "vermillion", "primary"), ("o", "blue", "interval leaves 0 out"),
             ("o", "grey", "interval holds 0")]  # fmt: skip
    for marker, name, text in marks:
        plot.plot([], [], marker, color=style.COLOURS[name], markersize=4, label=text)
    plot.plot([], [], "--", color=style.INK, linewidth=0.6, label="median")
    plot.legend(loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=4, handlelength=1.2,
                columnspacing=1.2, handletextpad=0.5)  # fmt: skip


def _lines(choices: Rows) -> list[tuple[int | None, str, str]]:
    """List the lines of the panel: a title of each axis of choice, then its options."""
    lines: list[tuple[int | None, str, str]] = []
    for row in choices:
        if not any(line[1] == row["axis"] for line in lines):
            lines.append((None, row["axis"], row["title"]))
        lines.append((int(row["index"]), row["axis"], row["option"]))
    return lines


def _choices(plot: Axes, rows: Rows, lines: Sequence[tuple[int | None, str, str]]) -> None:
    """Mark the choice of each specification on each axis."""
    y, places, texts, bold = 0.0, [], [], []
    for index, axis, text in lines:
        step = TITLE_MM if index is None else LINE_MM
        middle = y + step / 2
        places.append(middle)
        texts.append(shorten(text[:1].upper() + text[1:], MOST_LETTERS, placeholder=" ..."))
        bold.append(index is None)
        if index is not None:
            here = [row for row in rows if row[axis] == index]
            half = LINE_MM * TICK_SHARE
            plot.vlines([row["rank"] for row in here], middle - half, middle + half,
                        colors=[_colour(row) for row in here],
                        linewidth=max(0.25, min(1.2, 160 / len(rows))))  # fmt: skip
            for row in here:
                if row["primary"]:
                    plot.vlines(row["rank"], middle - half, middle + half, linewidth=1.8,
                                color=style.COLOURS["vermillion"], zorder=4)  # fmt: skip
        y += step
    plot.set_ylim(y, 0)
    plot.set_yticks(places, texts)
    for label, heavy in zip(plot.get_yticklabels(), bold, strict=True):
        label.set_fontweight("bold" if heavy else "normal")
    plot.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        plot.spines[side].set_visible(False)
    plot.tick_params(axis="x", length=0, labelbottom=False)
    plot.set_xlabel("Specifications, in the order of their estimates")


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the curve shows."""
    if len(panels.get("specifications") or ()) < 3:
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    summary, head = panels["summary"][0], estimates.iloc[0]
    first, last = panels["specifications"][0], panels["specifications"][-1]
    primary = write_interval(head["estimate"], head["low"], head["high"])
    ends = f"{write_number(first['estimate'])} to {write_number(last['estimate'])}"
    text = (
        f"Specification curve of {summary['specifications']} specifications, in SDs of the "
        f"outcome {head['contrast']}. Estimates from {ends}, median "
        f"{write_number(summary['median'])}; {100 * summary['same_sign']:.0f} % have the sign of "
        f"the median and {100 * summary['clear']:.0f} % an interval on that side that leaves 0 "
        f"out. Primary specification: {primary}."
    )
    if summary["joint_p"] is not None:
        text += f" Joint test of the median: {write_p(summary['joint_p'], sign=True)}."
    return text
