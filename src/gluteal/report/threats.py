"""One effect, one row per threat: the figure and the table beside the answer to a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gluteal.estimates import THREATS
from gluteal.figures.threats import name_axis, name_elsewhere, write_answer
from gluteal.ledger.threats import BARE, UNASKED, Threatened, gather_threats, text_of
from gluteal.notation import read_number, write_count, write_list
from gluteal.report.document import Block, Picture, Row, Table
from gluteal.report.products import Analysis, Line, Products
from gluteal.report.tables import interval_of, level_of, tell_troubles
from gluteal.report.words import capital, relabel, sentence

SUFFIX = "_threats"
HEAD = "One effect, one row per threat"


def write_threats(analysis: Analysis, products: Products) -> Iterator[Block]:
    """Write figure and table of an analysis that answers a claim; nothing for the others."""
    claim = claim_of(analysis, products)
    if not claim:
        return
    group = name_group(products, analysis, claim)
    found = gather_threats([one.estimates for one in group], [one.diagnostics for one in group])
    if found is None:
        return
    svg, png, alt = products.picture(f"{analysis.name}{SUFFIX}")
    if svg.is_file():
        yield Picture(f"{HEAD}: {sentence(analysis.question)}", alt, svg, png)
    yield list_threats(found, analysis.question, products.min_cell)


def claim_of(analysis: Analysis, products: Products) -> str:
    """Name the claim whose headline this analysis holds; empty if there is none."""
    claims: Mapping[str, Mapping[str, object]] = products.study.get("claims") or {}
    for name, claim in claims.items():
        if claim.get("analysis") == analysis.name:
            return name
    return ""


def name_group(products: Products, first: Analysis, claim: str) -> list[Analysis]:
    """List the analyses of a claim, that of its headline first."""
    same = [o for o in products.analyses if o.settings.get("claim") == claim and o is not first]
    order = list(products.study.get("analyses") or {})
    same.sort(key=lambda one: order.index(one.name))
    return [first, *same]


def list_threats(found: Threatened, question: str, least: int) -> Table:
    """Set the rows in the order of the threats; a threat is named in its first row only."""
    lines: list[tuple[str, Row]] = []
    for line in found.rows:
        model = text_of(line, "model") or "estimate"
        name = f"{model} (headline)" if line is found.headline else model
        lines.append((text_of(line, "threat"), _row(name, interval_of(line), line, least)))
    for line in found.others:
        name = name_elsewhere(line, found.headline)
        lines.append((text_of(line, "threat"), _row(name, write_answer(line), line, least)))
    rows: list[Row] = []
    for threat in THREATS:
        for index, row in enumerate(row for name, row in lines if name == threat):
            rows.append(Row(("" if index else capital(threat), *row.cells)))
    level = level_of(found.headline)
    head = ("Threat", "Check", f"Estimate [{level} CI]", "People")
    axis = name_axis(found.headline).replace("\n", ", ")
    notes = (f"{sentence(axis)}", *_note(found), *_note_silent(found))
    return Table(f"{HEAD}: {question}", head, tuple(rows), notes, (False, False, True, True))


def _row(name: str, answer: str, line: Line, least: int) -> Row:
    return Row((capital(name), answer, write_count(read_number(line.get("n_people")), least)))


def _note_silent(found: Threatened) -> Iterator[str]:
    """Say which threats were not answered: those that nobody asked in one list, then the reasons.

    That there is no crude estimate beside an unadjusted headline is no gap.
    """
    unasked = [threat for threat, reason in found.silent if reason == UNASKED]
    if unasked := [threat for threat in unasked if threat not in BARE]:
        yield f"Not asked by any analysis of this claim: {write_list(unasked)}."
    by_reason: dict[str, list[str]] = {}
    for threat, reason in found.silent:
        if reason != UNASKED:
            by_reason.setdefault(relabel(reason), []).append(threat)
    said: list[str] = []
    for reason, threats in by_reason.items():
        named = len(threats) == 1 and reason.lower().startswith(threats[0])
        said.append(sentence(capital(reason if named else f"{write_list(threats)}: {reason}")))
    if said:
        yield f"Not answered. {' '.join(said)}"


def _note(found: Threatened) -> Iterator[str]:
    """Say what the bare numbers are, and where a model has a warning."""
    scales = {text_of(line, "scale") for line in found.others}
    if "E-value" in scales:
        yield "E-value: the least risk ratio that a confounder needs with exposure and outcome."
    if "partial R²" in scales:
        yield (
            "Robustness value: the share of exposure and of outcome that a confounder must explain "
            "to take the estimate to nought."
        )
    yield from tell_troubles([
        (capital(text_of(line, "model")), text_of(line, "warnings"))
        for line in (*found.rows, *found.others)
    ])  # fmt: skip
