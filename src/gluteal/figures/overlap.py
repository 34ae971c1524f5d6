"""Can people be compared, and what follows: overlap, balance, and the estimators in one forest."""

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
ROW_MM, FRAME_MM = 5.6, 26.0
BALANCED = 0.1
SIDES = (("vermillion", 1.0), ("blue", -1.0))


def _fill(text: str, width: int) -> str:
    """Break lines between words only."""
    return TextWrapper(width, break_long_words=False, break_on_hyphens=False).fill(text)


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw mirrored densities, a love plot, and the estimators below them.

    Without densities (fewer than ten people on a side) the estimates are drawn as a forest alone.
    """
    if not panels.get("overlap"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    words = panels["words"][0]
    rows = list(panels["forest"])
    top = max(52.0, FRAME_MM + ROW_MM * len(panels["balance"]))
    bottom = FRAME_MM + ROW_MM * len(rows)
    made = style.figure("double", top + bottom)[0]
    made.clear()
    # Parts of their own: long labels below must not narrow what stands above.
    parts: Any = made.subfigures(2, 1, height_ratios=(top, bottom))
    plots = [*parts[0].subplots(1, 2, width_ratios=(1.0, 1.1)), parts[1].subplots()]
    _mirror(plots[0], panels["overlap"], str(words["overlap"]))
    _love(plots[1], panels["balance"])
    _forest(plots[2], rows, words)
    style.letter(plots)
    return made


def _mirror(plot: Axes, rows: Rows, axis: str) -> None:
    """Draw one distribution upwards and the other one downwards."""
    top = max(row["density"] for row in rows)
    for side, (name, sign) in enumerate(SIDES):
        own = [row for row in rows if row["side"] == side]
        x, y = [row["x"] for row in own], [sign * row["density"] for row in own]
        colour = style.COLOURS[name]
        plot.fill_between(x, 0, y, color=colour, alpha=0.25, linewidth=0)
        plot.plot(x, y, color=colour, linewidth=1.1)
        label = _fill(str(own[0]["group"]), 30)
        plot.text(0.02, 0.98 if sign > 0 else 0.02, label, transform=plot.transAxes,
                  color=colour, va="top" if sign > 0 else "bottom", fontweight="bold")  # fmt: skip
    plot.axhline(0, color=style.INK, linewidth=0.6)
    plot.set_ylim(-1.3 * top, 1.3 * top)
    plot.yaxis.set_visible(False)
    plot.spines["left"].set_visible(False)
    plot.set_xlabel(_fill(axis, 38))


def _love(plot: Axes, rows: Rows) -> None:
    """Draw how far covariates lie apart before and after weighting."""
    ordered = sorted(rows, key=lambda row: row["before"])
    known = variables()
    labels: list[str] = []
    for line, row in enumerate(ordered):
        pair = (row["before"], row["after"])
        plot.plot(pair, (line, line), color=style.FAINT, linewidth=1.6, zorder=1)
        plot.plot(row["before"], line, "o", color=style.MUTED, markerfacecolor="white",
                  markersize=4.5, label="before" if line == 0 else None)  # fmt: skip
        plot.plot(row["after"], line, "D", color=style.COLOURS["blue"], markersize=4.0,
                  label="after weighting" if line == 0 else None)  # fmt: skip
        name = str(row["variable"])
        labels.append(_fill(known[name].label if name in known else name, 26))
    plot.axvline(BALANCED, color=style.INK, linewidth=0.6, linestyle=":")
    plot.set_yticks(range(len(ordered)), labels)
    plot.tick_params(axis="y", length=0)
    plot.set_xlim(left=0)
    plot.set_xlabel("|Standardised difference|")
    if ordered:
        plot.legend(loc="lower right", handlelength=1.0)


def _forest(plot: Axes, rows: Rows, words: Mapping[str, Any]) -> None:
    factor = 100.0 if words["risk"] else 1.0
    plot.axvline(0, color=style.INK, linewidth=0.6, zorder=1)
    texts: list[str] = []
    for line, row in enumerate(rows):
        estimate, low, high = (factor * row[key] for key in ("estimate", "low", "high"))
        first = line == 0
        colour = style.COLOURS["blue"] if first else style.MUTED
        plot.plot((low, high), (line, line), color=colour, linewidth=1.4)
        plot.plot(estimate, line, "D" if first else "o", color=colour,
                  markerfacecolor=colour if first else "white", markersize=4.8)  # fmt: skip
        texts.append(write_interval(estimate, low, high))
    plot.set_yticks(range(len(rows)), [_fill(str(row["label"]), 44) for row in rows])
    plot.set_ylim(len(rows) - 0.4, -0.6)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    for line, text in enumerate(texts):
        plot.text(1.02, line, text, transform=plot.get_yaxis_transform(), va="center")
    plot.set_xlabel(_fill(f"{words['forest']}: {words['contrast']}", 90))


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: balance after weighting and the estimators."""
    if not panels.get("overlap"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    words = panels["words"][0]
    factor = 100.0 if words["risk"] else 1.0
    parts = [
        f"{row['label']}: "
        + write_interval(*(factor * row[key] for key in ("estimate", "low", "high")))
        for row in panels["forest"]
    ]
    balance = panels["balance"]
    worst = max((row["after"] for row in balance), default=0.0)
    return (
        f"Mirrored distributions ({words['overlap']}); covariates before and after weighting, the "
        f"largest difference left {write_number(worst, 2)} SD; and the estimators. "
        f"{words['forest']}, {words['contrast']}: {'; '.join(parts)}."
    )
