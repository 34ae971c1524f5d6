"""The words of a verdict: they follow the design, never the wish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gluteal.notation import write_interval, write_label, write_list
from gluteal.variables import variables

Kind = Literal["associated", "preceded", "effect", "change", "through"]
WORDS: dict[Kind, tuple[str, str, str]] = {
    "associated": (
        "{x} was associated with {y}",
        "{x} was hardly associated with {y}",
        "whether {x} is associated with {y} stays open",
    ),
    "preceded": (
        "{x} preceded {y}",
        "{x} hardly told of later {y}",
        "whether {x} precedes {y} stays open",
    ),
    "effect": (
        "{x} had an effect on {y}",
        "{x} had hardly any effect on {y}",
        "whether {x} has an effect on {y} stays open",
    ),
    "change": (
        "{y} changed during the programme",
        "{y} hardly changed during the programme",
        "whether {y} changed during the programme stays open",
    ),
    "through": (
        "{x} was tied to {y} by way of {m}",
        "{x} was hardly tied to {y} by way of {m}",
        "whether {x} is tied to {y} by way of {m} stays open",
    ),
}
SPOKEN = {"arm": "the programme"}
"""What a sentence calls a variable whose label is a table's head."""
UNITS = {"0-10": "points", "0-24": "points", "0-100": "points"}
"""What a sentence calls a unit that is the range of a scale."""
SIGN = "the sign is as claimed"
DONE = ("adherence", "sessions_done")
"""How the names of what people did of a programme begin: no lot ever draws that."""
LATER = re.compile(r"\b(?:lag(?:ged)?|incident|incidence|hazards?|later)\b")


@dataclass(frozen=True, slots=True)
class Grounds:
    """What allows words about an estimate to go beyond "associated".

    Attributes
    ----------
    design : str
        The design of the analysis.
    randomised : bool
        Whether people were allocated to their arm by chance.
    sufficient : bool or None
        Whether the covariates close every back-door path of the causal graph; None where the
        graph does not know the pair.
    overlap : bool or None
        Whether the analysis showed that exposed and unexposed overlap; None where it did not look.
    """

    design: str
    randomised: bool = False
    sufficient: bool | None = None
    overlap: bool | None = None


def kind_of(row: Mapping[str, Any], grounds: Grounds) -> Kind:
    """Choose the kind of words that design and analysis allow an estimate.

    A cross-section or a case-control study shows associations. Where the exposure came first
    ("lagged", "incident", "hazard", "later" in the estimand) a cohort may say "preceded"; "effect"
    needs besides an adjustment set that closes every back-door path and overlap that was shown, or
    arms that chance made. Without arms there is only a change. What runs through a mediator is
    never an effect, nor is how much of a programme was done: nobody allocates these by chance.

    Examples
    --------
    >>> row = {"exposure": "arm", "estimand": "difference between arms at week12"}
    >>> kind_of(row, Grounds("programme")), kind_of(row, Grounds("programme", randomised=True))
    ('associated', 'effect')
    """
    estimand = _bare_estimand(row)
    later = LATER.search(estimand) is not None
    if "indirect" in estimand:
        return "through"
    if str(row.get("exposure") or "").startswith(DONE):
        return "preceded" if later else "associated"
    if grounds.design == "programme":
        if row.get("exposure") == "arm" and "change" not in estimand:
            return "effect" if grounds.randomised else "associated"
        if "change" in estimand:
            return "change"
    if later and grounds.design in ("cohort", "repeated_measures", "programme"):
        return "effect" if grounds.sufficient and grounds.overlap else "preceded"
    return "associated"


def _bare_estimand(row: Mapping[str, Any]) -> str:
    """Take the labels of outcome and exposure out: pelvic incidence is nothing that came later."""
    estimand = str(row.get("estimand") or "").lower()
    names = [name for key in ("outcome", "exposure") for name in _text(row.get(key)).split("; ")]
    for name in names:
        if name in variables():
            estimand = estimand.replace(variables()[name].label.lower(), "")
    return estimand


def label_of(name: Any) -> str:
    """Return a variable's label; the name itself where the dictionary has none.

    Of arms a sentence speaks by what one of them got. Of outcomes under one slope, all are named.

    Examples
    --------
    >>> label_of("agg_stand; agg_walk")
    'Pain on standing and pain on walking'
    """
    if name == "arm":
        return "The programme"
    if "; " in str(name or ""):
        first, *others = (label_of(one) for one in str(name).split("; "))
        return write_list([first, *map(write_label, others)])
    known = variables().get(str(name or ""))
    return known.label if known else str(name or "")


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return "" if text in ("nan", "<NA>") else text


def _mediators(row: Mapping[str, Any]) -> str:
    """Name the mediators, which the term of an indirect estimate lists."""
    names = [name.strip() for name in _text(row.get("term")).split(";")]
    known = [write_label(label_of(name)) for name in names if name in variables()]
    return write_list(known) if known else "the mediators"


def name_measure(row: Mapping[str, Any]) -> str:
    """Name what a number without a unit is: "hazard ratio", "Youden's J"; "" where it has one.

    Examples
    --------
    >>> name_measure({"scale": "ratio", "estimand": "hazard ratio of incident low back pain"})
    'hazard ratio'
    >>> name_measure({"scale": "difference", "unit": "deg", "estimand": "mean difference"})
    ''
    """
    estimand = _text(row.get("estimand"))
    if row.get("scale") == "ratio":
        found = re.match(r"(?:[\w-]+ ){0,2}ratio\b(?: of geometric means)?", estimand)
        return found[0] if found else "ratio"
    if _text(row.get("unit")) not in ("", "1"):
        return ""
    return re.split(r" \(|, | at ", estimand)[0]


def write_amount(row: Mapping[str, Any]) -> str:
    """Write measure, estimate, interval, unit and what it is for: "per SD more".

    Examples
    --------
    >>> row = {"estimate": 2.1, "low": 1.2, "high": 3.0, "unit": "deg", "contrast": "per SD more"}
    >>> write_amount({**row, "scale": "difference", "estimand": "mean difference"})
    '2.10 [1.20 to 3.00] deg per SD more'
    """
    numbers: list[float | None] = []
    for key in ("estimate", "low", "high"):
        text = _text(row.get(key))
        numbers.append(float(text) if text else None)
    unit = UNITS.get(_text(row.get("unit"))) or _text(row.get("unit"))
    measure = name_measure(row)
    words = [measure, write_interval(*numbers), "" if unit == "1" else unit]
    contrast = _text(row.get("contrast"))
    if contrast.startswith("per "):
        words.append(contrast)
    return " ".join(word for word in words if word)


def write_claim(
    word: str, row: Mapping[str, Any], claim: Mapping[str, Any], grounds: Grounds, reason: str
) -> str:
    """Write one plain sentence: what was seen, the estimate with its interval, what it means."""
    kind = kind_of(row, grounds)
    ends = {"x": _text(row.get("exposure")), "y": _text(row.get("outcome"))}
    at = {"supported": 0, "contradicted": 0, "negligible": 1}.get(word, 2)
    partly = word == "inconclusive" and reason.startswith(SIGN)
    at = 0 if partly else at
    if all(ends.values()):
        named = {k: SPOKEN.get(v) or write_label(label_of(v)) for k, v in ends.items()}
        said = WORDS[kind][at].format_map({**named, "m": _mediators(row)})
    else:
        sentence = _text(claim.get("sentence")).rstrip(".")
        said = ("as claimed: ", "hardly so: ", "open: ")[at] + f"“{sentence}”"
    if word == "contradicted":
        said += ", but the other way round than claimed"
    elif word == "supported" and all(ends.values()):
        said += " as claimed"
    elif partly:
        said += ", but perhaps too little to matter"
    level = _text(row.get("level"))
    percent = f"{100 * float(level):g} %" if level else "95 %"
    unit = UNITS.get(_text(row.get("unit"))) or _text(row.get("unit"))
    unit = "" if unit in ("", "1") or row.get("scale") == "ratio" else f" {unit}"
    smallest = _text(claim.get("smallest_effect"))
    amount = f"{float(smallest):g}{unit}" if smallest else ""
    limit = f" ({amount})" if amount else ""
    if amount and "smallest effect of interest" not in reason:
        limit = f"; smallest effect of interest: {amount}"
    said = said[:1].upper() + said[1:]
    return f"{said}: {write_amount(row)} ({percent} interval); {reason}{limit}."
