"""New pain over time: risks at a low and a high exposure, of everyone, and who was at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_interval, write_label, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
LOOKS = (("vermillion", "s", "-"), ("blue", "o", "-"))


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw cumulative incidence at two values of the exposure with bands, above a risk table.

    Without curves (no finite model, fewer than ten people) the estimates are drawn as a forest.
    """
    if not panels.get("curves"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    made, axes = style.figure("single", 88, 2, 1, height_ratios=(1.0, 0.24))
    _curves(axes[0, 0], panels)
    _table(axes[1, 0], axes[0, 0], panels["at_risk"])
    return made


def _groups(rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row["name"]), []).append(row)
    return found


def _label(name: str, row: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    value = f"{write_number(row['value'])} {words['unit']}".strip()
    return f"{name} ({value})"


def _curves(plot: Axes, panels: Mapping[str, Rows]) -> None:
    words = panels["words"][0]
    groups = _groups(panels["curves"])
    for (name, rows), (colour_name, marker, line) in zip(groups.items(), LOOKS, strict=False):
        weeks = [row["week"] for row in rows]
        colour = style.COLOURS[colour_name]
        low, high = ([100 * row[key] for row in rows] for key in ("low", "high"))
        plot.fill_between(weeks, low, high, color=colour, alpha=0.15, linewidth=0)
        plot.plot(weeks, [100 * row["risk"] for row in rows], line, marker=marker, color=colour,
                  markersize=4.0, label=_label(name, rows[0], words))  # fmt: skip
    everyone = panels["everyone"]
    plot.plot([row["week"] for row in everyone], [100 * row["risk"] for row in everyone], "--",
              color=style.INK, linewidth=0.9, label="everyone, as seen")  # fmt: skip
    weeks = [row["week"] for row in everyone]
    plot.set_xticks(weeks)
    plot.set_xlim(-0.02 * weeks[-1], 1.02 * weeks[-1])
    top = max(100 * row["risk"] for row in [*panels["curves"], *everyone])
    end = max(100 * row["high"] for row in panels["curves"])
    plot.set_ylim(0, 1.3 * min(end, 3.0 * top))  # room for the legend
    plot.set_ylabel("New low back pain (%)")
    plot.set_xlabel("Weeks since the start")
    plot.legend(loc="upper left", handlelength=1.8, title=write_title(words["exposure"]),
                title_fontsize=8, alignment="left")  # fmt: skip


def write_title(label: str) -> str:
    """Break a long label into lines for the legend's title."""
    from textwrap import fill

    return fill(label, 36)


def _table(plot: Axes, above: Axes, rows: Rows) -> None:
    """Write who was at risk from each visit on, and how many had new pain until the next one."""
    plot.set_xlim(*above.get_xlim())
    plot.set_ylim(0, 2)
    plot.axis("off")
    for y, key, head in ((1.5, "n", "At risk"), (0.5, "events", "New pain\nuntil next")):
        plot.text(-0.06, y, head, transform=plot.get_yaxis_transform(), ha="right", va="center")
        for row in rows:
            plot.text(row["week"], y, str(row[key]), ha="center", va="center")


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: the risks at the last visit, and the ratio."""
    if not panels.get("curves"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    words, head = panels["words"][0], estimates.iloc[0]
    parts: list[str] = []
    for name, rows in [*_groups(panels["curves"]).items(), ("everyone", panels["everyone"])]:
        last = rows[-1]
        who = name if name == "everyone" else _label(name, last, words)
        risk = write_interval(*(100 * last[key] for key in ("risk", "low", "high")))
        parts.append(f"{who}: {risk} %")
    ratio = write_interval(head["estimate"], head["low"], head["high"])
    week = f"{panels['everyone'][-1]['week']:g}"
    return (
        f"Cumulative incidence of low back pain by week {week}, by "
        f"{write_label(words['exposure'])}, with bands: {'; '.join(parts)}. Hazard ratio "
        f"{head['contrast']}: {ratio}."
    )
