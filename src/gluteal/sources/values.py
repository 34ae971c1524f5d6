"""Cells as text become values as text: by declared codes, units and decimals, never by guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gluteal.cohort.tables import UNITS, Column
from gluteal.errors import suggest
from gluteal.sources.identifiers import shows_a_person
from gluteal.variables import Variable

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Misfit(ValueError):
    """A cell that does not fit; the message is the rule, ``remedy`` what to do."""

    def __init__(self, rule: str, remedy: str, show: bool = True) -> None:
        super().__init__(rule)
        self.remedy = remedy
        self.show = show


@dataclass(frozen=True)
class Target:
    """What a cell is to become: its type, its words, and how the file writes it."""

    kind: str
    words: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    censored: Mapping[str, str] = field(default_factory=dict[str, str])
    decimal: str = "."
    scale: float = 1.0


def words_of(known: Variable | Column) -> tuple[str, ...]:
    """List the words that a variable or a structural column may hold; empty if any."""
    if known.kind == "boolean":
        return ("0", "1")
    return tuple(known.levels) if isinstance(known, Variable) else known.words


def units_of(known: Variable) -> tuple[str, ...]:
    """List the units that values of a variable may come in."""
    listed = tuple(UNITS.get(known.unit, {known.unit: 1.0} if known.unit else {}))
    return listed if known.kind == "number" and listed else (*listed, "1")


def plain_number(text: str, kind: str = "number", decimal: str = ".") -> str:
    """Write a number with a decimal point, as many digits as it came with.

    Raises
    ------
    Misfit
        If the text is not a number with this decimal mark, or not whole where it has to be.

    Examples
    --------
    >>> plain_number("23,50", decimal=",")
    '23.50'
    """
    swapped = text
    if decimal == ",":
        swapped = text.replace(",", ".") if "." not in text else "."
    if not _NUMBER.fullmatch(swapped):
        other = "," if decimal == "." else "."
        hint = (
            f"The decimal mark is declared as {decimal!r}; is it {other!r}?"
            if other in text
            else "Correct it, or declare it as a missing code."
        )
        raise Misfit("is not a number", hint)
    if kind == "integer":
        whole = Decimal(swapped)
        if whole != whole.to_integral_value():
            raise Misfit("is not a whole number", "Correct it, or choose another variable.")
        return str(int(whole))
    return swapped


def fit(text: str, target: Target) -> str:
    """Return a value that fits type and words, or say what is wrong with it.

    Raises
    ------
    Misfit
        If it does not fit.
    """
    if target.words and text not in target.words:
        near = suggest(text, target.words)
        listed = ", ".join(target.words[:12])
        raise Misfit("is not a word of this variable", f"{near}Declare codes; it knows {listed}.")
    if target.words:
        return text
    if target.kind in ("number", "integer"):
        plain = plain_number(text, target.kind, target.decimal)
        return plain if target.scale == 1.0 else scaled(plain, target.scale)
    if shown := shows_a_person(text):
        raise Misfit(
            f"holds {shown}", "No cohort may hold it: list the column under ignore.", False
        )
    return text


def scaled(number: str, scale: float) -> str:
    """Multiply in decimal arithmetic: 178 cm become 1.78 m, not 1.7800000000000002.

    Examples
    --------
    >>> scaled("178", 0.01)
    '1.78'
    """
    product = (Decimal(number) * Decimal(repr(scale))).normalize()
    return f"{product:f}"


def convert(text: str, target: Target) -> tuple[str, str]:
    """Turn one cell into a value (or the reason why it is missing) and its censoring.

    Raises
    ------
    Misfit
        If the cell is empty without a declared reason, its code is not declared, or it does not
        parse.

    Examples
    --------
    >>> convert(">30", Target("number", censored={">": "right"}))
    ('30', 'right')
    """
    if text in target.missing:
        return target.missing[text], "none"
    if text in target.codes:
        return target.codes[text], "none"
    if text == "":
        remedy = 'Say under missing why it is: {"": NA:not_recorded}.'
        raise Misfit("the cell is empty, and no missing code says why", remedy)
    if target.codes:
        near = suggest(text, target.codes)
        raise Misfit("the code is not declared", f"{near}Add it to codes or to missing.")
    for mark, side in target.censored.items():
        if text.startswith(mark):
            return fit(text.removeprefix(mark).strip(), target), side
    if text[0] in "<>≥≤" and target.kind == "number":
        remedy = "If it is, declare it: censored: {'" + text[0] + "': right} (or left)."
        raise Misfit("looks censored, which is not declared", remedy)
    return fit(text, target), "none"


class Converter:
    """Convert the cells of one column; each distinct text is read once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.known: dict[str, Any] = {}

    def __call__(self, text: str) -> tuple[str, str]:
        """Convert one cell; raise its ``Misfit`` each time it occurs."""
        if text not in self.known:
            try:
                self.known[text] = convert(text, self.target)
            except Misfit as misfit:
                self.known[text] = misfit
        found = self.known[text]
        if isinstance(found, Misfit):
            raise found
        return found
