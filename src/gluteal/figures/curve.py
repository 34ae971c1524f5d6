"""A relation as a curve with its band, the straight line beside it, and deciles for the people."""

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


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the spline against the median of the exposure, between its 5th and 95th percentile.

    Without a curve (too few different values) the estimates are drawn as a forest.
    """
    if not panels.get("curve"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("single", 72)
    plot: Axes = axes[0, 0]
    scale, curve, line = panels["scale"][0], panels["curve"], panels["line"]
    x = [row["x"] for row in curve]
    colour = style.COLOURS["blue"]
    plot.fill_between(x, [row["low"] for row in curve], [row["high"] for row in curve],
                      color=colour, alpha=0.2, linewidth=0)  # fmt: skip
    plot.plot(x, [row["estimate"] for row in curve], color=colour, label="spline")
    plot.plot([row["x"] for row in line], [row["estimate"] for row in line], "--",
              color=style.INK, linewidth=0.9, label="straight line")  # fmt: skip
    plot.axhline(1.0 if scale["ratio"] else 0.0, color=style.MUTED, linewidth=0.6, zorder=0)
    plot.axvline(scale["reference"], color=style.MUTED, linewidth=0.6, linestyle=":", zorder=0)
    if scale["ratio"]:
        _log_axis(plot)
    deciles = [row["x"] for row in panels["deciles"]]
    plot.plot(deciles, [0.012] * len(deciles), "|", transform=plot.get_xaxis_transform(),
              color=style.INK, markersize=6, markeredgewidth=0.8)  # fmt: skip
    plot.set_xlabel(f"{fill(scale['x_axis'], 52)}\n(ticks: deciles)")
    plot.set_ylabel(fill(_axis(scale), 40))
    plot.legend(loc="best", handlelength=1.8)
    return made


def _axis(scale: Mapping[str, Any]) -> str:
    if scale["ratio"]:
        return f"{scale['name'].split(' (')[0].capitalize()}, {write_label(scale['label'])}"
    unit = f" ({scale['unit']})" if scale["unit"] else ""
    return f"Difference in {write_label(scale['label'])}{unit}"


def _log_axis(plot: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    plot.set_yscale("log")
    low, high = plot.get_ylim()
    subs = (1.0, 2.0, 5.0) if high / low > 8 else (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
    plot.yaxis.set_major_locator(LogLocator(subs=subs))
    plot.yaxis.set_minor_formatter(NullFormatter())
    plot.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: the ends of the curve and the slope."""
    if not panels.get("curve"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    scale, curve, head = panels["scale"][0], panels["curve"], estimates.iloc[0]
    ends = "; ".join(
        f"at {write_number(row['x'])} {write_interval(row['estimate'], row['low'], row['high'])}"
        for row in (curve[0], curve[-1])
    )
    slope = write_interval(head["estimate"], head["low"], head["high"])
    return (
        f"{_axis(scale)} against the median ({write_number(scale['reference'])}) along "
        f"{scale['x_axis']}, with its band: {ends}. Slope {head['contrast']}: {slope}."
    )
