"""One effect, one row per threat: gather what all analyses of a claim say about its headline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gluteal.estimates import THREATS
from gluteal.notation import read_number

Row = Mapping[str, Any]
PREFIX = "threat: "
ELSEWHERE = "not here"
"""A reason that speaks for one analysis only: another one may answer."""
SAME = ("outcome", "exposure", "scale", "unit", "contrast")
UNASKED = "no analysis of this claim asks"
BARE = ("crude", "adjusted")
"""No threats but the effect itself: on another scale they answer another question."""
IMPUTED = "values imputed"


@dataclass(frozen=True)
class Threatened:
    """One effect under its threats.

    Attributes
    ----------
    headline : mapping
        The row that answers the claim.
    rows : tuple of mapping
        Rows comparable with it (one outcome, exposure, scale, unit and contrast), in the order of
        the threats; the headline is among them.
    others : tuple of mapping
        Rows of a threat that speak of it on another scale, or of a negative control.
    silent : tuple of (str, str)
        Threats, or parts of them, that were not answered, with the reason.
    """

    headline: Row
    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    silent: tuple[tuple[str, str], ...]


def text_of(row: Row, key: str) -> str:
    """Read a cell as text; what is missing is empty."""
    value = row.get(key)
    text = "" if value is None else str(value).strip()
    return "" if text in ("nan", "<NA>", "None") else text


def has_converged(row: Row) -> bool:
    """Say whether a row has a result."""
    return text_of(row, "converged").lower() != "false"


def gather_threats(
    estimates: Sequence[Sequence[Row]], diagnostics: Sequence[Sequence[Row]] = ()
) -> Threatened | None:
    """Gather the rows of all analyses of one claim.

    Parameters
    ----------
    estimates : sequence of sequence of mapping
        Estimates of each analysis, that of the claim's headline first.
    diagnostics : sequence of sequence of mapping
        Their diagnostics; those named "threat: ..." give the reasons.

    Returns
    -------
    Threatened or None
        None without a headline.
    """
    if not estimates or not estimates[0]:
        return None
    headline = estimates[0][0]
    named = [row for table in estimates for row in table if text_of(row, "threat")]
    first = [headline] if text_of(headline, "threat") else [{**headline, "threat": "adjusted"}]
    rows: list[Row] = []
    others: list[Row] = []
    seen: set[tuple[Any, ...]] = set()
    for row in [*first, *(row for row in named if row is not headline)]:
        same = all(text_of(row, key) == text_of(headline, key) for key in SAME)
        mark = _mark(row)
        if mark in seen:
            continue
        seen.add(mark)
        (rows if same else others).append(row)
    shown = {text_of(row, "threat") for row in (*rows, *others)}
    order = THREATS.index
    others = [row for row in others if text_of(row, "threat") not in BARE]
    rows.sort(key=lambda row: (order(text_of(row, "threat")), row is not first[0]))
    others.sort(key=lambda row: order(text_of(row, "threat")))
    silent = tuple(_reasons(shown, diagnostics))
    return Threatened(first[0], tuple(rows), tuple(others), silent)


def _mark(row: Row) -> tuple[Any, ...]:
    """Tell rows apart: two analyses that give the same numbers to one question gave one answer."""
    numbers = tuple(read_number(row.get(key)) for key in ("estimate", "low", "high"))
    threat = text_of(row, "threat")
    if numbers[0] is None or numbers[1] is None:
        return threat, text_of(row, "model"), numbers
    return threat, *(f"{n:.9g}" if n is not None else "" for n in numbers)


def _reasons(shown: set[str], diagnostics: Sequence[Sequence[Row]]) -> Iterator[tuple[str, str]]:
    """Give each threat without a row its reason, and each part of one that was not asked."""
    lines = [line for table in diagnostics for line in table]
    for threat in THREATS:
        mine = [line for line in lines if text_of(line, "name") == PREFIX + threat]
        said = list(dict.fromkeys(
            text_of(line, "meaning")
            for line in mine
            if threat not in shown or text_of(line, "value") != ELSEWHERE
        ))  # fmt: skip
        if threat == "imputed" and threat not in shown:
            nothing = [
                text_of(line, "meaning")
                for line in lines
                if text_of(line, "name") == IMPUTED and not read_number(line.get("value"))
            ]
            said = nothing[:1] or said
        if not said and threat not in shown:
            said = [UNASKED]
        for reason in said:
            yield threat, reason
