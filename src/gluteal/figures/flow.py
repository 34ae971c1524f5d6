"""Participant flow: who entered, who was left out at each stage and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import read_number, write_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX_AT_MM, BOX_MM, SIDE_AT_MM, SIDE_MM = 4.0, 66.0, 88.0, 80.0
LINE_MM, PAD_MM, GAP_MM = 3.8, 2.2, 6.0
BOX_CHARS, SIDE_CHARS = 44, 54
INDENT = "   "


@dataclass
class Stage:
    """One stage: how many people it holds, and who left on the way to it."""

    name: str
    people: float | None = None
    left: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])


def read_stages(rows: Sequence[Mapping[str, Any]]) -> list[Stage]:
    """Gather the rows of one stage: its count, and each reason for leaving before it.

    Parameters
    ----------
    rows : sequence of mapping
        Keys ``stage``, ``n_people`` (left after it), ``n_excluded`` and ``reason``; a stage may
        have several rows, one a reason.
    """
    stages: list[Stage] = []
    for row in rows:
        name = re.sub(
            r"visit week0*(\d+)", r"visit of week \1", str(row["stage"]).replace("_", " ")
        )
        if not stages or stages[-1].name != name:
            stages.append(Stage(name))
        people, excluded = read_number(row.get("n_people")), read_number(row.get("n_excluded"))
        stages[-1].people = stages[-1].people if people is None else people
        if excluded:
            stages[-1].left.append(
                (str(row.get("reason") or "no reason given").replace("_", " "), excluded)
            )
    return stages


def _main_lines(stage: Stage) -> list[str]:
    name = stage.name[:1].upper() + stage.name[1:]
    return [*wrap(name, BOX_CHARS), f"n = {write_count(stage.people)}"]


def _side_lines(stage: Stage) -> list[str]:
    total = sum(count for _, count in stage.left)
    lines = [f"Left out or not present: n = {write_count(total)}"]
    for reason, count in stage.left:
        text = f"{reason}: {write_count(count)}"
        lines += wrap(text, SIDE_CHARS, initial_indent=INDENT, subsequent_indent=2 * INDENT)
    return lines


def draw(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any = None,
    plan: Mapping[str, Any] | None = None,
) -> Figure:
    """Draw the stages downwards, those who left to the side; ``panels["flow"]`` holds the rows."""
    del estimates, plan
    stages = read_stages(panels["flow"])
    boxes: list[tuple[Stage, float, float]] = []
    y = 0.5
    for index, stage in enumerate(stages):
        if index:
            y += (_height(_side_lines(stage)) + 4.0) if stage.left else GAP_MM
        height = _height(_main_lines(stage))
        boxes.append((stage, y, height))
        y += height
    y += 0.5
    page = style.page(y)
    plot = page.add_axes((0, 0, 1, 1))
    plot.set_xlim(0, style.WIDTH_MM["double"])
    plot.set_ylim(y, 0)
    plot.axis("off")
    for index, (stage, top, _) in enumerate(boxes):
        _box(plot, BOX_AT_MM, top, BOX_MM, _main_lines(stage), bold=True)
        if not index:
            continue
        above = boxes[index - 1][1] + boxes[index - 1][2]
        middle = BOX_AT_MM + BOX_MM / 2
        _arrow(plot, (middle, above), (middle, top))
        if stage.left:
            lines = _side_lines(stage)
            _arrow(plot, (middle, (above + top) / 2), (SIDE_AT_MM, (above + top) / 2))
            _box(plot, SIDE_AT_MM, (above + top - _height(lines)) / 2, SIDE_MM, lines)
    return page


def _height(lines: Sequence[str]) -> float:
    return LINE_MM * len(lines) + 2 * PAD_MM


def _box(
    plot: Axes, x: float, y: float, width: float, lines: Sequence[str], bold: bool = False
) -> None:
    from matplotlib.patches import Rectangle

    face = "white" if not bold else "#f3f6f9"
    height = _height(lines)
    plot.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=style.INK))
    for index, line in enumerate(lines):
        first = y + PAD_MM + LINE_MM * (index + 0.5)
        at, side = (x + width / 2, "center") if bold else (x + 2.0, "left")
        weight = "bold" if bold and index == len(lines) - 1 else "normal"
        plot.text(at, first, line, ha=side, va="center_baseline", fontweight=weight)


def _arrow(plot: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    how = {"arrowstyle": "-|>", "linewidth": 0.8, "color": style.INK, "shrinkA": 0, "shrinkB": 0}
    plot.annotate("", end, start, arrowprops={**how, "mutation_scale": 8})


def describe(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any = None,
    plan: Mapping[str, Any] | None = None,
) -> str:
    """Read the stages out."""
    del estimates, plan
    parts: list[str] = []
    for stage in read_stages(panels["flow"]):
        reasons = ", ".join(f"{reason} {write_count(count)}" for reason, count in stage.left)
        left = f" after leaving out {reasons}" if reasons else ""
        parts.append(f"{stage.name} {write_count(stage.people)}{left}")
    return f"Flow of participants: {'; '.join(parts)}."
