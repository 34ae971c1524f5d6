"""Published results beside ours, laid out for a figure, a table and the Methods."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from gluteal.constants import MEANING, Constant
from gluteal.estimators.inference import interval
from gluteal.estimators.reported import CITED
from gluteal.frames.context import FEWEST, Beside, Ours, Reference
from gluteal.notation import write_interval, write_list, write_number


def lay_out_forest(
    results: Sequence[Beside], reference: Reference | None, ours: Ours, level: float
) -> list[dict[str, Any]]:
    """Give the rows of the forest, from the top: published, their mean, what is expected, ours."""
    rows: list[dict[str, Any]] = []
    for one in sorted(results, key=lambda r: not r.used):
        if one.found is None:
            continue
        alone = interval(one.found.value, one.found.se, level=level)
        kind = "used" if one.used else "beside"
        rows.append(_place(one.published.label, kind, alone.estimate, alone.low, alone.high))
    if reference is not None:
        found = reference.found
        if reference.studies > 1:
            label = f"Published, {reference.studies} results pooled"
            rows.append(_place(label, "pooled", found.estimate, found.low, found.high))
        if reference.prediction is not None:
            label = "Expected in a new study"
            rows.append(_place(label, "prediction", found.estimate, *reference.prediction))
    label = f"This cohort, n = {ours.n:,}"
    rows.append(_place(label, "ours", ours.found.estimate, ours.found.low, ours.found.high))
    return rows


def _place(label: str, kind: str, estimate: float, low: float, high: float) -> dict[str, Any]:
    return {"label": label, "kind": kind, "estimate": estimate, "low": low, "high": high}


def _print(c: Constant) -> str:
    text = f"{c.value:g}" if c.low is None else f"{c.value:g} ({c.low:g} to {c.high:g})"
    return f"{text} {c.unit}".strip().replace("-", "\N{MINUS SIGN}")


def lay_out_published(results: Sequence[Beside]) -> list[dict[str, str]]:
    """Lay out every result as printed and as compared, with its sign, mark and source."""
    rows: list[dict[str, str]] = []
    for one in results:
        made, values = one.found, one.published.constants
        compared = "no interval printed"
        if made is not None:
            alone = interval(made.value, made.se)
            compared = write_interval(alone.estimate, alone.low, alone.high)
        marks = sorted({MEANING[c.mark] for c in values})
        notes = filter(None, (one.published.why_not, made.note if made is not None else ""))
        rows.append(
            {
                "Result": one.published.label,
                "As printed": "; ".join(_print(c) for c in values),
                "Sign": one.published.sign,
                "As compared": compared,
                "In the reference": "yes" if one.used else "no",
                "Note": "; ".join(notes),
                "Numbers": ", ".join(marks),
                "Source": "; ".join(dict.fromkeys(c.source for c in values)),
            }
        )
    return rows


def write_sentences(
    results: Sequence[Beside], reference: Reference | None, ours: Ours, quantity: str, part: str
) -> list[str]:
    """Say what was compared with what, and how, filled from the settings."""
    used = [one.published.label for one in results if one.used]
    text = [
        f"The {quantity} of this cohort ({ours.estimator}; {ours.n:,} people with complete data) "
        f"was set beside published results on {part}, and is not pooled with them. A difference "
        "may lie in people, instruments or bias on either side.",
        f"{CITED}; printed signs were kept or turned round as the table says.",
    ]
    turned = [one.published.label for one in results if one.published.turned and one.used]
    if turned:
        text.append(f"Turned round to read low back pain minus none: {write_list(turned)}.")
    if reference is None:
        return [*text, "No published result has a usable error, so nothing was subtracted."]
    text.append(f"The reference is {write_list(used)}.")
    if reference.studies >= FEWEST:
        text.append(
            "They were pooled with random effects by restricted maximum likelihood "
            "(doi:10.3102/10769986030003261), Hartung and Knapp's interval (doi:10.1002/sim.791) "
            "and a prediction interval (doi:10.1111/j.1467-985X.2008.00552.x)."
        )
    elif reference.studies == FEWEST - 1:
        text.append(
            "The two were pooled with random effects by restricted maximum likelihood "
            "(doi:10.3102/10769986030003261) and a normal interval; a prediction interval needs "
            "three."
        )
    if reference.pooled is not None and isfinite(reference.pooled.i2):
        i2 = write_number(reference.pooled.i2, decimals=0)
        text.append(f"I² of the published results is {i2}%.")
    return text
