"""Power over the number of people, with the error of its simulation, and how precise a study is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import forest, style
from gluteal.notation import write_interval, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Panels = Mapping[str, Sequence[Mapping[str, Any]]]
DASHES = ("-", "--", "-.", ":")


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw power and precision over sizes, a line an effect.

    Parameters
    ----------
    panels : mapping
        ``power`` (effect, n, power, low, high, formula, half_width), ``planned`` (n, unit) and
        ``targets`` (power).
    estimates : DataFrame
        Drawn themselves where there is no curve.
    plan : mapping
        Not needed here.
    """
    if not panels.get("power"):
        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("double", 75, 1, 2, width_ratios=(1.4, 1))
    style.letter(list(axes[0]))
    _draw_power(axes[0, 0], panels)
    _draw_precision(axes[0, 1], panels)
    for plot in axes[0]:
        for row in panels["planned"]:
            plot.axvline(row["n"], color=style.MUTED, linewidth=0.8, linestyle=":", zorder=0)
        plot.set_xlabel("People enrolled")
        plot.set_xlim(left=0)
    return made


def _effects(panels: Panels) -> dict[str, list[Mapping[str, Any]]]:
    """Give the points of each effect, in order of size."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in panels["power"]:
        found.setdefault(str(row["effect"]), []).append(row)
    return {name: sorted(rows, key=lambda row: row["n"]) for name, rows in found.items()}


def _draw_power(plot: Axes, panels: Panels) -> None:
    for row in panels["targets"]:
        plot.axhline(row["power"], color=style.FAINT, linewidth=0.8, zorder=0)
    for k, (name, rows) in enumerate(_effects(panels).items()):
        colour = style.COLOURS[style.CYCLE[k % len(style.CYCLE)]]
        x = [row["n"] for row in rows]
        plot.fill_between(x, [r["low"] for r in rows], [r["high"] for r in rows], color=colour,
                          alpha=0.2, linewidth=0)  # fmt: skip
        plot.plot(x, [r["power"] for r in rows], color=colour, label=name,
                  linestyle=DASHES[k % len(DASHES)],
                  marker=style.MARKERS[k % len(style.MARKERS)])  # fmt: skip
    plot.set_ylim(0, 1.02)
    plot.set_ylabel("Power")
    # Above the axes: inside, one of the curves always runs through it.
    plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.3)


def _draw_precision(plot: Axes, panels: Panels) -> None:
    rows = next(iter(_effects(panels).values()))
    plot.plot([r["n"] for r in rows], [r["half_width"] for r in rows], color=style.INK, marker="o")
    unit = str(panels["planned"][0]["unit"])
    plot.set_ylim(bottom=0)
    plot.set_ylabel(f"Half-width of the interval\n({'log HR' if unit == 'HR' else unit})")


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read power at every size out."""
    if not panels.get("power"):
        return forest.describe(panels, estimates, plan)
    planned = int(panels["planned"][0]["n"])
    parts: list[str] = []
    for name, rows in _effects(panels).items():
        points = ", ".join(
            f"{row['n']:,}: {write_interval(row['power'], row['low'], row['high'])}" for row in rows
        )
        parts.append(f"For {name}, power by people enrolled {points}")
    first = next(iter(_effects(panels).values()))
    wide = min(first, key=lambda row: abs(row["n"] - planned))["half_width"]
    return (
        f"{'. '.join(parts)}. {planned:,} are planned; the interval then reaches "
        f"{write_number(wide)} to either side on average."
    )
