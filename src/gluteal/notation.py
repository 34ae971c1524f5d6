"""How numbers are written everywhere: estimate, interval, then p; a true minus; no small counts."""

from __future__ import annotations

import re
from math import floor, isfinite, log10

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
HIDDEN = "hidden"
"""What stands for a number that would tell of few people."""
RATIOS = ("ratio",)


def read_number(value: object) -> float | None:
    """Read a number from a cell of a product; what is empty or none is None.

    Examples
    --------
    >>> read_number("0.5"), read_number(0.0), read_number(""), read_number("NA")
    (0.5, 0.0, None, None)
    """
    try:
        number = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None


def _decimals(size: float, digits: int) -> int:
    """Decimals that show ``digits`` significant digits of a number of this size."""
    if not isfinite(size) or size == 0:
        return digits - 1
    return min(max(0, digits - 1 - floor(log10(abs(size)))), 6)


def write_number(value: float | None, digits: int = 3, decimals: int | None = None) -> str:
    """Write a number with so many significant digits, or so many decimals, and a true minus.

    Examples
    --------
    >>> write_number(-0.12345), write_number(1234.5), write_number(None)
    ('−0.123', '1,234', '–')
    """
    if value is None or not isfinite(value):
        return NONE
    places = _decimals(value, digits) if decimals is None else decimals
    text = f"{value:,.{places}f}"
    if not text.strip("-0.,"):  # a rounded zero has no sign
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def write_interval(estimate: float | None, low: float | None, high: float | None) -> str:
    """Write an estimate with its interval, both with the decimals that the interval deserves.

    The half-width is shown with two significant digits, the larger end with no more than three:
    more would pretend to know.

    Examples
    --------
    >>> write_interval(-0.08312, -0.1213, -0.0449)
    '−0.083 [−0.121 to −0.045]'
    """
    if estimate is None or not isfinite(estimate):
        return NONE
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return write_number(estimate)
    largest = max(_decimals(max(abs(low), abs(high)), 3), 2)
    places = min(_decimals((high - low) / 2, 2), largest)
    texts = [write_number(value, decimals=places) for value in (estimate, low, high)]
    return f"{texts[0]} [{texts[1]} to {texts[2]}]"


def write_p(p: float | None, sign: bool = False) -> str:
    """Write a p value: exact, but never smaller than 0.001 or larger than 0.99.

    Examples
    --------
    >>> write_p(0.0421), write_p(0.00003), write_p(0.0421, sign=True)
    ('0.042', '<0.001', 'p = 0.042')
    """
    if p is None or not isfinite(p):
        return NONE
    text = f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"
    text = "<0.001" if p < 0.001 else ">0.99" if p > 0.99 else text
    if not sign:
        return text
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def write_count(count: float | None, least: int = 5) -> str:
    """Write a number of people; one below the smallest cell stays hidden, zero does not.

    Examples
    --------
    >>> write_count(1234), write_count(3), write_count(0)
    ('1,234', '<5', '0')
    """
    if count is None or not isfinite(count):
        return NONE
    return f"<{least}" if 0 < count < least else f"{int(count):,}"


def claim_order(claim: str) -> tuple[str, int, str]:
    """Sort key of a claim's name, so that H2 stands before H10.

    Examples
    --------
    >>> sorted(["H10", "H2", "H1b"], key=claim_order)
    ['H1b', 'H2', 'H10']
    """
    found = re.fullmatch(r"(\D*)(\d*)(.*)", claim, re.DOTALL)
    letters, number, rest = found.groups() if found else (claim, "", "")
    return letters, int(number or 0), rest


def write_list(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> write_list(["age", "sex", "weight"])
    'age, sex and weight'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


NAMES = ("Oswestry", "Roland-Morris", "Trendelenburg", "Youden's")
"""Names that keep their capital inside a sentence."""


def write_label(label: str) -> str:
    """Write a variable's label as it stands inside a sentence; abbreviations keep their capitals.

    Examples
    --------
    >>> write_label("Hip abduction torque"), write_label("STarT Back total")
    ('hip abduction torque', 'STarT Back total')
    >>> write_label("Oswestry Disability Index")
    'Oswestry Disability Index'
    """
    first = label.split(" ")[0]
    proper = any(letter.isupper() for letter in first[1:]) or len(first) == 1 or first in NAMES
    return label if proper else label[:1].lower() + label[1:]


PLAIN = (
    (re.compile(r"\b([Ww])eek0*(\d+)\b"), r"\1eek \2"),
    (re.compile(r"(?<=\]) \d+-\d+\b"), " points"),
    (re.compile(r"(?<=\d) \d+-\d+(?=[).,;:]|$)"), " points"),
    (re.compile(r"\((\d+)-(\d+)\)"), r"(\1 to \2)"),
    (re.compile(r"(?<![\d.,])1 deg\b"), "1 degree"),
    (re.compile(r"(?<=[\d\]]) deg\b"), " degrees"),
    (re.compile(r"\(deg\)"), "(degrees)"),
)
"""Codes of the data, and what a reader should read instead."""


def write_plain(text: str) -> str:
    """Put words for the codes of visits and units that a name or an estimate brought along.

    Examples
    --------
    >>> write_plain("pain (0-10) at week04: 0.59 [0.22 to 0.97] 0-10")
    'pain (0 to 10) at week 4: 0.59 [0.22 to 0.97] points'
    >>> write_plain("a tilt of 3.4 [2.5 to 4.3] deg")
    'a tilt of 3.4 [2.5 to 4.3] degrees'
    """
    for code, words in PLAIN:
        text = code.sub(words, text)
    return text
