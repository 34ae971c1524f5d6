"""One effect, one row per threat: the headline filled, every other answer open beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.figures.forest import Row, place_rows
from gluteal.ledger.threats import Threatened, gather_threats, has_converged, text_of
from gluteal.notation import (
    RATIOS,
    read_number,
    write_interval,
    write_label,
    write_list,
    write_number,
)
from gluteal.variables import variables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
LONGEST = 24.0
"""An axis this many times as long as the headline's interval shows nothing: arrows end longer."""


def gather(panels: Mapping[str, Rows]) -> Threatened | None:
    """Gather the estimates of the claim's analyses: panels "0" (the headline's), "1", ..."""
    tables = [panels[str(index)] for index in range(len(panels)) if str(index) in panels]
    return gather_threats(tables)


def draw(
    panels: Mapping[str, Rows], estimates: Any = None, plan: Mapping[str, Any] | None = None
) -> Figure:
    """Draw the rows of ``panels`` that share the scale of the headline; name the others below.

    ``panels["band"]`` holds the smallest effect of interest, if there is one.
    """
    del estimates, plan
    found = gather(panels)
    if found is None:
        return _say_none()
    ratio = text_of(found.headline, "scale") in RATIOS
    rows = [
        _row(line, "" if index else threat, line is found.headline)
        for threat, lines in groupby(found.rows, lambda line: text_of(line, "threat"))
        for index, line in enumerate(lines)
    ]
    remarks = [
        Row(_label({**line, "model": name_elsewhere(line, found.headline)}), write_answer(line),
            remark=True)
        for line in found.others
    ]  # fmt: skip
    if remarks:
        remarks.insert(0, Row("On another scale", "", remark=True, heading=True))
    level = 100 * (read_number(found.headline.get("level")) or 0.95)
    return place_rows(
        rows,
        remarks,
        axis=name_axis(found.headline),
        ratio=ratio,
        band=_band(panels, ratio),
        limits=_limits(rows, found.headline, ratio),
        heads=("Threat", "", f"Estimate [{level:g}% CI]"),
    )


def _say_none() -> Figure:
    page = style.page(18.0)
    page.text(0.5, 0.5, "No estimate: this cohort does not answer the claim", ha="center")
    return page


def _row(line: Mapping[str, Any], threat: str, headline: bool) -> Row:
    numbers = [read_number(line.get(key)) for key in ("estimate", "low", "high")]
    label = _label(line) if threat else f"    {_label(line, alone=True)}"
    if not has_converged(line) or numbers[0] is None:
        return Row(label, "did not converge", colour=style.MUTED, filled=False)
    colour = style.COLOURS["blue"] if headline else style.MUTED
    marker = "D" if headline else "o"
    text = write_interval(*numbers)
    return Row(label, text, *numbers, colour=colour, marker=marker, filled=headline)


def _label(line: Mapping[str, Any], *, alone: bool = False) -> str:
    threat, model = text_of(line, "threat"), text_of(line, "model")
    if alone:
        return model
    same = not model or model.startswith(threat) or threat == model
    words = model or threat if same else f"{threat}: {model}"
    return words[:1].upper() + words[1:]


def write_answer(line: Mapping[str, Any]) -> str:
    """Write what a row says on a scale of its own."""
    if not has_converged(line):
        return "did not converge"
    numbers = [read_number(line.get(key)) for key in ("estimate", "low", "high")]
    scale, unit = text_of(line, "scale"), text_of(line, "unit")
    if scale == "E-value":  # its row says so by name
        return write_number(numbers[0])
    if scale == "partial R²":
        return "–" if numbers[0] is None else f"{100 * numbers[0]:.1f} %"
    return f"{write_interval(*numbers)} {unit if unit != '1' else ''}".strip()


def _name_outcome(line: Mapping[str, Any]) -> str:
    """Name the outcome, or several outcomes under one slope: "a; b"."""
    names = [name.strip() for name in text_of(line, "outcome").split(";")]
    known = variables()
    return write_list([write_label(known[n].label) if n in known else n for n in names])


def name_elsewhere(line: Mapping[str, Any], headline: Mapping[str, Any]) -> str:
    """Name a row that cannot stand on the headline's axis: its model, and how it differs."""
    model = text_of(line, "model")
    if text_of(line, "scale") in ("E-value", "partial R²"):  # its model says all
        return model
    words: list[str] = []
    outcome = _name_outcome(line)
    if text_of(line, "outcome") != text_of(headline, "outcome") and (
        outcome.lower() not in model.lower()
    ):
        words.append(outcome)
    estimand = text_of(line, "estimand").partition(" (")[0]
    if text_of(line, "scale") != text_of(headline, "scale"):
        words.append(estimand)
    contrast = text_of(line, "contrast")
    if contrast != text_of(headline, "contrast"):
        words.append(contrast)
    said = "; ".join(word for word in words if word)
    return f"{model} ({said})" if said else model


def name_axis(line: Mapping[str, Any]) -> str:
    """Name the effect: estimand, outcome with its unit, contrast."""
    label = _name_outcome(line)
    estimand = text_of(line, "estimand").partition(" (")[0] or "estimate"
    unit = text_of(line, "unit")
    of = f" ({unit})" if unit not in ("", "1") else ""
    first = f"{estimand[:1].upper()}{estimand[1:]}, {label}{of}"
    contrast = text_of(line, "contrast")
    return f"{first}\n{contrast}" if contrast else first


def _band(panels: Mapping[str, Rows], ratio: bool) -> tuple[float, float] | None:
    for row in panels.get("band", ()):
        size = read_number(row.get("smallest_effect"))
        if size is not None:
            return (1 / size, size) if ratio else (-size, size)
    return None


def _limits(
    rows: Sequence[Row], headline: Mapping[str, Any], ratio: bool
) -> tuple[float, float] | None:
    """Cut an axis that one wild interval would stretch beyond reading; None leaves it free."""
    ends = [read_number(headline.get(key)) for key in ("low", "high")]
    if ratio or ends[0] is None or ends[1] is None:
        return None
    long = ends[1] - ends[0]
    known = [v for row in rows for v in (row.low, row.high) if v is not None]
    if not known or max(known) - min(known) <= LONGEST * long:
        return None
    middle = (ends[0] + ends[1]) / 2
    low, high = middle - LONGEST / 2 * long, middle + LONGEST / 2 * long
    return min(low, -0.05 * long), max(high, 0.05 * long)


def describe(
    panels: Mapping[str, Rows], estimates: Any = None, plan: Mapping[str, Any] | None = None
) -> str:
    """Read the rows out, and say how far the estimates go."""
    del estimates, plan
    found = gather(panels)
    if found is None:
        return "No figure: this cohort does not answer the claim."
    values = [read_number(row.get("estimate")) for row in found.rows if has_converged(row)]
    known = [value for value in values if value is not None]
    said = "; ".join(
        f"{_label(row)} "
        + (
            write_interval(*(read_number(row.get(k)) for k in ("estimate", "low", "high")))
            if has_converged(row)
            else "did not converge"
        )
        for row in found.rows
    )
    others = "; ".join(
        f"{_label({**row, 'model': name_elsewhere(row, found.headline)})} {write_answer(row)}"
        for row in found.others
    )
    ends = (write_number(min(known)), write_number(max(known))) if known else ("", "")
    reach = f"Estimates from {ends[0]} to {ends[1]}. " if known else ""
    more = f" On another scale: {others}." if others else ""
    text = name_axis(found.headline).replace("\n", ", ")
    return f"Forest plot of one effect under {len(found.rows)} checks: {text}. {reach}{said}.{more}"
