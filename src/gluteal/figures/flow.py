"""Participant flow: who entered, who was left out at each stage and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import read_number, write_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX_AT_MM, BOX_MM, SIDE_AT_MM, SIDE_MM = 4.0, 66.0, 88.0, 80.0
LINE_MM, PAD_MM, GAP_MM, EDGE_MM = 3.8, 1.8, 5.0, 0.5
TEXT_MM, MOST_LINES = SIDE_MM - 5.0, 4
INDENT = "   "


@dataclass
class Stage:
    """One stage: how many people it holds, and who left, or was not there, on the way to it.

    ``beside`` are stages that some of these people went through besides; counts below ``least``
    are hidden.
    """

    name: str
    people: float | None = None
    left: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    beside: list[Stage] = field(default_factory=list["Stage"])
    least: int = 5

    @property
    def visit(self) -> bool:
        """Whether it is a visit: who is absent may come back."""
        return self.name.startswith("visit")

    @property
    def title(self) -> str:
        """Its name as the box says it."""
        return self.name[:1].upper() + self.name[1:]


def read_stages(rows: Sequence[Mapping[str, Any]], least: int = 5) -> list[Stage]:
    """Gather the rows of one stage: its count, and each reason for leaving before it.

    Parameters
    ----------
    rows : sequence of mapping
        Keys ``stage``, ``n_people`` (left after it), ``n_excluded`` and ``reason``; a stage may
        have several rows, one a reason.

    Returns
    -------
    list of Stage
        From first to last, visits at the end; a stage of some of the people only (an arm) stands
        beside the stage that it belongs to.
    """
    stages: list[Stage] = []
    for row in rows:
        plain = str(row["stage"]).replace("_", " ")
        name = re.sub(r"visit week0*(\d+)", r"visit of week \1", plain)
        if not stages or stages[-1].name != name:
            stages.append(Stage(name, least=least))
        people, excluded = read_number(row.get("n_people")), read_number(row.get("n_excluded"))
        stages[-1].people = stages[-1].people if people is None else people
        if excluded:
            reason = str(row.get("reason") or "no reason given").replace("_", " ")
            stages[-1].left.append((reason, excluded))
    return _chain(stages)


def _chain(stages: list[Stage]) -> list[Stage]:
    ordered = [s for s in stages if not s.visit] + [s for s in stages if s.visit]
    chain: list[Stage] = []
    for stage, after in zip(ordered, [*ordered[1:], None], strict=True):
        some = after is not None and (stage.people or 0) < (after.people or 0)
        if chain and some and not stage.visit:
            chain[-1].beside.append(stage)
        else:
            chain.append(stage)
    return chain


def _main_lines(stage: Stage) -> list[str]:
    text = f"{stage.title}: n = {write_count(stage.people, stage.least)}"
    return style.wrap_text(text, 0.9 * BOX_MM)


def _side_lines(stage: Stage, before: Stage, present: float | None) -> list[str]:
    """Write what stands beside the arrow to a stage."""
    lines: list[str] = []
    for part in before.beside:
        lines.append(f"Of these {part.name}: n = {write_count(part.people, part.least)}")
        lines += _reasons(part)
    if stage.left:
        total = write_count(sum(count for _, count in stage.left), stage.least)
        of = f" of {write_count(present, stage.least)}" if stage.visit else ""
        lines.append(f"{'Not present' if stage.visit else 'Left out'}: n = {total}{of}")
        lines += _reasons(stage)
    return lines


def _reasons(stage: Stage) -> list[str]:
    """List a few reasons one a line, many in running text, the most frequent first."""
    ranked = sorted(stage.left, key=lambda item: -item[1])
    texts = [f"{reason}: {write_count(count, stage.least)}" for reason, count in ranked]
    if len(texts) > MOST_LINES:
        texts = ["; ".join(texts)]
    return [INDENT + line for text in texts for line in style.wrap_text(text, TEXT_MM - 3.0)]


def draw(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any = None,
    plan: Mapping[str, Any] | None = None,
) -> Figure:
    """Draw the stages downwards, those who left to the side; ``panels["flow"]`` holds the rows."""
    del estimates
    stages = read_stages(panels["flow"], int((plan or {}).get("min_cell", 5)))
    present = next((s.people for s in reversed(stages) if not s.visit), None)
    tops: list[float] = []
    sides: list[list[str]] = [[]]
    y = EDGE_MM
    for index, stage in enumerate(stages):
        if index:
            sides.append(_side_lines(stage, stages[index - 1], present))
            y += _height(sides[index]) + 3.0 if sides[index] else GAP_MM
        tops.append(y)
        y += _height(_main_lines(stage))
    y += EDGE_MM
    page = style.page(y)
    plot = page.add_axes((0, 0, 1, 1))
    plot.set_xlim(0, style.WIDTH_MM["double"])
    plot.set_ylim(y, 0)
    plot.axis("off")
    middle = BOX_AT_MM + BOX_MM / 2
    for index, (stage, top) in enumerate(zip(stages, tops, strict=True)):
        _box(plot, BOX_AT_MM, top, BOX_MM, _main_lines(stage), main=True)
        if not index:
            continue
        above = tops[index - 1] + _height(_main_lines(stages[index - 1]))
        _arrow(plot, (middle, above), (middle, top))
        if lines := sides[index]:
            _arrow(plot, (middle, (above + top) / 2), (SIDE_AT_MM, (above + top) / 2))
            _box(plot, SIDE_AT_MM, (above + top - _height(lines)) / 2, SIDE_MM, lines)
    return page


def _height(lines: Sequence[str]) -> float:
    return LINE_MM * len(lines) + 2 * PAD_MM


def _box(
    plot: Axes, x: float, y: float, width: float, lines: Sequence[str], main: bool = False
) -> None:
    from matplotlib.patches import Rectangle

    face = "#f3f6f9" if main else "white"
    height = _height(lines)
    plot.add_patch(Rectangle((x, y), width, height, facecolor=face, edgecolor=style.INK))
    for index, line in enumerate(lines):
        first = y + PAD_MM + LINE_MM * (index + 0.5)
        at, side = (x + width / 2, "center") if main else (x + 2.0, "left")
        weight = "bold" if main else "normal"
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
    del estimates
    parts: list[str] = []
    for stage in read_stages(panels["flow"], int((plan or {}).get("min_cell", 5))):
        reasons = ", ".join(
            f"{reason} {write_count(count, stage.least)}" for reason, count in stage.left
        )
        how = "not present for" if stage.visit else "left out for"
        left = f" ({how} {reasons})" if reasons else ""
        some = "".join(
            f", of these {s.name} {write_count(s.people, s.least)}" for s in stage.beside
        )
        parts.append(f"{stage.name} {write_count(stage.people, stage.least)}{left}{some}")
    return f"Flow of participants: {'; '.join(parts)}."
