"""Classes of courses: the mean of each over time, with its band and its share of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
LINES = ("-", "--", "-.", ":")


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw each class's mean course; without classes the estimates as a forest."""
    if not panels.get("courses"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("single", 76)
    plot: Axes = axes[0, 0]
    scale = panels["scale"][0]
    names = sorted({row["class"] for row in panels["courses"]}, reverse=True)
    for place, name in enumerate(names):
        rows = [row for row in panels["courses"] if row["class"] == name]
        x = [row["week"] for row in rows]
        colour = style.COLOURS[style.CYCLE[place % len(style.CYCLE)]]
        plot.fill_between(x, [row["low"] for row in rows], [row["high"] for row in rows],
                          color=colour, alpha=0.2, linewidth=0)  # fmt: skip
        share = write_number(100 * rows[0]["share"], decimals=0)
        plot.plot(x, [row["estimate"] for row in rows], LINES[place % len(LINES)], color=colour,
                  label=f"course {name}: {share} %")  # fmt: skip
    if scale["low"] is not None and scale["high"] is not None:
        plot.set_ylim(scale["low"], scale["high"])
    plot.set_xlim(left=0)
    plot.set_xlabel("Week since the baseline")
    plot.set_ylabel(fill(f"{scale['axis']}, mean of the class", 36))
    plot.legend(loc="upper right", handlelength=2.6, ncols=2 if len(names) > 3 else 1,
                columnspacing=1.2)  # fmt: skip
    return made


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: where each class starts and ends, and how many it holds."""
    if not panels.get("courses"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    scale = panels["scale"][0]
    parts: list[str] = []
    for name in sorted({row["class"] for row in panels["courses"]}):
        rows = [row for row in panels["courses"] if row["class"] == name]
        ends = [write_number(row["estimate"], decimals=1) for row in (rows[0], rows[-1])]
        share = write_number(100 * rows[0]["share"], decimals=0)
        parts.append(f"course {name} ({share} % of people) from {ends[0]} to {ends[1]}")
    last = write_number(panels["courses"][-1]["week"], decimals=0)
    return (
        f"Mean {scale['axis']} of {scale['classes']} classes of courses in {scale['n']:,} people "
        f"over {last} weeks: {'; '.join(parts)}. Classes are summaries, not types of people."
    )
