"""Forest by trigger: the slope that all share, each trigger's own, and the other models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.figures.forest import Row, place_rows
from gluteal.notation import read_number, write_interval, write_p

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Panels = Mapping[str, Sequence[Mapping[str, Any]]]
COLOURS = {"headline": "blue", "trigger": "vermillion", "other": "grey"}
MARKERS = {"headline": "D", "trigger": "s", "other": "o"}


def _rows(panels: Panels) -> list[Row]:
    found: list[Row] = []
    for row in panels["rows"]:
        numbers = [read_number(row[key]) for key in ("estimate", "low", "high")]
        text = write_interval(*numbers) if numbers[0] is not None else "did not converge"
        adjusted = read_number(row.get("p_adj"))
        note = f", Holm's {write_p(adjusted, sign=True)}" if adjusted is not None else ""
        group = str(row["group"])
        colour = style.MUTED if group == "other" else style.COLOURS[COLOURS[group]]
        size = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row['n']:,}"
        label = f"{row['label']} ({size}{note})"
        found.append(Row(label, text, *numbers, colour=colour, marker=MARKERS[group],
                         filled=group != "other"))  # fmt: skip
    return found


def draw(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the slopes; p of single triggers are adjusted for their number."""
    if not panels.get("rows"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    head = estimates.iloc[0]
    name = str(head["estimand"]).split(" (")[0]
    unit = head["unit"] if isinstance(head["unit"], str) and head["unit"] else ""
    axis = f"{name.capitalize()}{f' ({unit})' if unit else ''}\n{head['contrast']}"
    return place_rows(_rows(panels), axis=axis, ratio=head["scale"] == "ratio")


def describe(panels: Panels, estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Read the rows out."""
    if not panels.get("rows"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    head = estimates.iloc[0]
    text = "; ".join(f"{row.label}: {row.text}" for row in _rows(panels))
    return f"{str(head['estimand']).capitalize()} {head['contrast']}, by trigger. {text}."
