"""A programme over time: mean curves of the arms, its stages, and who passed which cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import write_interval, write_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
LOOK = {"programme": ("blue", "o", "-"), "control": ("vermillion", "s", "--")}
TOP = 112.0
"""Where the axis of percentages ends: room for the legend."""
MANY = 20
"""Steps from which on a curve has no marker at each of them."""


def draw(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> Figure:
    """Draw the arms' mean curves and, of two arms, the cumulative responder curves.

    Of an adherence model the outcome along adherence; of few people a forest of the estimates.
    """
    if panels.get("dose"):
        return _draw_dose(panels)
    if not panels.get("means"):
        from gluteal.figures import forest

        return forest.draw(panels, estimates, plan)
    two, stages = bool(panels.get("curve")), bool(panels.get("stages"))
    made = style.page(84, "double" if two else "single")
    made.set_layout_engine("constrained")
    places = made.add_gridspec(2, 2 if two else 1, height_ratios=(4, 1))
    means = made.add_subplot(places[0, 0] if stages else places[:, 0])
    _draw_means(means, panels)
    if stages:
        _draw_stages(made.add_subplot(places[1, 0], sharex=means), means, panels["stages"])
    if two:
        shares = made.add_subplot(places[:, 1])
        _draw_responders(shares, panels)
        style.letter([means, shares])
    return made


def _draw_means(plot: Axes, panels: Mapping[str, Rows]) -> None:
    scale = panels["scale"][0]
    weeks = sorted({row["week"] for row in panels["means"]})
    if panels.get("natural"):
        x = [row["week"] for row in panels["natural"]]
        name = f"published course ({panels['source'][0]['source']})"
        plot.plot(x, [row["value"] for row in panels["natural"]], ":", color=style.INK, label=name)
    arms = list(dict.fromkeys(row["arm"] for row in panels["means"]))
    nudge = 0.012 * (weeks[-1] - weeks[0])
    for k, arm in enumerate(arms):
        rows = [row for row in panels["means"] if row["arm"] == arm]
        colour, marker, line = LOOK[arm]
        # Side by side: intervals on top of each other cannot be read.
        x = [row["week"] + (nudge * (2 * k - 1) if len(arms) > 1 else 0.0) for row in rows]
        y = [row["estimate"] for row in rows]
        spread = [[row["estimate"] - row["low"] for row in rows],
                  [row["high"] - row["estimate"] for row in rows]]  # fmt: skip
        plot.errorbar(x, y, yerr=spread, fmt=marker + line, color=style.COLOURS[colour],
                      elinewidth=0.9, capsize=2, label=arm)  # fmt: skip
    if scale["low"] is not None:
        plot.set_ylim(bottom=scale["low"])
    plot.set_xticks(weeks)
    plot.set_xlabel("Week since the baseline")
    plot.set_ylabel(fill(f"{scale['axis']}, mean", 36))
    plot.legend(loc="lower left", handlelength=2.4)


def _draw_stages(plot: Axes, above: Axes, stages: Rows) -> None:
    """Draw under the means how many of the programme had reached its later stages."""
    above.set_xlabel("")
    above.tick_params(labelbottom=False)
    for name, line in zip(dict.fromkeys(row["stage"] for row in stages), ("-", "--"), strict=False):
        rows = [row for row in stages if row["stage"] == name]
        x, y = [row["week"] for row in rows], [100 * row["share"] for row in rows]
        plot.plot(x, y, line, marker=".", color=style.MUTED)
        plot.annotate(name, (x[-1], y[-1]), xytext=(0, 3), textcoords="offset points",
                      ha="right", va="bottom", fontsize=7, color=style.MUTED)  # fmt: skip
    plot.set_ylim(0, 100)
    plot.set_yticks([0, 50, 100])
    plot.set_xlabel("Week since the baseline")
    plot.set_ylabel("Stage\nreached (%)")


def _draw_responders(plot: Axes, panels: Mapping[str, Rows]) -> None:
    scale, mark = panels["scale"][0], panels["thresholds"][0]
    cuts = [row["cut"] for row in panels["curve"]]
    edge = 0.04 * (max(cuts) - min(cuts))
    first, last = min(cuts) - edge, max(cuts) + edge
    for arm in dict.fromkeys(row["arm"] for row in panels["curve"]):
        rows = [row for row in panels["curve"] if row["arm"] == arm]
        colour, marker, line = LOOK[arm]
        few = marker if len(rows) <= MANY else ""
        plot.plot([row["cut"] for row in rows], [100 * row["share"] for row in rows],
                  few + line, color=style.COLOURS[colour], drawstyle="steps-pre",
                  label=arm)  # fmt: skip
    plot.axvspan(max(-mark["mdc"], first), min(mark["mdc"], last), color=style.FAINT,
                 ymax=100 / TOP, alpha=0.6, linewidth=0, zorder=0)  # fmt: skip
    plot.axvline(mark["mic"], ymax=100 / TOP, color=style.INK, linewidth=0.9, linestyle=":")
    unsure = "" if mark["verified"] else " (unverified)"
    words: dict[str, Any] = {"fontsize": 7, "color": style.MUTED}
    plot.annotate(fill(f"within the minimal detectable change{unsure}", 20),
                  (min(mark["mdc"], last), 3), xytext=(-4, 0), textcoords="offset points",
                  ha="right", va="bottom", **words)  # fmt: skip
    plot.annotate(fill("minimal important change of a person", 22), (mark["mic"], 92),
                  xytext=(4, 0), textcoords="offset points", ha="left", va="top",
                  **words)  # fmt: skip
    plot.set_xlim(first, last)
    plot.set_ylim(0, TOP)
    plot.set_yticks(range(0, 101, 20))
    unit = f" ({scale['unit']})" if scale["unit"] else ""
    plot.set_xlabel(f"Fall from the baseline to\n{scale['end']}{unit}, at least")
    plot.set_ylabel("People with that fall or more (%)")
    plot.legend(loc="upper right", handlelength=2.4, ncols=2, columnspacing=1.2)


def _draw_dose(panels: Mapping[str, Rows]) -> Figure:
    """Draw the outcome along adherence: weighted with its band, the crude line beside it."""
    made, axes = style.figure("single", 70)
    plot: Axes = axes[0, 0]
    scale, rows, colour = panels["scale"][0], panels["dose"], style.COLOURS["blue"]
    x = [row["x"] for row in rows]
    plot.fill_between(x, [row["low"] for row in rows], [row["high"] for row in rows],
                      color=colour, alpha=0.2, linewidth=0)  # fmt: skip
    plot.plot(x, [row["estimate"] for row in rows], color=colour, label="weighted")
    plot.plot([row["x"] for row in panels["crude"]], [row["estimate"] for row in panels["crude"]],
              "--", color=style.INK, linewidth=0.9, label="crude regression")  # fmt: skip
    deciles = [row["x"] for row in panels["deciles"]]
    plot.plot(deciles, [0.012] * len(deciles), "|", transform=plot.get_xaxis_transform(),
              color=style.INK, markersize=6, markeredgewidth=0.8)  # fmt: skip
    plot.set_xlabel(f"Adherence until {scale['end']}\n(% of the dose prescribed; ticks: deciles)")
    plot.set_ylabel(fill(f"{scale['axis']}, mean at {scale['end']}", 36))
    plot.legend(loc="best", handlelength=2.0)
    return made


def describe(panels: Mapping[str, Rows], estimates: pd.DataFrame, plan: Mapping[str, Any]) -> str:
    """Say what the figure shows: the means at start and end, and the headline."""
    if panels.get("dose"):
        rows, scale, head = panels["dose"], panels["scale"][0], estimates.iloc[0]
        ends = [
            f"{write_number(row['estimate'])} at {write_number(row['x'], decimals=0)} %"
            for row in (rows[0], rows[-1])
        ]
        found = write_interval(head["estimate"], head["low"], head["high"])
        return (
            f"Mean of {scale['axis']} at {scale['end']} along adherence until then, weighted, in "
            f"{scale['n']:,} people: {ends[0]} to {ends[1]}; {head['contrast']}: {found}. The "
            "crude line stands beside it."
        )
    if not panels.get("means"):
        from gluteal.figures import forest

        return forest.describe(panels, estimates, plan)
    scale, head = panels["scale"][0], estimates.iloc[0]
    parts: list[str] = []
    for arm in dict.fromkeys(row["arm"] for row in panels["means"]):
        rows = {row["week"]: row for row in panels["means"] if row["arm"] == arm}
        start, end = rows.get(0.0), rows.get(scale["end_week"])
        if start and end:
            ends = write_interval(end["estimate"], end["low"], end["high"])
            parts.append(f"{arm} from {write_number(start['estimate'])} to {ends}")
    found = write_interval(head["estimate"], head["low"], head["high"])
    text = (
        f"Mean of {scale['axis']} over weeks, to {scale['end']}: {'; '.join(parts)}. "
        f"{str(head['estimand']).capitalize()}: {found}."
    )
    if panels.get("natural"):
        text += f" Dotted: published course under usual care ({panels['source'][0]['source']})."
    if panels.get("curve"):
        shares = [
            f"{row['arm']} {write_number(100 * row['share'], decimals=0)} %"
            for row in panels["curve"]
            if row["cut"] == panels["thresholds"][0]["mic"]
        ]
        text += " Second panel: share of people by each fall or more"
        text += f"; at the minimal important change {', '.join(shares)}." if shares else "."
    return text
