"""Two groups: their distributions with mean and interval, and the differences in one forest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_interval, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
PAIR = (("0", "blue", "o"), ("1", "vermillion", "s"))
ROW_MM = 6.5


def _fill(text: str, width: int) -> str:
    """Break lines between words only: a label cut inside a word looks like a mistake."""
    return TextWrapper(width, break_long_words=False, break_on_hyphens=False).fill(text)


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the distributions on the left and the differences on the right.

    A group too small for a curve (fewer than ten people) shows its mean and interval only.
    """
    del plan
    forest = list(panels["forest"])
    height = max(62.0, 30.0 + ROW_MM * len(forest))
    made, axes = style.figure("double", height, 1, 2, width_ratios=(1.0, 1.25))
    _distributions(axes[0, 0], panels, str(estimates.iloc[0]["outcome"]))
    known = variables().get(str(estimates.iloc[0]["outcome"]))
    _forest(axes[0, 1], forest, panels["bound"][0], f" {known.unit}" if known else "")
    style.letter(list(axes[0]))
    return made


def _distributions(plot: Axes, panels: Mapping[str, Rows], outcome: str) -> None:
    """Draw half-densities, each on its own line, with quantiles, mean and interval below."""
    top = max((row["density"] for row in panels["density"]), default=1.0)
    groups = {row["group"]: row for row in panels["groups"]}
    for line, (code, name, marker) in enumerate(PAIR):
        base, colour = float(1 - line), style.COLOURS[name]
        curve = [row for row in panels["density"] if row["group"] == code]
        x = [row["x"] for row in curve]
        y = [base + 0.62 * row["density"] / top for row in curve]
        if curve:
            plot.fill_between(x, base, y, color=colour, alpha=0.25, linewidth=0)
            plot.plot(x, y, color=colour, linewidth=1.0)
        row = groups[code]
        if row.get("q05") is not None:
            plot.plot((row["q05"], row["q95"]), (base - 0.08,) * 2, color=colour, linewidth=0.7)
            plot.plot((row["q25"], row["q75"]), (base - 0.08,) * 2, color=colour, linewidth=2.6,
                      alpha=0.5, solid_capstyle="butt")  # fmt: skip
        low, high = row["mean"] - row["low"], row["high"] - row["mean"]
        plot.errorbar(row["mean"], base - 0.2, xerr=[[low], [high]], fmt=marker, color=colour,
                      markersize=4.5, capsize=2, linewidth=1.2)  # fmt: skip
    plot.set_yticks([1.0, 0.0], [f"{_fill(str(groups[c]['label']), 16)}\nn = {groups[c]['n']:,}"
                                 for c in "01"])  # fmt: skip
    plot.set_ylim(-0.35, 1.75)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    known = variables().get(outcome)
    plot.set_xlabel(_fill(known.axis if known else outcome, 44))


def _forest(plot: Axes, forest: Rows, bound: Mapping[str, Any], unit: str) -> None:
    plot.axvspan(-bound["in_sd"], bound["in_sd"], color=style.FAINT, linewidth=0, zorder=0)
    plot.axvline(0, color=style.INK, linewidth=0.6, zorder=1)
    for line, row in enumerate(forest):
        first = line == 0
        colour = style.INK if first else style.MUTED
        plot.plot((row["low"], row["high"]), (line, line), color=colour, linewidth=1.3)
        plot.plot(row["estimate"], line, "D" if first else "o", color=colour,
                  markerfacecolor=colour if first else "white", markersize=4.5)  # fmt: skip
    plot.set_yticks(
        range(len(forest)), [_fill(f"{r['label']}, n = {r['n']:,}", 30) for r in forest]
    )
    plot.set_ylim(len(forest) - 0.4, -0.6)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    plot.set_xlabel(
        f"Difference in SDs within groups\n(1 SD = {write_number(bound['sd'])}{unit.rstrip()}; "
        f"shaded: ±{write_number(bound['in_sd'], 2)} SD)"
    )


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows."""
    del plan
    head = estimates.iloc[0]
    known = variables().get(str(head["outcome"]))
    unit = f" {known.unit}" if known and known.unit else ""
    means = "; ".join(
        f"{row['label']} (n = {row['n']:,}): mean "
        f"{write_interval(row['mean'], row['low'], row['high'])}{unit}"
        for row in panels["groups"]
    )
    gaps = "; ".join(
        f"{row['label']} {write_interval(row['estimate'], row['low'], row['high'])}"
        for row in panels["forest"]
    )
    label = known.label if known else str(head["outcome"])
    return (
        f"Left: distribution of {label} in two groups with mean and interval: {means}. Right: "
        f"differences in within-group standard deviations with intervals: {gaps}."
    )
