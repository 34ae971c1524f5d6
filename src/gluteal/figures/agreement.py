"""Reliability: coefficients of all measures, and Bland-Altman panels of the first ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import read_number, write_interval, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS, COLUMNS = 6, 3
PAGE_MM = style.WIDTH_MM["double"]
LEFT_MM, RIGHT_MM = 64.0, 52.0
ROW_MM, FOOT_MM, PANEL_MM = 8.0, 12.0, 60.0
Panels = Mapping[str, Sequence[Mapping[str, Any]]]


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the coefficients with their intervals, and up to six comparisons of two scores.

    Parameters
    ----------
    panels : mapping
        ``icc`` (label, model, form, estimate, low, high, n), ``limits`` (panel, pair, unit, n,
        bias, lower and upper with their intervals), ``pairs`` (panel, mean, difference).
    estimates, plan
        Not needed: the panels hold all.
    """
    del estimates, plan
    icc, limits = list(panels.get("icc", ())), list(panels.get("limits", ()))[:MOST_PANELS]
    top_mm = ROW_MM * max(len(icc), 1)
    rows = -(-len(limits) // COLUMNS)
    height_mm = top_mm + FOOT_MM + rows * PANEL_MM
    page = style.page(height_mm)

    def place(x_mm: float, y_mm: float, width_mm: float, tall_mm: float) -> Axes:
        """Add axes whose upper left corner is so far from that of the page."""
        bottom = 1 - (y_mm + tall_mm) / height_mm
        return page.add_axes((x_mm / PAGE_MM, bottom, width_mm / PAGE_MM, tall_mm / height_mm))

    _draw_coefficients(place(LEFT_MM, 1.0, PAGE_MM - LEFT_MM - RIGHT_MM, top_mm), icc)
    wide_mm = PAGE_MM / COLUMNS
    for index, row in enumerate(limits):
        points = [p for p in panels.get("pairs", ()) if p["panel"] == row["panel"]]
        x_mm = index % COLUMNS * wide_mm + 14.5
        y_mm = top_mm + FOOT_MM + index // COLUMNS * PANEL_MM + 12.0
        _draw_limits(place(x_mm, y_mm, wide_mm - 16.5, PANEL_MM - 24.0), row, points)
    return page


def _draw_coefficients(plot: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    for place, row in enumerate(rows):
        kappa = "kappa" in str(row["form"])
        colour = style.COLOURS["vermillion" if kappa else "blue"]
        low, high = read_number(row["low"]), read_number(row["high"])
        if low is not None and high is not None:
            plot.plot((low, high), (place, place), color=colour, linewidth=1.4)
        plot.plot(row["estimate"], place, "D" if kappa else "o", color=colour, markersize=4.5)
        text = write_interval(read_number(row["estimate"]), low, high)
        form = str(row["form"]).split(", ")[0]
        how: dict[str, Any] = {"va": "center", "transform": plot.get_yaxis_transform()}
        plot.text(1.02, place, f"{form} {text}", **how)
    lows = [x for row in rows if (x := read_number(row["low"])) is not None]
    plot.set_xlim(min([0.0, *(max(low, -1.0) for low in lows)]), 1.0)
    plot.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    names = [f"{row['label']}\n{row['model']}, n = {row['n']}" for row in rows]
    plot.set_yticks(range(len(rows)), names)
    plot.tick_params(axis="y", length=0)
    plot.grid(axis="x")
    plot.set_xlabel("ICC(A,1) (circles), kappa (diamonds)")


def _draw_limits(plot: Axes, row: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> None:
    if points:
        x, y = [p["mean"] for p in points], [p["difference"] for p in points]
        faint = 0.25 if len(points) > 150 else 0.5
        plot.plot(x, y, "o", color=style.COLOURS["blue"], markersize=2.5, alpha=faint, mew=0)
    else:
        plot.set_xticks([])
    for key, name, line in (
        ("upper", "vermillion", "--"),
        ("bias", "black", "-"),
        ("lower", "vermillion", "--"),
    ):
        colour = style.COLOURS[name]
        plot.axhspan(row[f"{key}_low"], row[f"{key}_high"], color=colour, alpha=0.15, linewidth=0)
        plot.axhline(row[key], color=colour, linestyle=line, linewidth=1.0)
        how: dict[str, Any] = {"transform": plot.get_yaxis_transform(), "ha": "right"}
        how["va"] = "top" if key == "lower" else "bottom"
        # A pale ground keeps the number readable where points lie beneath it.
        how["bbox"] = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.6}
        plot.text(0.99, row[key], write_number(row[key], 2), color=colour, fontsize=7, **how)
    unit = f" ({row['unit']})" if row["unit"] else ""
    plot.margins(y=0.12)
    plot.set_xlabel(f"Mean{unit}")
    plot.set_ylabel(f"Difference{unit}", labelpad=1)
    label, _, model = str(row["panel"]).partition(", between")
    title = f"{fill(label, 34)}\nbetween{model}\n{row['pair']}"
    plot.set_title(title, fontsize=7, x=-0.25)


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the coefficients and the limits out."""
    del estimates, plan
    said = [
        f"{row['label']}, {row['model']}: {row['form']} "
        + write_interval(*(read_number(row[key]) for key in ("estimate", "low", "high")))
        for row in panels.get("icc", ())
    ]
    for row in list(panels.get("limits", ()))[:MOST_PANELS]:
        ends = f"{write_number(row['lower'])} to {write_number(row['upper'])} {row['unit']}".strip()
        said.append(f"{row['panel']}, {row['pair']}: limits of agreement {ends}")
    return f"Reliability of the measures. {'; '.join(said)}."
