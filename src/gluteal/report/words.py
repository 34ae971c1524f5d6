"""Turn names of the products into words for a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gluteal.notation import write_label
from gluteal.variables import variables

DESIGNS = {
    "cross_sectional": "Cross-sectional study",
    "case_control": "Case-control study",
    "cohort": "Prospective cohort study",
    "repeated_measures": "Repeated-measures study",
    "programme": "Exercise programme",
}
NAMED = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def label(name: str) -> str:
    """Label a variable; a name that the dictionary lacks stays itself."""
    known = variables().get(name)
    return known.label if known else name.replace("_", " ")


def labels(names: list[str] | tuple[str, ...]) -> list[str]:
    """Label several variables."""
    return [label(name) for name in names]


def capital(text: str) -> str:
    """Begin with a capital letter, and leave the others as they are."""
    return text[:1].upper() + text[1:]


def relabel(text: str) -> str:
    """Put labels where a text names variables: "imbalance of bmi_kg_m2" is for programmers."""
    known = variables()

    def word(found: re.Match[str]) -> str:
        return write_label(known[found[0]].label) if found[0] in known else found[0]

    return NAMED.sub(word, text)


def heading(name: str) -> str:
    """Make a heading of a key: ``limits_of_agreement`` becomes "Limits of agreement"."""
    return capital(name.replace("_", " ")) if name == name.lower() else name


def sentence(text: str) -> str:
    """End a text with a full stop, unless it has an end."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def unit_of(line: Mapping[str, str]) -> str:
    """Return the unit of an estimate; nothing for a pure number."""
    unit = line.get("unit") or ""
    return "" if unit == "1" else unit
