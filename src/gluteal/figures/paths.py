"""Paths: a diagram of a mediation with its estimates, and its curve over correlated errors."""

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
Point = tuple[float, float]
BOX_MM = (31.0, 12.5)
ROW_MM, FOOT_MM, HEAD_MM = 29.0, 16.5, 6.0
SMALL = 7.0
MOST_RHO = 0.6
"""Beyond this correlation the curve runs away and tells nothing."""


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the diagram, and the curve beside it where there is one; a forest without a diagram."""
    if not panels.get("nodes"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    rho = panels.get("rho", [])
    places, height_mm = _place(panels, 112.0 if rho else 166.0)
    page = style.page(height_mm)
    width_mm = style.WIDTH_MM["double"]
    left_mm = 112.0 if rho else 166.0
    plot = page.add_axes((2 / width_mm, 0.0, left_mm / width_mm, 1.0))
    plot.set_xlim(0, left_mm)
    plot.set_ylim(0, height_mm)
    plot.axis("off")
    _diagram(plot, panels, places)
    if rho:
        bottom, top = 13.0, 8.0
        box = (132.0 / width_mm, bottom / height_mm, 36.0 / width_mm)
        curve = page.add_axes((*box, 1 - (bottom + top) / height_mm))
        _curve(curve, rho, panels["scale"][0])
        for x_mm, name in ((1.5, "A"), (118.0, "B")):
            page.text(x_mm / width_mm, 1 - 4 / height_mm, name, fontweight="bold", va="center")
    return page


def _place(panels: Mapping[str, Rows], width_mm: float) -> tuple[dict[str, Point], float]:
    """Place the boxes: a chain along the top, or mediators above and below what they part."""
    names = [str(row["name"]) for row in panels["nodes"]]
    first, *between, last = names
    wide, high = BOX_MM
    ends, middle = (wide / 2 + 1, width_mm - wide / 2 - 1), width_mm / 2
    places: dict[str, Point] = {}
    if _stacked(panels):
        above = (len(between) + 1) // 2
        below = len(between) - above
        base = FOOT_MM + high / 2 + ROW_MM * below
        for k, name in enumerate(between):
            step = above - k if k < above else above - k - 1
            places[name] = (middle, base + ROW_MM * step)
        top = base + ROW_MM * above
    else:
        base = FOOT_MM + high / 2
        rise = ROW_MM * (1.0 if len(between) == 1 else 1.35)
        # A chain of three is widest in the middle: long arrows then pass beside the boxes.
        inset, start = (0.0, ends[0] + 3) if len(between) < 3 else (10.0, ends[0])
        gap = (2 * (middle - start)) / max(len(between) - 1, 1)
        for k, name in enumerate(between):
            outer = k in (0, len(between) - 1)
            x = middle if len(between) == 1 else start + k * gap
            places[name] = (x, base + (rise if outer else 1.7 * rise))
        top = max(y for _x, y in places.values())
        ends = (ends[0] + inset, ends[1] - inset)
    places |= {first: (ends[0], base), last: (ends[1], base)}
    return places, top + high / 2 + HEAD_MM


def _stacked(panels: Mapping[str, Rows]) -> bool:
    return panels["scale"][0]["form"] == "parallel"


def _diagram(plot: Axes, panels: Mapping[str, Rows], places: Mapping[str, Point]) -> None:
    from matplotlib.patches import FancyBboxPatch

    wide, high = BOX_MM
    lowest = places[str(panels["nodes"][0]["name"])][1]
    for row in panels["arrows"]:
        _arrow(plot, row, places, _stacked(panels))
    for row in panels["nodes"]:
        x, y = places[str(row["name"])]
        plot.add_patch(
            FancyBboxPatch((x - wide / 2 + 1, y - high / 2 + 1), wide - 2, high - 2,
                           boxstyle="round,pad=1", facecolor="white", edgecolor=style.INK,
                           linewidth=0.8, zorder=5)
        )  # fmt: skip
        text = fill(str(row["label"]).replace(", average of the last week", ""), 20)
        plot.text(x, y, text, ha="center", va="center", fontsize=SMALL, zorder=6,
                  linespacing=1.05)  # fmt: skip
        above = row["role"] == "mediator" and y > lowest
        at = y + high / 2 + 2.2 if above else y - high / 2 - 2.2
        plot.text(x, at, str(row["visit"]), ha="center", va="center", fontsize=SMALL,
                  color=style.MUTED)  # fmt: skip
    head, *rest = (f"{row['part']} {_numbers(row)}" for row in panels["effects"])
    scale = panels["scale"][0]
    unit = f" ({scale['unit']})" if scale["unit"] else ""
    lines = (
        (9.0, f"{head[:1].upper()}{head[1:]}{unit}, {scale['contrast']}", "bold"),
        (5.4, f"Beside it: {'; '.join(rest)}", "normal"),
        (1.8, "Thick and blue: the interval is clear of 0", "normal"),
    )
    for y, text, weight in lines:
        plot.text(0, y, text, va="center", fontsize=SMALL, fontweight=weight,
                  color=style.MUTED if y < 5 else style.INK)  # fmt: skip


def _arrow(plot: Axes, row: Mapping[str, Any], places: Mapping[str, Point], stacked: bool) -> None:
    """Draw one arrow from box to box with its estimate; clear of 0 it is blue and heavier."""
    start, end = (places[str(row[key])] for key in ("start", "end"))
    clear = row["low"] > 0 or row["high"] < 0
    colour = style.COLOURS["blue"] if clear else style.MUTED
    across, up = abs(end[0] - start[0]), abs(end[1] - start[1])
    tail, head = _edge(start, end), _edge(end, start)
    # Long diagonals cross in the middle: their numbers stand nearer to where they start.
    share = 0.3 if up > 1 and across > 60 else 0.5
    if stacked and up > 1:
        # A mediator of a stack is met at its side, so that no arrow runs behind another box.
        middle = (plot.get_xlim()[0] + plot.get_xlim()[1]) / 2
        if abs(end[0] - middle) < abs(start[0] - middle):
            tail, head = _from_outer(start, end)
        else:
            head, tail = _from_outer(end, start)
        share = 0.5
    how = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.3 if clear else 0.8,
           "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}  # fmt: skip
    plot.annotate("", head, tail, arrowprops=how, zorder=2)
    x, y = (a + share * (b - a) for a, b in zip(tail, head, strict=True))
    plot.text(x, y, _numbers(row, "\n"), ha="center", va="center", fontsize=SMALL, zorder=4,
              color=style.INK, linespacing=1.05,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def _from_outer(outer: Point, middle: Point) -> tuple[Point, Point]:
    """Join the upper or lower edge of an outer box to the side of one in the middle."""
    wide, high = BOX_MM[0] / 2 + 0.6, BOX_MM[1] / 2 + 0.6
    inward, up = 1 if middle[0] > outer[0] else -1, 1 if middle[1] > outer[1] else -1
    # The farther up the mediator, the farther out its arrow starts: the arrows do not cross.
    shift = wide * (0.5 - 0.6 * (abs(middle[1] - outer[1]) / ROW_MM - 1))
    return (outer[0] + inward * shift, outer[1] + up * high), (middle[0] - inward * wide, middle[1])


def _edge(start: Point, end: Point) -> Point:
    """Find where the line between two boxes' centres leaves the first box."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    halves = (BOX_MM[0] / 2 + 0.6, BOX_MM[1] / 2 + 0.6)
    reach = min(half / abs(d) for half, d in zip(halves, (dx, dy), strict=True) if d)
    return start[0] + reach * dx, start[1] + reach * dy


def _numbers(row: Mapping[str, Any], gap: str = " ") -> str:
    text = write_interval(row["estimate"], row["low"], row["high"])
    return text.replace(" [", f"{gap}[", 1)


def _curve(plot: Axes, rho: Rows, scale: Mapping[str, Any]) -> None:
    """Draw the indirect part of each mediator alone against the correlation of errors."""
    names = list(dict.fromkeys(str(row["mediator"]) for row in rho))
    for k, name in enumerate(names):
        rows = [r for r in rho if r["mediator"] == name and abs(r["rho"]) <= MOST_RHO + 1e-9]
        colour = style.COLOURS[style.CYCLE[k % len(style.CYCLE)]]
        x = [row["rho"] for row in rows]
        plot.fill_between(x, [row["low"] for row in rows], [row["high"] for row in rows],
                          color=colour, alpha=0.18, linewidth=0)  # fmt: skip
        dashes = ("-", "--", "-.", ":")[k % 4]
        label = fill(write_label(str(rows[0]["label"])), 22)
        plot.plot(x, [row["indirect"] for row in rows], dashes, color=colour, label=label)
        zero = rows[0]["zero"]
        if abs(zero) <= MOST_RHO:
            plot.plot(zero, 0, "o", color=colour, markersize=4, zorder=4)
    plot.axhline(0, color=style.INK, linewidth=0.6, zorder=1)
    plot.axvline(0, color=style.MUTED, linewidth=0.6, linestyle=":", zorder=1)
    plot.tick_params(labelsize=SMALL)
    plot.set_xticks([-0.5, 0, 0.5], [f"{MINUS}0.5", "0", "0.5"])
    plot.set_xlabel("Correlation of errors of\nmediator and outcome", fontsize=SMALL)
    unit = f" ({scale['unit']})" if scale["unit"] else ""
    plot.set_ylabel(f"Indirect {scale['word']}{unit}", fontsize=SMALL)
    if len(names) > 1:
        plot.legend(loc="upper center", bbox_to_anchor=(0.5, 1.0), fontsize=SMALL, handlelength=1.6)
        low, high = plot.get_ylim()
        plot.set_ylim(low, high + 0.35 * len(names) * (high - low) / 2)


MINUS = "\N{MINUS SIGN}"


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the arrows, the parts and the crossing of the curve out."""
    if not panels.get("nodes"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    labels = {row["name"]: write_label(str(row["label"])) for row in panels["nodes"]}
    arrows = "; ".join(
        f"{labels[row['start']]} to {labels[row['end']]} {_numbers(row)}"
        for row in panels["arrows"]
    )
    parts = "; ".join(f"{row['part']} {_numbers(row)}" for row in panels["effects"])
    text = f"Path diagram, {panels['scale'][0]['contrast']}: {arrows}. Parts: {parts}."
    zeros = {row["label"]: row["zero"] for row in panels.get("rho", [])}
    if zeros:
        where = "; ".join(f"{write_label(k)} {write_number(v)}" for k, v in zeros.items())
        text += f" The indirect part is 0 where the errors correlate by: {where}."
    return text
