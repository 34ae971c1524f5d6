"""What it takes to turn an effect: a confounder that nobody measured, outcomes that are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_label, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
LEVELS, POINT_SIZE = 7, 4.5


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the effect over strengths of a confounder, and over shifts of missing outcomes.

    With one of both, one panel; with none (a ratio and nobody missing) the estimates as a forest.
    """
    parts = [name for name in ("contour", "tipping") if panels.get(name)]
    if not parts:
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("double" if len(parts) > 1 else "single", 78, 1, len(parts))
    for name, plot in zip(parts, axes[0], strict=True):
        (_contour if name == "contour" else _tipping)(plot, panels)
    if len(parts) > 1:
        style.letter(list(axes[0]))
    return made


def _contour(plot: Axes, panels: Mapping[str, Rows]) -> None:
    """Draw lines of equal effect; the thick one is where nothing is left of it."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    cells, own = panels["contour"], panels["own"][0]
    x, y = (sorted({float(cell[axis]) for cell in cells}) for axis in "xy")
    z = np.array([float(cell["z"]) for cell in cells]).reshape(len(y), len(x))
    ends = float(z.min()), float(z.max())
    levels = [v for v in MaxNLocator(LEVELS).tick_values(*ends) if abs(v) > 1e-12]
    drawn = plot.contour(x, y, z, levels, colors=style.MUTED, linewidths=0.7, linestyles="solid")
    none = plot.contour(x, y, z, [0.0], colors=style.COLOURS["vermillion"], linewidths=1.6)

    def word(value: float) -> str:
        return "0" if abs(value) < 1e-12 else write_number(value, 2)

    plot.clabel(drawn, fmt=word, fontsize=7.5)
    plot.clabel(none, fmt=word, fontsize=8, colors=style.COLOURS["vermillion"])
    plot.plot(0, 0, "D", color=style.INK, markersize=POINT_SIZE, clip_on=False, zorder=4,
              linestyle="none", label=f"as found: {word(float(own['estimate']))}")  # fmt: skip
    names = list(dict.fromkeys(str(row["label"]) for row in panels["points"]))
    for index, name in enumerate(names):
        mine = [row for row in panels["points"] if row["label"] == name]
        colour = style.COLOURS[style.CYCLE[(2 * index) % len(style.CYCLE)]]
        plot.plot([row["x"] for row in mine], [row["y"] for row in mine], "-", color=colour,
                  marker=style.MARKERS[index % len(style.MARKERS)], markersize=POINT_SIZE,
                  linewidth=0.8, label=f"1, 2, 3 × {write_label(name)}", zorder=3,
                  clip_on=False)  # fmt: skip
    plot.set_xlim(0, x[-1])
    plot.set_ylim(0, y[-1])
    plot.set_xlabel("Partial R² of the confounder with the exposure")
    plot.set_ylabel("Partial R² with the outcome")
    plot.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1.6)


def _tipping(plot: Axes, panels: Mapping[str, Rows]) -> None:
    """Draw the effect along the shift, with its band and where it tips."""
    rows, scale, tips = panels["tipping"], panels["scale"][0], panels["tips"][0]
    x = [row["delta"] for row in rows]
    colour = style.COLOURS["blue"]
    plot.fill_between(x, [row["low"] for row in rows], [row["high"] for row in rows],
                      color=colour, alpha=0.2, linewidth=0)  # fmt: skip
    plot.plot(x, [row["estimate"] for row in rows], color=colour)
    null = 1.0 if scale["ratio"] else 0.0
    plot.axhline(null, color=style.INK, linewidth=0.6)
    plot.axvline(0, color=style.MUTED, linewidth=0.6, linestyle=":")
    if scale["ratio"]:
        plot.set_yscale("log")
    for key, marker, text in (
        ("estimate_at", "D", "estimate tips"),
        ("interval_at", "o", "interval tips"),
    ):
        if tips.get(key) is not None:
            label = f"{text} at {write_number(tips[key], 2)}"
            plot.plot(tips[key], null, marker, color=style.COLOURS["vermillion"], label=label,
                      markersize=POINT_SIZE + 0.5, linestyle="none", zorder=4)  # fmt: skip
    unit = f" ({tips['unit']})" if tips["unit"] else ""
    plot.set_xlabel(fill(f"Missing outcomes: shift {tips['where']}{unit}", 48))
    of = f" ({scale['unit']})" if scale["unit"] else ""
    plot.set_ylabel(f"{scale['name'].split(' (')[0].capitalize()}{of}")
    if plot.get_legend_handles_labels()[0]:
        plot.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1.2)


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: the robustness value, the benchmarks, the tipping point."""
    if not panels.get("contour") and not panels.get("tipping"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    said: list[str] = []
    if panels.get("contour"):
        own = panels["own"][0]
        said.append(
            f"The estimate, {write_number(own['estimate'])}, over the strength of an unmeasured "
            "confounder: it is gone where the confounder explains "
            f"{100 * own['rv']:.1f} % of what is left of exposure and of outcome."
        )
        points = (
            f"{row['times']:g} × {write_label(row['label'])}: {write_number(row['estimate'])}"
            for row in panels["points"]
        )
        if text := "; ".join(points):
            said.append(f"Under a confounder as strong as {text}.")
    if panels.get("tipping"):
        tips = panels["tips"][0]
        found = (
            f"the {name} tips at a shift of {write_number(tips[key])} {tips['unit']}".strip()
            if tips.get(key) is not None
            else f"the {name} does not tip"
            for name, key in (("estimate", "estimate_at"), ("interval", "interval_at"))
        )
        said.append(f"Missing outcomes shifted {tips['where']}: {', '.join(found)}.")
    return " ".join(said)
