"""One section an analysis: question, answer, figure, tables, diagnostics, methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gluteal.notation import read_number, write_count, write_interval, write_list, write_p
from gluteal.report.document import Block, Callout, Paragraph, Picture, Row, Section, Table
from gluteal.report.products import Analysis, Line, Products
from gluteal.report.words import capital, heading, label, labels, sentence, unit_of

ELSEWHERE = ("table_one", "data_audit", "test_reliability")
"""Methods that have their place in participants or measurement quality."""
MOST_ROWS = 40


def build_analyses(products: Products) -> Section:
    """Write the sections of all analyses that answer a question about the body."""
    chosen = [one for one in products.analyses if one.method not in ELSEWHERE]
    return Section(
        "analyses",
        "Analyses",
        sections=tuple(write_analysis(one, products) for one in chosen),
    )


def write_analysis(analysis: Analysis, products: Products) -> Section:
    """Write one analysis; what a reader must know about it stands first."""
    return Section(
        name_section(analysis.name), analysis.question, tuple(write_blocks(analysis, products))
    )


def name_section(analysis: str) -> str:
    """Name the place of an analysis in the document, apart from all other places."""
    return f"analysis-{analysis.replace('_', '-')}"


def write_blocks(analysis: Analysis, products: Products, estimates: bool = True) -> Iterator[Block]:
    """Write the blocks of one analysis.

    Parameters
    ----------
    analysis : Analysis
        Its products.
    products : Products
        For the ledger and the smallest count shown.
    estimates : bool
        Whether to add the table of estimates, where the method's own tables may say it all.
    """
    needs = [str(name) for name in analysis.fit.get("needs", ())]
    if needs:
        lacking = write_list([f"{label(name)} ({name})" for name in needs])
        yield Callout("Not testable in this cohort", f"It lacks {lacking}.", "warning")
        return
    yield from _warn(analysis)
    if answer := _answer(analysis, products):
        yield answer
    if analysis.svg.is_file():
        yield Picture(sentence(analysis.question), analysis.alt, analysis.svg, analysis.png)
    for name, rows in analysis.fit.get("tables", {}).items():
        if rows:
            yield lay_out(heading(str(name)), rows)
    if estimates and analysis.estimates:
        yield list_estimates(analysis, products.min_cell)
    if analysis.diagnostics:
        yield list_diagnostics(analysis)
    if text := " ".join(map(sentence, write_methods(analysis))):
        yield Paragraph(text, opening="Methods.")


def _warn(analysis: Analysis) -> Iterator[Block]:
    """Put first what limits the answer: failed diagnostics, and advice that was not followed."""
    flagged = [line for line in analysis.diagnostics if _ok(line) is False]
    if flagged:
        parts = [
            capital(f"{line['name']} ({_short(line['value'])}): {line['meaning']}")
            for line in flagged
        ]
        title = "One diagnostic needs attention" if len(parts) == 1 else (
            f"{len(parts)} diagnostics need attention"
        )  # fmt: skip
        yield Callout(title, " ".join(map(sentence, parts)), "warning")
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
    return Paragraph(f"{named}: {_interval(first)}{unit}, {_level(first)} interval.", "lead")


def _ok(line: Line) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(line["ok"].strip().lower())


def _interval(line: Line) -> str:
    if line.get("converged", "").lower() == "false":
        return "did not converge"
    return write_interval(*(read_number(line.get(key)) for key in ("estimate", "low", "high")))


def _level(line: Line) -> str:
    return f"{100 * (read_number(line.get('level')) or 0.95):g}%"


def lay_out(caption: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """Set a display table of a fit: its keys are the titles of the columns."""
    head = list(dict.fromkeys(str(key) for row in rows for key in row))
    cells = [tuple(_cell(row.get(key)) for key in head) for row in rows]
    numeric = tuple(
        index > 0 and all(_is_numeric(row[index]) for row in cells) for index in range(len(head))
    )
    return Table(caption, tuple(head), tuple(map(Row, cells)), numeric=numeric)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        number = f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
        return number.replace("-", "\N{MINUS SIGN}")
    return str(value)


def _is_numeric(cell: str) -> bool:
    return not cell or cell[0] in "0123456789\N{MINUS SIGN}-–<>."


def _row_name(line: Line) -> str:
    words = [line.get("model", ""), line.get("contrast") or line.get("term", "")]
    return capital(": ".join(word for word in dict.fromkeys(words) if word)) or "Estimate"


def _group(line: Line) -> str:
    parts = [capital(line.get("role", "")), label(line["outcome"]) if line.get("outcome") else ""]
    what = line.get("estimand") or line.get("scale") or ""
    unit = f" ({unit_of(line)})" if unit_of(line) else ""
    return " · ".join(part for part in (*parts, f"{what}{unit}") if part)


def list_estimates(analysis: Analysis, least: int) -> Table:
    """Set the estimates: interval first, p last, with the numbers of people behind each."""
    rows: list[Row] = []
    group = ""
    for line in analysis.estimates[:MOST_ROWS]:
        if (here := _group(line)) != group:
            rows.append(Row((group := here,), group=True))
        counts = (write_count(read_number(line.get(k)), least) for k in ("n_people", "n_obs"))
        p = write_p(read_number(line.get("p")))
        rows.append(Row((_row_name(line), _interval(line), *counts, p)))
    level = _level(analysis.estimates[0])
    return Table(
        f"Estimates: {analysis.question}",
        ("Model", f"Estimate [{level} CI]", "People", "Observations", "p"),
        tuple(rows),
        tuple(_estimate_notes(analysis)),
        (False, True, True, True, True),
    )


def _estimate_notes(analysis: Analysis) -> Iterator[str]:
    """Say below the table what each model was adjusted for, and what went wrong."""
    by_set: dict[str, list[str]] = {}
    for line in analysis.estimates:
        names = [name.strip() for name in (line.get("adjusted_for") or "").split(";")]
        text = write_list([_inner(one) for one in labels([n for n in names if n])])
        by_set.setdefault(text, []).append(line.get("model") or "all models")
    for text, models in by_set.items():
        who = write_list(list(dict.fromkeys(models)))
        if text:
            yield f"Adjusted for {text}" + (f" ({who})." if len(by_set) > 1 else ".")
        elif len(by_set) > 1:
            yield f"Not adjusted: {who}."
    for line in analysis.estimates:
        if line.get("warnings"):
            yield sentence(f"{_row_name(line)}: {line['warnings']}")
    if (left := len(analysis.estimates) - MOST_ROWS) > 0:
        yield f"{left} further estimates are in estimates/{analysis.name}.csv."


def _inner(text: str) -> str:
    """Begin a label in small letters where it is no abbreviation."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first[1:].islower() else text


def list_diagnostics(analysis: Analysis) -> Table:
    """Set the diagnostics, those that failed first."""
    order = {False: 0, True: 1, None: 2}
    words = {False: "needs attention", True: "fine", None: "–"}
    rows: list[Row] = []
    for line in sorted(analysis.diagnostics, key=lambda line: order[_ok(line)]):
        value = _short(line["value"])
        mark = words[_ok(line)]
        rows.append(Row((line["name"], mark, value, line["threshold"], line["meaning"])))
    head = ("Diagnostic", "Result", "Value", "Threshold", "Meaning")
    caption = f"Diagnostics: {analysis.question}"
    return Table(caption, head, tuple(rows), numeric=(False, False, True, False, False))


def _short(value: str) -> str:
    number = read_number(value)
    return value if number is None else _cell(number if "." in value else int(number))


def write_methods(analysis: Analysis) -> list[str]:
    """Return the sentences of one analysis: the method's own, then what the graph advised."""
    said = [str(text) for text in analysis.fit.get("sentences", ())]
    advice: Mapping[str, object] = analysis.plan.get("advice") or {}
    if advice.get("sufficient") is True:
        said.append("The covariates close every back-door path of the causal graph")
    if note := advice.get("note"):
        said.append(str(note))
    return said
