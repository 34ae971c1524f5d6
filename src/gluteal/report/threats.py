"""One effect, one row per threat: the figure and the table beside the answer to a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gluteal.estimates import THREATS
from gluteal.figures.threats import name_axis, write_answer
from gluteal.ledger.threats import Threatened, gather_threats, text_of
from gluteal.notation import read_number, write_count
from gluteal.report.document import Block, Paragraph, Picture, Row, Table
from gluteal.report.products import Analysis, Line, Products
from gluteal.report.tables import interval_of, level_of
from gluteal.report.words import capital, label, relabel, sentence, unit_of

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
    yield Paragraph(
        f"The headline of {claim} again, under each thing that could be wrong with it; "
        "what these data cannot answer is listed with the reason.",
        opening=f"{HEAD}.",
    )
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
    """Set the rows in the order of the threats: answered, on another scale, not answered."""
    lines: list[tuple[str, Row]] = []
    for line in found.rows:
        name = text_of(line, "model") or "estimate"
        name = f"{name} (headline)" if line is found.headline else name
        lines.append((text_of(line, "threat"), _row(name, interval_of(line), line, least)))
    for line in found.others:
        name = text_of(line, "model")
        more = _elsewhere(line, found.headline)
        answer = write_answer(line)
        lines.append((text_of(line, "threat"), _row(f"{name}{more}", answer, line, least)))
    for threat, reason in found.silent:
        lines.append((threat, Row((capital(relabel(reason)), "not answered", ""))))
    rows: list[Row] = []
    for threat in THREATS:
        mine = [row for name, row in lines if name == threat]
        if mine:
            rows += [Row((capital(threat),), group=True), *mine]
    level = level_of(found.headline)
    head = ("Threat", f"Estimate [{level} CI]", "People")
    axis = name_axis(found.headline).replace("\n", ", ")
    notes = (f"{sentence(axis)}", *_note(found))
    return Table(f"{HEAD}: {question}", head, tuple(rows), notes, (False, True, True))


def _row(name: str, answer: str, line: Line, least: int) -> Row:
    return Row((capital(name), answer, write_count(read_number(line.get("n_people")), least)))


def _elsewhere(line: Line, headline: Line) -> str:
    """Say how a row that is on another scale differs, where its name does not."""
    words: list[str] = []
    if text_of(line, "scale") in ("difference", "ratio", "smd"):
        if text_of(line, "outcome") != text_of(headline, "outcome") and not _is_named(line):
            words.append(label(text_of(line, "outcome")))
        contrast = text_of(line, "contrast")
        if contrast and contrast != text_of(headline, "contrast"):
            words.append(contrast)
    if text_of(line, "scale") == "shift" and unit_of(line):
        words.append(f"in {unit_of(line)}")
    return f" ({'; '.join(words)})" if words else ""


def _is_named(line: Line) -> bool:
    return label(text_of(line, "outcome")).lower() in text_of(line, "model").lower()


def _note(found: Threatened) -> Iterator[str]:
    """Say what the bare numbers are, and where a model has a warning."""
    scales = {text_of(line, "scale") for line in found.others}
    if "E-value" in scales:
        yield "E-value: the least risk ratio that a confounder needs with exposure and outcome."
    if "partial R²" in scales:
        yield "Robustness value: the share of exposure and outcome that it must explain."
    lines: Sequence[Line] = (*found.rows, *found.others)
    said = dict.fromkeys(
        sentence(f"{capital(text_of(line, 'model'))}: {text_of(line, 'warnings')}")
        for line in lines
        if text_of(line, "warnings")
    )
    yield from said
