"""In place of a figure that cannot be drawn: what the cohort lacks for it, or why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.variables import variables

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def name_needs(needs: Sequence[str]) -> list[str]:
    """Write each lacking variable with its label: "Hip abduction torque (hip_abd_nm_kg)"."""
    known = variables()
    return [f"{known[name].label} ({name})" if name in known else name for name in needs]


def _say(panels: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[str, list[str]]:
    """Return the heading and what follows it: lacking variables, or one reason."""
    if names := name_needs([str(row["name"]) for row in panels.get("needs", ())]):
        return "this cohort lacks", names
    return "", [str(row["text"]) for row in panels.get("reason", ())]


def draw(
    panels: Mapping[str, Sequence[Mapping[str, Any]]], estimates: Any, plan: Mapping[str, Any]
) -> Figure:
    """State what is lacking: ``needs``, one row a ``name``, or ``reason``, one row of ``text``."""
    del estimates, plan
    heading, names = _say(panels)
    lines = [line for name in names for line in wrap(name, 90)]
    height = 18.0 + 4.2 * len(lines)
    page = style.page(height)
    box = page.add_axes((0.004, 0.02, 0.992, 0.96))
    box.set_xticks([])
    box.set_yticks([])
    for spine in box.spines.values():
        spine.set(visible=True, color=style.MUTED, linestyle=(0, (4, 3)), linewidth=0.8)
    how: dict[str, Any] = {"ha": "center", "va": "center", "transform": box.transAxes}
    box.text(0.5, 1 - 7 / height, f"Not testable: {heading}".rstrip(": "), fontweight="bold", **how)
    middle = (1 - 11 / height) / 2
    box.text(0.5, middle, "\n".join(lines), color=style.MUTED, linespacing=1.4, **how)
    return page


def describe(
    panels: Mapping[str, Sequence[Mapping[str, Any]]], estimates: Any, plan: Mapping[str, Any]
) -> str:
    """Say that there is no figure and why."""
    del estimates, plan
    heading, names = _say(panels)
    return " ".join(f"No figure: not testable, {heading} {', '.join(names)}.".split())
