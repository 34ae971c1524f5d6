"""Forest: one row an estimate, its interval beside its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.notation import RATIOS, read_number, write_interval
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLOT_AT_MM, PLOT_MM, RIGHT_AT_MM, REMARK_AT_MM = 68.0, 53.0, 124.0, 106.0
LINE_MM, GAP_MM, REMARK_GAP_MM = 3.4, 2.8, 1.6
HEAD_MM, FOOT_MM, AXIS_MM = 7.0, 10.0, 135.0
LEFT_MM, RIGHT_MM = PLOT_AT_MM - 3.0, 170.0 - RIGHT_AT_MM - 0.5
REMARK_LEFT_MM, REMARK_RIGHT_MM = REMARK_AT_MM - 3.0, 170.0 - REMARK_AT_MM - 0.5


@dataclass(frozen=True)
class Row:
    """One row: a label, an interval or none, the numbers in words, and how to mark it.

    A remark is set below the axis, in two columns of its own. ``lead`` is a word set bold and in
    the row's colour above the numbers.
    """

    label: str
    text: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    colour: str = style.COLOURS["blue"]
    marker: str = "o"
    filled: bool = True
    lead: str = ""
    remark: bool = False
    heading: bool = False

    @cached_property
    def lines(self) -> tuple[list[str], list[str]]:
        """Label and text, each wrapped to its column; an indented label stays indented."""
        left = REMARK_LEFT_MM if self.remark or self.heading else LEFT_MM
        right = REMARK_RIGHT_MM if self.remark else RIGHT_MM
        lead = [self.lead] if self.lead else []
        label = self.label.lstrip(" ")
        indent = self.label[: len(self.label) - len(label)]
        names = style.wrap_text(label, left - style.measure(indent))
        texts = style.wrap_text(self.text, right) if self.text else []
        return [f"{indent}{name}" for name in names], [*lead, *texts]

    @property
    def height_mm(self) -> float:
        """Height on paper."""
        gap = REMARK_GAP_MM if self.remark else GAP_MM
        return LINE_MM * max(map(len, self.lines)) + gap


def place_rows(
    rows: Sequence[Row],
    remarks: Sequence[Row] = (),
    *,
    axis: str,
    ratio: bool = False,
    band: tuple[float, float] | None = None,
    limits: tuple[float, float] | None = None,
    heads: tuple[str, str, str] = ("", "", "Estimate [95% CI]"),
) -> Figure:
    """Lay rows with intervals above an axis, and remarks below it.

    Parameters
    ----------
    rows : sequence of Row
        What is plotted, top first.
    remarks : sequence of Row
        Rows without an estimate, set below the axis.
    axis : str
        Label of the axis.
    ratio : bool
        Logarithmic axis around 1, instead of a linear one around 0.
    band : (float, float), optional
        The values too small to matter, shaded.
    limits : (float, float), optional
        Ends of the axis; an interval that goes on beyond gets an arrow head.
    heads : (str, str, str)
        What stands above the three columns; ``|`` parts the ends of the middle one.
    """
    axis = "\n".join(line for part in axis.split("\n") for line in style.wrap_text(part, AXIS_MM))
    plot_mm = sum(row.height_mm for row in rows)
    rest_mm = sum(row.height_mm for row in remarks) + (3.0 if remarks else 0.0)
    top_mm, foot_mm = (HEAD_MM, FOOT_MM + LINE_MM * axis.count("\n")) if rows else (1.0, 0.0)
    height_mm = top_mm + plot_mm + foot_mm + rest_mm
    page = style.page(height_mm)
    width_mm = style.WIDTH_MM["double"]

    def write(x_mm: float, y_mm: float, text: str, **how: Any) -> None:
        page.text(x_mm / width_mm, 1 - y_mm / height_mm, text, va="center_baseline", **how)

    def write_row(row: Row, y_mm: float) -> None:
        at = REMARK_AT_MM if row.remark else RIGHT_AT_MM
        colour = style.MUTED if row.remark and not row.heading else style.INK
        for x_mm, lines in zip((0.5, at), row.lines, strict=True):
            first = y_mm + (row.height_mm - LINE_MM * (len(lines) - 1)) / 2
            for index, line in enumerate(lines):
                lead = bool(row.lead) and x_mm == at and index == 0
                how = {"color": row.colour if lead else colour}
                weight = "bold" if lead or row.heading else "normal"
                write(x_mm, first + index * LINE_MM, line, fontweight=weight, **how)

    y_mm = top_mm
    if rows:
        box = (
            PLOT_AT_MM / width_mm,
            1 - (top_mm + plot_mm) / height_mm,
            PLOT_MM / width_mm,
            plot_mm / height_mm,
        )
        plot = page.add_axes(box)
        _frame(plot, rows, axis, ratio, band, limits, plot_mm)
        left, _, right = heads[1].partition("|")
        write(PLOT_AT_MM + PLOT_MM, 3.0, right, ha="right", fontweight="bold")
        for x_mm, head in ((0.5, heads[0]), (PLOT_AT_MM, left), (RIGHT_AT_MM, heads[2])):
            write(x_mm, 3.0, head, fontweight="bold")
        inside = 0.0
        for row in rows:
            _mark(plot, row, inside + row.height_mm / 2)
            write_row(row, y_mm)
            y_mm, inside = y_mm + row.height_mm, inside + row.height_mm
        y_mm += foot_mm
    y_mm += 3.0 if remarks else 0.0
    for row in remarks:
        write_row(row, y_mm)
        y_mm += row.height_mm
    return page


def _frame(
    plot: Axes,
    rows: Sequence[Row],
    axis: str,
    ratio: bool,
    band: tuple[float, float] | None,
    limits: tuple[float, float] | None,
    plot_mm: float,
) -> None:
    """Give the plot its axis, the line of no difference and the band around it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    null = 1.0 if ratio else 0.0
    if ratio:
        plot.set_xscale("log")
    plot.set_xlim(limits or span(rows, ratio, band))
    plot.set_ylim(plot_mm, 0)
    if band:
        plot.axvspan(*band, color=style.FAINT, linewidth=0, zorder=0)
    plot.axvline(null, color=style.INK, linewidth=0.6, zorder=1)
    plot.yaxis.set_visible(False)
    plot.spines["left"].set_visible(False)
    plot.set_xlabel(axis, labelpad=2)
    if ratio:
        low, high = plot.get_xlim()
        near, far = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0)
        every = tuple(float(digit) for digit in range(1, 10))
        subs = far if high / low > 12 else near if high / low > 3 else every
        plot.xaxis.set_major_locator(LogLocator(subs=subs))
        plot.xaxis.set_minor_formatter(NullFormatter())
        plot.xaxis.set_minor_locator(LogLocator(subs=()))
    else:
        plot.xaxis.set_major_locator(MaxNLocator(5))
    plot.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g}".replace("-", "\N{MINUS SIGN}"))
    )


def span(rows: Sequence[Row], ratio: bool, band: tuple[float, float] | None) -> tuple[float, float]:
    """Find ends of the axis that show every interval, the null and the band."""
    from math import exp, log

    known = [v for row in rows for v in (row.low, row.high, row.estimate) if v is not None]
    values = [v for v in known if not ratio or v > 0]
    values += [1.0 if ratio else 0.0, *(band or ())]
    scaled = [log(v) for v in values] if ratio else values
    margin = 0.06 * ((max(scaled) - min(scaled)) or 1.0)
    low, high = min(scaled) - margin, max(scaled) + margin
    return (exp(low), exp(high)) if ratio else (low, high)


def _mark(plot: Axes, row: Row, y: float) -> None:
    """Draw one interval and its estimate; arrow heads where the axis ends before it does."""
    if row.estimate is None:
        return
    start, end = plot.get_xlim()
    if row.low is not None and row.high is not None:
        ends = (max(row.low, start), min(row.high, end))
        plot.plot(ends, (y, y), color=row.colour, linewidth=1.4, solid_capstyle="butt", zorder=2)
        for cut, x, head in ((row.low < start, start, "<"), (row.high > end, end, ">")):
            if cut:
                plot.plot(x, y, head, color=row.colour, markersize=4.5, clip_on=False, zorder=3)
    if start <= row.estimate <= end:
        face = row.colour if row.filled else "white"
        plot.plot(
            row.estimate, y, row.marker, color=row.colour, markerfacecolor=face,
            markersize=5.5, markeredgewidth=1.2, zorder=4,
        )  # fmt: skip


def read_rows(estimates: pd.DataFrame) -> list[Row]:
    """Turn estimates into rows: the headline filled, the others open."""
    labels = variables()
    rows: list[Row] = []
    several = len(set(estimates["outcome"].dropna())) > 1
    for index, line in enumerate(estimates.to_dict("records")):
        names = [line["model"], line["contrast"] if line["contrast"] == line["contrast"] else ""]
        if several and line["outcome"] in labels:
            names.insert(0, labels[line["outcome"]].label)
        label = ": ".join(str(name) for name in names if name and name == name)
        numbers = [read_number(line[key]) for key in ("estimate", "low", "high")]
        text = write_interval(*numbers) if numbers[0] is not None else "did not converge"
        first = index == 0
        colour = style.COLOURS["blue"] if first else style.MUTED
        rows.append(Row(label or str(line["term"]), text, *numbers, colour=colour, filled=first))
    return rows


def draw(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: pd.DataFrame,
    plan: Mapping[str, Any],
) -> Figure:
    """Draw the estimates that share the scale and the unit of the headline."""
    del panels, plan
    headline = estimates.iloc[0]
    same = (estimates["scale"] == headline["scale"]) & (
        estimates["unit"].fillna("")
        == (headline["unit"] if headline["unit"] == headline["unit"] else "")
    )
    unit = headline["unit"] if headline["unit"] == headline["unit"] else ""
    name = str(headline["estimand"]) if headline["estimand"] == headline["estimand"] else "Estimate"
    return place_rows(
        read_rows(estimates[same]),
        axis=f"{name} ({unit})" if unit and unit != "1" else name,
        ratio=headline["scale"] in RATIOS,
    )


def describe(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: pd.DataFrame,
    plan: Mapping[str, Any],
) -> str:
    """Read the rows out."""
    del panels, plan
    rows = (f"{row.label}: {row.text}" for row in read_rows(estimates))
    return f"Forest plot of estimates with their intervals. {'; '.join(rows)}."
