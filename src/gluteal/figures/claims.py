"""The front page's forest: every claim on one axis, in multiples of what would matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING, Any

from gluteal.figures import style
from gluteal.figures.forest import Row, place_rows
from gluteal.notation import claim_order, read_number, write_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOT_TESTABLE = "not testable"
VERDICTS: dict[str, tuple[str, str, bool]] = {
    "supported": (style.COLOURS["blue"], "o", True),
    "negligible": (style.MUTED, "s", True),
    "contradicted": (style.COLOURS["vermillion"], "D", True),
    "inconclusive": ("#8a5a00", "o", False),
}
"""Colour, shape and filling of a verdict: shape and filling alone tell them apart in grey."""
WIDEST = 6.0
"""Multiples of the smallest effect that the axis shows at most; beyond, an arrow."""


def standardise(row: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Express a claim's estimate and interval in multiples of its smallest effect of interest.

    Positive means: as the claim says; a claim without direction is met by either sign. Ratios are
    compared on the log scale. The verdict is the ledger's; this only gives claims of different
    units one axis.

    Examples
    --------
    >>> standardise({"estimate": "-0.1", "low": "-0.15", "high": "-0.05", "scale": "difference",
    ...              "direction": "negative", "smallest_effect": "0.05"})
    (2.0, 1.0, 3.0)
    """
    numbers = [read_number(row.get(key)) for key in ("estimate", "low", "high", "smallest_effect")]
    values = [value for value in numbers if value is not None]
    if len(values) < 4:
        return None
    if row.get("scale") == "ratio":
        if min(values) <= 0:
            return None
        values = [log(value) for value in values]
    if not values[3]:
        return None
    direction = row.get("direction")
    flipped = direction == "negative" or (direction == "none" and values[0] < 0)
    sign = -1.0 if flipped else 1.0
    estimate, *ends = (round(sign * value / values[3], 9) for value in values[:3])
    return estimate, min(ends), max(ends)


def _words(row: Mapping[str, Any]) -> str:
    numbers = [read_number(row.get(key)) for key in ("estimate", "low", "high")]
    unit = str(row.get("unit") or "")
    return write_interval(*numbers) + ("" if unit in ("1", "") else f" {unit}")


def _rows(claims: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Part the claims: those with an interval, those that this cohort cannot test."""
    tested: list[Row] = []
    untested: list[Row] = []
    for row in sorted(claims, key=lambda row: claim_order(str(row["claim"]))):
        label = f"{row['claim']}  {row['sentence']}"
        place = standardise(row)
        if row["verdict"] in VERDICTS and place:
            colour, marker, filled = VERDICTS[row["verdict"]]
            how: dict[str, Any] = {"colour": colour, "marker": marker, "lead": row["verdict"]}
            tested.append(Row(label, _words(row), *place, filled=filled, **how))
        else:
            reason = str(row.get("reason") or row["verdict"])
            untested.append(Row(label, reason.removeprefix(f"{NOT_TESTABLE}: "), remark=True))
    return tested, untested


def draw(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any = None,
    plan: Mapping[str, Any] | None = None,
) -> Figure:
    """Draw the ledger: ``panels["claims"]`` holds its rows."""
    del estimates, plan
    tested, untested = _rows(panels["claims"])
    if untested:
        untested.insert(0, Row("Not testable in this cohort", "", remark=True, heading=True))
    ends = [abs(v) for row in tested for v in (row.low, row.high) if v is not None]
    reach = min(max([*ends, 2.0]) * 1.06, WIDEST)
    return place_rows(
        tested,
        untested,
        axis="Multiples of the smallest effect of interest\n(shaded: too small to matter)",
        band=(-1.0, 1.0),
        limits=(-reach, reach),
        heads=(
            "Claim",
            "\N{LEFTWARDS ARROW} opposite|as claimed \N{RIGHTWARDS ARROW}",
            "Verdict",
        ),
    )


def describe(
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any = None,
    plan: Mapping[str, Any] | None = None,
) -> str:
    """Read the verdicts out, claim by claim."""
    del estimates, plan
    rows = sorted(panels["claims"], key=lambda row: claim_order(str(row["claim"])))
    tested = [row for row in rows if row["verdict"] in VERDICTS]
    parts = (f"{row['claim']} {row['verdict']}, {_words(row)}" for row in tested)
    words = f"{'; '.join(parts)}. " if tested else ""
    return (
        f"Forest plot of {len(tested)} claims, each in multiples of its smallest effect of "
        f"interest. {words}{len(rows) - len(tested)} claims are not testable in this cohort."
    )
