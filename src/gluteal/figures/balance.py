"""Love plot: how much the groups of Table 1 differ, row by row, in standard deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGE = 0.1
ROW_MM, FRAME_MM = 6.0, 22.0
Row = Mapping[str, Any]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _size(row: Row) -> float:
    return abs(_number(row["smd"]))


def _ordered(rows: Sequence[Row]) -> list[str]:
    """Order the variables by their largest difference, the largest first, those without last."""
    largest: dict[str, float] = {}
    for row in rows:
        size = _size(row) if isfinite(_size(row)) else -1.0
        name = str(row["variable"])
        largest[name] = max(size, largest.get(name, -1.0))
    return sorted(largest, key=lambda name: -largest[name])


def _label(name: str) -> str:
    known = variables()
    return known[name].label if name in known else name


def draw(panels: Mapping[str, Sequence[Row]], estimates: Any, plan: Mapping[str, Any]) -> Figure:
    """Draw the absolute standardised differences of ``panels["smd"]``, the largest on top.

    One marker a contrast; the line at 0.1 is where a difference begins to bear on an unadjusted
    comparison (Austin 2009, doi:10.1002/sim.3697). A difference that does not exist has no marker.
    """
    del estimates, plan
    rows = panels["smd"]
    names = _ordered(rows)
    contrasts = list(dict.fromkeys(str(row["contrast"]) for row in rows))
    made, axes = style.figure("double", FRAME_MM + ROW_MM * max(len(names), 2))
    plot = axes[0, 0]
    plot.axvline(0, color=style.INK, linewidth=0.6)
    plot.axvline(LARGE, color=style.MUTED, linestyle=(0, (4, 3)), linewidth=0.8)
    place = {name: i for i, name in enumerate(names)}
    for i, contrast in enumerate(contrasts):
        mine = [row for row in rows if row["contrast"] == contrast and isfinite(_size(row))]
        plot.plot(
            [_size(row) for row in mine],
            [place[str(row["variable"])] for row in mine],
            linestyle="none",
            marker=style.MARKERS[i % len(style.MARKERS)],
            color=style.COLOURS[style.CYCLE[i % len(style.CYCLE)]],
            label=contrast.replace(" - ", " against "),
        )
    plot.set_yticks(range(len(names)), [fill(_label(name), 48) for name in names])
    plot.set_ylim(len(names) - 0.4, -0.6)
    plot.set_xlim(left=-0.01)
    plot.set_xlabel("Absolute standardised difference (SD)")
    plot.yaxis.grid(True)
    plot.tick_params(axis="y", length=0)
    plot.spines["left"].set_visible(False)
    made.legend(loc="outside upper right", ncols=1)
    return made


def describe(panels: Mapping[str, Sequence[Row]], estimates: Any, plan: Mapping[str, Any]) -> str:
    """Name the contrasts, how many differences are large, and the largest three."""
    del estimates, plan
    rows = [row for row in panels["smd"] if isfinite(_size(row))]
    large = sum(_size(row) > LARGE for row in rows)
    contrasts = dict.fromkeys(str(row["contrast"]).replace(" - ", " against ") for row in rows)
    top = sorted(rows, key=lambda row: -_size(row))[:3]
    named = ", ".join(f"{_label(str(r['variable']))} {write_number(_size(r), 2)}" for r in top)
    text = f"Standardised differences of {len(rows)} comparisons ({'; '.join(contrasts)}); "
    text += f"{large} are above 0.1 SD."
    return f"{text} The largest: {named}." if named else text
