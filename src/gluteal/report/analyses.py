"""One section an analysis: question, answer, figure, tables, diagnostics, methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gluteal.notation import write_list
from gluteal.report.document import Block, Callout, Paragraph, Picture, Section
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
from gluteal.report.threats import write_threats
from gluteal.report.words import capital, heading, label, relabel, sentence, unit_of

DESCRIPTIVE = ("table_one", "data_audit", "test_reliability")
"""Methods that have their place in participants or measurement quality, and no one answer."""
DRAWN = ("flow",)
"""Display tables that the report draws instead."""
UNTESTABLE = "Not testable in this cohort"
MOST_NAMES, MOST_BESIDE = 4, 20


def build_analyses(products: Products) -> Section:
    """Write the sections of all analyses that answer a question about the body."""
    chosen = (one for one in products.analyses if one.method not in DESCRIPTIVE)
    return Section("analyses", "Analyses", (), tuple(write_analysis(o, products) for o in chosen))


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
        if rows and name not in DRAWN
    }
    for name, rows in tables.items():
        question = analysis.question
        said = question if name == analysis.method else f"{heading(name)}: {question}"
        yield lay_out(said, rows)
    yield from _estimates(analysis, products.min_cell, bool(tables))
    yield from write_threats(analysis, products)
    if analysis.diagnostics:
        yield list_diagnostics(analysis)
    if text := " ".join(map(sentence, write_methods(analysis))):
        yield Paragraph(text, opening="Methods.")


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
        said.append(sentence(capital(f"{'; '.join([*names[:MOST_NAMES], *more])}: {meaning}")))
    if said:
        count = len(flagged)
        title = f"{count} diagnostics need attention" if count > 1 else (
            "One diagnostic needs attention"
        )  # fmt: skip
        yield Callout(title, " ".join(said), "warning")
    if reason := analysis.settings.get("override_reason"):
        yield Callout("The causal graph's advice is overridden", sentence(str(reason)), "note")


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
    return Paragraph(f"{named}: {interval_of(first)}{unit} ({level_of(first)} interval).", "lead")


def write_methods(analysis: Analysis) -> list[str]:
    """Return the sentences of one analysis: the method's own, then what the graph advised."""
    said = [capital(str(text)) for text in analysis.fit.get("sentences", ())]
    advice: Mapping[str, object] = analysis.plan.get("advice") or {}
    if advice.get("sufficient") is True:
        said.append("The covariates close every back-door path of the causal graph")
    if note := advice.get("note"):
        said.append(str(note))
    return said
