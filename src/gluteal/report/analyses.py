"""One section an analysis: question, answer, figure, tables, diagnostics, methods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gluteal.notation import claim_order, write_list
from gluteal.report.document import Block, Callout, Folded, Paragraph, Picture, Section, Table
from gluteal.report.products import Analysis, Products
from gluteal.report.tables import (
    interval_of,
    is_ok,
    lay_out,
    level_of,
    list_diagnostics,
    list_estimates,
    shorten,
)
from gluteal.report.threats import claim_of, write_threats
from gluteal.report.words import capital, heading, label, relabel, sentence, unit_of

DESCRIPTIVE = ("table_one", "data_audit", "test_reliability")
"""Methods that have their place in participants or measurement quality, and no one answer."""
DRAWN = ("flow",)
"""Display tables that the report draws instead."""
TOLD = "threats_not_answered"
"""A display table that says what the notes beside the headline of its claim say already."""
UNTESTABLE = "Not testable in this cohort"
MOST_NAMES, MOST_BESIDE = 4, 20
MOST_SHOWN = 10
"""Rows of a table that the text may hold; a longer one is folded away."""
BESIDE = "Beside the claims"
GROUPS = {
    "evidence_context": "What others found",
    "design_power": "What a design of this size could show",
}
"""Where analyses without a claim belong, by their method."""


def build_analyses(products: Products) -> Section:
    """Write the analyses that answer a question about the body, those of one claim together."""
    chosen = [one for one in products.analyses if one.method not in DESCRIPTIVE]
    groups: dict[str, list[Analysis]] = {}
    for one in sorted(chosen, key=lambda one: _place(one, products)):
        groups.setdefault(_group(one), []).append(one)
    if not any(one.settings.get("claim") for one in chosen):
        flat = tuple(write_analysis(one, products) for one in chosen)
        return Section("analyses", "Analyses", (), flat)
    said = {line["claim"]: line["sentence"] for line in products.ledger}
    sections: list[Section] = []
    for name, members in groups.items():
        place = re.sub(r"[^a-z0-9]+", "-", f"group {name}".lower())
        title = f"{name}  {said[name].rstrip('.')}" if name in said else name
        parts = tuple(write_analysis(one, products) for one in members)
        sections.append(Section(place, title, (), parts))
    return Section("analyses", "Analyses", (), tuple(sections))


def _group(analysis: Analysis) -> str:
    return str(analysis.settings.get("claim") or GROUPS.get(analysis.method, BESIDE))


def _place(analysis: Analysis, products: Products) -> tuple[int, tuple[str, int, str], bool]:
    """Order groups: claims, what stands beside them, context, power; a headline comes first."""
    claim = str(analysis.settings.get("claim") or "")
    later = [BESIDE, *dict.fromkeys(GROUPS.values())]
    rank = 0 if claim else 1 + later.index(_group(analysis))
    return rank, claim_order(claim), not claim_of(analysis, products)


def write_analysis(analysis: Analysis, products: Products) -> Section:
    """Write one analysis; what a reader must know about it stands first."""
    blocks = tuple(write_blocks(analysis, products))
    return Section(name_section(analysis.name), analysis.question, blocks)


def name_section(analysis: str) -> str:
    """Name the place of an analysis in the document, apart from all other places."""
    return f"analysis-{analysis.replace('_', '-')}"


def write_blocks(analysis: Analysis, products: Products) -> Iterator[Block]:
    """Write the blocks of one analysis, or why there are none."""
    needs = [str(name) for name in analysis.fit.get("needs", ())]
    if needs:
        lacking = write_list([f"{label(name)} ({name})" for name in needs])
        yield Callout(UNTESTABLE, f"It lacks {lacking}.", "warning")
        return
    if reason := str(analysis.fit.get("reason") or ""):
        yield Callout(UNTESTABLE, sentence(capital(reason)), "warning")
        return
    yield from _warn(analysis)
    if analysis.method not in DESCRIPTIVE and (answer := _answer(analysis, products)):
        yield answer
    if analysis.svg.is_file():
        yield Picture(sentence(analysis.question), analysis.alt, analysis.svg, analysis.png)
    tables = {
        str(name): rows
        for name, rows in analysis.fit.get("tables", {}).items()
        if rows and name not in DRAWN and not (name == TOLD and analysis.settings.get("claim"))
    }
    folded: list[Paragraph | Table] = []
    for name, rows in tables.items():
        question = analysis.question
        said = question if name == analysis.method else f"{heading(name)}: {question}"
        table = lay_out(said, rows)
        if _is_table_one(analysis) or len(rows) <= MOST_SHOWN:
            yield table
        else:
            folded.append(table)
    threats = tuple(write_threats(analysis, products))
    yield from threats
    for block in _estimates(analysis, products.min_cell, bool(tables)):
        long = isinstance(block, Table) and len(block.rows) > MOST_SHOWN
        if isinstance(block, Table) and (threats or long):
            folded.append(block)
        else:
            yield block
    if analysis.diagnostics:
        folded.append(list_diagnostics(analysis))
    if text := " ".join(map(sentence, write_methods(analysis))):
        folded.append(Paragraph(text, opening="Methods."))
    if folded:
        yield Folded(_name_folded(folded), tuple(folded))


def _name_folded(blocks: Sequence[Paragraph | Table]) -> str:
    """Name what is folded: "All estimates, diagnostics and methods"."""
    kinds = [b.caption.partition(":")[0].lower() for b in blocks if isinstance(b, Table)]
    kinds += ["methods"] * any(isinstance(b, Paragraph) for b in blocks)
    known = [kind for kind in kinds if kind in ("estimates", "diagnostics", "methods")]
    more = ["further tables"] if len(known) < len(kinds) else []
    return capital(write_list([*more, *known]))


def _estimates(analysis: Analysis, least: int, beside: bool) -> Iterator[Block]:
    """Set the estimates, unless the tables of a descriptive method have said them already."""
    many = len(analysis.estimates)
    if (
        analysis.method in DESCRIPTIVE
        and beside
        and (many > MOST_BESIDE or _is_table_one(analysis))
    ):
        yield Paragraph(f"All {many} estimates are in estimates/{analysis.name}.csv.", "note")
    elif many:
        yield list_estimates(analysis, least)


def _is_table_one(analysis: Analysis) -> bool:
    return analysis.method == "table_one"


def _warn(analysis: Analysis) -> Iterator[Block]:
    """Put first what limits the answer: failed diagnostics, and advice that was not followed."""
    flagged = [line for line in analysis.diagnostics if is_ok(line) is False]
    by_meaning: dict[str, list[str]] = {}
    for line in flagged:
        name = f"{relabel(line['name'])} ({shorten(line['value'])})"
        by_meaning.setdefault(relabel(line["meaning"]), []).append(name)
    said: list[str] = []
    for meaning, names in by_meaning.items():
        more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
        listed = write_list([*_drop_repeats(names[:MOST_NAMES]), *more])
        said.append(sentence(capital(f"{listed}: {meaning}")))
    if said:
        count = len(flagged)
        title = f"{count} diagnostics need attention" if count > 1 else (
            "One diagnostic needs attention"
        )  # fmt: skip
        text, items = (said[0], ()) if len(said) == 1 else ("", tuple(said))
        yield Callout(title, text, "warning", items)
    if reason := analysis.settings.get("override_reason"):
        yield Callout("The causal graph's advice is overridden", sentence(str(reason)), "note")


def _drop_repeats(names: Sequence[str]) -> list[str]:
    """Say once how all names begin: "imbalance of age (0.3)", "sex (0.4)"."""
    words = [name.split(" ") for name in names]
    same = 0
    while len(names) > 1 and all(w[same : same + 1] == words[0][same : same + 1] for w in words):
        same += 1
        if any(len(w) <= same + 1 for w in words):
            break
    return [" ".join(w if index == 0 else w[same:]) for index, w in enumerate(words)]


def _answer(analysis: Analysis, products: Products) -> Paragraph | None:
    """Give the answer in a sentence: the ledger's words, else the headline estimate."""
    for line in products.ledger:
        if line.get("analysis") == analysis.name and line.get("wording"):
            opening = f"{line['claim']}: {line['verdict']}."
            return Paragraph(sentence(line["wording"]), "lead", opening)
    if not analysis.estimates:
        return None
    first = analysis.estimates[0]
    named = capital(first.get("estimand") or "estimate")
    unit = f" {unit_of(first)}" if unit_of(first) else ""
    contrast = f", {first['contrast']}" if first.get("contrast") else ""
    said = f"{named}{contrast}: {interval_of(first)}{unit} ({level_of(first)} interval)."
    return Paragraph(said, "lead")


def write_methods(analysis: Analysis) -> list[str]:
    """Return the sentences of one analysis: the method's own, then what the graph advised."""
    said = [capital(str(text)) for text in analysis.fit.get("sentences", ())]
    advice: Mapping[str, object] = analysis.plan.get("advice") or {}
    if advice.get("sufficient") is True:
        said.append("The covariates close every back-door path of the causal graph")
    if note := advice.get("note"):
        said.append(str(note))
    return said
