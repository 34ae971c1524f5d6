"""Heat map of missing values: one row a variable, one column a visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 38
"""Rows drawn at most; a page holds no more."""
ROW_MM, FRAME_MM = 4.6, 22.0
DARK = 0.6
Row = Mapping[str, Any]


def choose_rows(rows: Sequence[Row]) -> tuple[list[str], int]:
    """Choose the variables that are drawn and count those that are not.

    Those with something missing, in their order; if they are too many, the ones that miss most.
    """
    worst: dict[str, float] = {}
    for row in rows:
        name = str(row["variable"])
        worst[name] = max(worst.get(name, 0.0), float(row["share"]))
    gaps = [name for name, share in worst.items() if share > 0]
    kept = set(sorted(gaps, key=lambda name: -worst[name])[:MOST])
    chosen = [name for name in gaps if name in kept]
    return chosen, len(worst) - len(chosen)


def _visits(rows: Sequence[Row]) -> list[str]:
    place = {str(row["visit"]): int(row["place"]) for row in rows}
    return sorted(place, key=lambda visit: place[visit])


def draw(panels: Mapping[str, Sequence[Row]], estimates: Any, plan: Mapping[str, Any]) -> Figure:
    """Draw the share missing by variable and visit from ``panels["missing"]``.

    A blank cell was not planned. A share that stands for too few people to be shown is drawn as
    its bound, with "<".
    """
    del estimates, plan
    rows = panels["missing"]
    names, others = choose_rows(rows)
    if not names:
        made, axes = style.figure("double", 24.0)
        axes[0, 0].axis("off")
        text = f"Nothing is missing in {others} variables."
        axes[0, 0].text(0.5, 0.5, text, ha="center", va="center")
        return made
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    visits = _visits([row for row in rows if row["variable"] in names])
    made, axes = style.figure("double", FRAME_MM + ROW_MM * len(names))
    plot = axes[0, 0]
    colours = LinearSegmentedColormap.from_list("missing", ["#ffffff", style.COLOURS["blue"]])
    shares = [[nan] * len(visits) for _ in names]
    few = {(str(row["variable"]), str(row["visit"])) for row in rows if row.get("few")}
    labels: dict[str, str] = {}
    for row in rows:
        if row["variable"] in names:
            i, j = names.index(str(row["variable"])), visits.index(str(row["visit"]))
            shares[i][j] = float(row["share"])
            labels[names[i]] = str(row["label"])
    scale = Normalize(0, max(0.2, *(v for line in shares for v in line if v == v)))
    plot.pcolormesh(shares, cmap=colours, norm=scale, edgecolors=style.FAINT, linewidth=0.4)
    for i, name in enumerate(names):
        for j, visit in enumerate(visits):
            share = shares[i][j]
            if share == share:
                text = write_number(100 * share, decimals=1 if share < 0.1 else 0)
                dark = scale(share) > DARK
                plot.text(
                    j + 0.5,
                    i + 0.5,
                    f"<{text}" if (name, visit) in few else text,
                    ha="center",
                    va="center",
                    fontsize=6.5,
                    color="white" if dark else style.INK,
                )
    plot.set_ylim(len(names), 0)
    plot.set_yticks([i + 0.5 for i in range(len(names))], [fill(labels[n], 70) for n in names])
    plot.set_xticks([j + 0.5 for j in range(len(visits))], visits)
    plot.xaxis.tick_top()
    plot.tick_params(length=0)
    for spine in plot.spines.values():
        spine.set_visible(False)
    rest = f" ({others} further variables: less, or nothing, missing)" if others else ""
    plot.set_xlabel(f"Missing, % of those planned{rest}")
    bar: Any = ScalarMappable(scale, colours)
    made.colorbar(
        bar, ax=plot, shrink=min(1.0, 10 / len(names)), format=lambda v, _: f"{100 * v:.0f}"
    )
    return made


def describe(panels: Mapping[str, Sequence[Row]], estimates: Any, plan: Mapping[str, Any]) -> str:
    """Say how many variables have gaps and which has the largest."""
    del estimates, plan
    rows = panels["missing"]
    names, others = choose_rows(rows)
    if not names:
        return f"Heat map of missing values: nothing is missing in {others} variables."
    total = len({str(row["variable"]) for row in rows})
    gaps = len({str(row["variable"]) for row in rows if float(row["share"]) > 0})
    worst = max(rows, key=lambda row: float(row["share"]))
    share = write_number(100 * float(worst["share"]), decimals=0)
    return (
        f"Heat map of missing values: {gaps} of {total} variables have gaps. Most is missing of "
        f"{worst['label']} at {worst['visit']}, {share} %."
    )
