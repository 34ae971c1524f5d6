"""Turn names of the products into words for a reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gluteal.constants import constants
from gluteal.notation import write_label, write_list
from gluteal.variables import variables

DESIGNS = {
    "cross_sectional": "Cross-sectional study",
    "case_control": "Case-control study",
    "cohort": "Prospective cohort study",
    "repeated_measures": "Repeated-measures study",
    "programme": "Exercise programme",
}
NAMED = re.compile(r"\b[a-z]+[0-9]*(?:_[a-z0-9]+)+\b|\b[a-z]+[0-9]+\b")
CONSTANTS = re.compile(r"\bconstants? ([a-z]\w*(?:, [a-z]+\d*_\w+)*)")


COLUMN = re.compile(r"[a-z_]+\.[a-z_]+")
RANGE = re.compile(r"\d+-\d+")
CODE = re.compile(r"[a-z0-9_]+")
ACRONYM = re.compile(r"([a-z]{2,4})(\d+)?(?:_([a-z]{2}))?")
LATENT = (
    (re.compile(r"\bwithin_[a-z]+(\d+) ~~ within_[a-z]+\1\b"), r"within people, wave \1"),
    (re.compile(r"\btrait_\d\b"), "a stable trait"),
)
"""What an engine calls the parts of a panel model, in words."""


def label(name: str) -> str:
    """Label a variable, or several ("a; b"); a name that the dictionary lacks stays itself."""
    if ";" in name:
        first, *others = (label(part.strip()) for part in name.split(";"))
        return write_list([first, *map(write_label, others)])
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

    for name, words in LATENT:
        text = name.sub(words, text)
    return NAMED.sub(word, text)


def name_sources(text: str) -> str:
    """Put its source where a text names a constant: "(constant mic_nprs; project decision)".

    Examples
    --------
    >>> name_sources("a tenth of the MIC of a person (constant mic_nprs; project decision)")
    'a tenth of the MIC of a person (Ostelo 2008; project decision)'
    """
    known = constants()

    def word(found: re.Match[str]) -> str:
        names = found[1].split(", ")
        if any(name not in known for name in names):
            return found[0]
        return ", ".join(dict.fromkeys(known[name].source for name in names))

    said = CONSTANTS.sub(word, text)
    return said.replace("project decision; project decision", "project decision")


def name_code(title: str, cell: str) -> str:
    """Put a name for a code in a cell of a column: an instrument, or a column of the data.

    Examples
    --------
    >>> name_code("Instrument", "tsk11"), name_code("Instrument", "ipaq_sf")
    ('TSK-11', 'IPAQ-SF')
    >>> name_code("Instrument", "pain_sites"), name_code("Variable", "measurements.value")
    ('Pain sites', 'measurements: value')
    >>> name_code("Unit", "0-10"), name_code("Unit", "deg")
    ('points, 0 to 10', 'degrees')
    """
    if COLUMN.fullmatch(cell):
        return cell.replace(".", ": ")
    if title == "Unit" and cell == "deg":
        return "degrees"
    if title == "Unit" and RANGE.fullmatch(cell):
        return f"points, {cell.replace('-', ' to ')}"
    if title != "Instrument" or not CODE.fullmatch(cell):
        return cell
    short = ACRONYM.fullmatch(cell)
    if short is None:
        return heading(cell)
    return "-".join(part.upper() for part in short.groups() if part)


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
