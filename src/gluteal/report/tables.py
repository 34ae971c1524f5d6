"""Tables of a fit: its display tables, its estimates, its diagnostics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gluteal.ledger.threats import PREFIX
from gluteal.notation import (
    HIDDEN,
    read_number,
    write_count,
    write_interval,
    write_label,
    write_list,
    write_p,
)
from gluteal.report.document import Row, Table
from gluteal.report.products import Analysis, Line
from gluteal.report.words import capital, label, labels, name_code, relabel, sentence, unit_of

MOST_ROWS, MOST_NAMES = 40, 3
ROLES = ("primary", "secondary", "sensitivity", "exploratory")
RESULTS = {False: "needs attention", True: "fine", None: "–"}


def is_ok(line: Line) -> bool | None:
    """Read whether a diagnostic is fine; None for a fact that is neither good nor bad."""
    return {"true": True, "false": False, "1": True, "0": False}.get(line["ok"].strip().lower())


def interval_of(line: Line) -> str:
    """Write the estimate of a line with its interval."""
    if line.get("converged", "").lower() == "false":
        return "did not converge"
    return write_interval(*(read_number(line.get(key)) for key in ("estimate", "low", "high")))


def level_of(line: Line) -> str:
    """Write the level of a line's interval."""
    return f"{100 * (read_number(line.get('level')) or 0.95):g}%"


def lay_out(caption: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """Set a display table of a fit: its keys are the titles of the columns."""
    head = list(dict.fromkeys(str(key) for row in rows for key in row))
    cells = [tuple(name_code(key, write_cell(row.get(key))) for key in head) for row in rows]
    numeric = tuple(
        index > 0 and all(_is_numeric(row[index]) for row in cells) for index in range(len(head))
    )
    return Table(caption, tuple(head), tuple(map(Row, cells)), numeric=numeric)


def write_cell(value: object) -> str:
    """Write a value of a display table; a text stays as its method wrote it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        number = f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
        return number.replace("-", "\N{MINUS SIGN}")
    return str(value)


def _is_numeric(cell: str) -> bool:
    return not cell or cell == HIDDEN or cell[0] in "0123456789\N{MINUS SIGN}-–<>."


def list_estimates(analysis: Analysis, least: int) -> Table:
    """Set the estimates: interval first, p last, with the numbers of people behind each.

    What is the same in all rows, or in most, is said once: the contrast in a note, observations and
    p nowhere if there is nothing to say.
    """
    lines = _by_role(analysis.estimates[:MOST_ROWS])
    contrast, times = Counter(line.get("contrast") or "" for line in lines).most_common(1)[0]
    contrast = contrast if times > 1 and 2 * times > len(lines) else ""
    all_same = times == len(lines)
    rows: list[Row] = []
    role = ""
    for line in lines:
        if line.get("role") and line["role"] != role:
            role = line["role"]
            rows.append(Row((capital(role),), group=True))
        counts = (write_count(read_number(line.get(k)), least) for k in ("n_people", "n_obs"))
        p = write_p(read_number(line.get("p")))
        name = _name_row(line, analysis.estimates[0], contrast)
        rows.append(Row((name, _name_estimand(line), interval_of(line), *counts, p)))
    head = ("Model", "Estimand", f"Estimate [{level_of(lines[0])} CI]", "People", "Rows", "p")
    kept = [0, 1, 2, 3]
    plain = [row.cells for row in rows if not row.group]
    kept += [4] * any(cells[4] != cells[3] for cells in plain)
    kept += [5] * any(cells[5] != "–" for cells in plain)
    unless = "" if all_same else ", where no other is named"
    notes = [f"Contrast: {contrast}{unless}."] if contrast else []
    return Table(
        f"Estimates: {analysis.question}",
        tuple(head[i] for i in kept),
        tuple(row if row.group else Row(tuple(row.cells[i] for i in kept)) for row in rows),
        (*notes, *_note_adjustment(analysis), *_note_trouble(analysis)),
        tuple(i > 1 for i in kept),
    )


def _by_role(lines: Sequence[Line]) -> list[Line]:
    """Put rows of one role together: the headline's first, then in the order of the roles."""
    order = list(dict.fromkeys([lines[0].get("role") or "", *ROLES]))
    last = len(order)
    return sorted(
        lines, key=lambda o: order.index(o.get("role") or "") if o.get("role") in order else last
    )


def _name_row(line: Line, headline: Line, contrast: str) -> str:
    words = [line.get("model") or ""]
    outcome = line.get("outcome") or ""
    if outcome and outcome != headline.get("outcome") and label(outcome) not in words[0]:
        words.append(label(outcome))
    said = line.get("contrast") or ""
    if not said and line.get("term") not in (line.get("exposure"), outcome):
        said = relabel(line.get("term") or "").replace("_", " ")
    if said != contrast:
        words.append(said)
    return capital(": ".join(word for word in dict.fromkeys(words) if word)) or "Estimate"


def _name_estimand(line: Line) -> str:
    what = line.get("estimand") or line.get("scale") or ""
    return capital(f"{what} ({unit_of(line)})" if unit_of(line) else what)


def _note_adjustment(analysis: Analysis) -> Iterator[str]:
    """Say what the headline was adjusted for, and which models were adjusted otherwise."""
    models: dict[str, list[str]] = {}
    for line in analysis.estimates:
        names = [name.strip() for name in (line.get("adjusted_for") or "").split(";")]
        text = write_list([write_label(one) for one in labels([name for name in names if name])])
        models.setdefault(text, []).append(line.get("model") or "estimates without a model")
    for index, (text, named) in enumerate(models.items()):
        if index == 0:
            others = ", unless said below" if len(models) > 1 else ""
            if text:
                yield f"Adjusted for {text}{others}."
            elif others:
                yield "Not adjusted, unless said below."
        else:
            who = write_list(list(dict.fromkeys(named)))
            yield f"Adjusted for {text}: {who}." if text else f"Not adjusted: {who}."


def _note_trouble(analysis: Analysis) -> Iterator[str]:
    lines = analysis.estimates[:MOST_ROWS]
    yield from tell_troubles([(_name_row(o, o, ""), o.get("warnings") or "") for o in lines])
    if (left := len(analysis.estimates) - MOST_ROWS) > 0:
        yield f"{left} further estimates are in estimates/{analysis.name}.csv."


def tell_troubles(said: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Tell each warning once, with the models that it is about: (model, warning)."""
    models: dict[str, list[str]] = {}
    for model, warning in said:
        if warning:
            models.setdefault(warning, []).append(model)
    for warning, named in models.items():
        who = list(dict.fromkeys(named))
        more = [f"{len(who) - MOST_NAMES} others"] if len(who) > MOST_NAMES + 1 else []
        shown = write_list([*(who[:MOST_NAMES] if more else who), *more])
        yield sentence(f"{shown}: {relabel(warning)}")


def list_diagnostics(analysis: Analysis) -> Table:
    """Set the diagnostics, those that failed first; threats have a table of their own."""
    order = {False: 0, True: 1, None: 2}
    rows: list[Row] = []
    lines = (line for line in analysis.diagnostics if not line["name"].startswith(PREFIX))
    for line in sorted(lines, key=lambda line: order[is_ok(line)]):
        name, meaning = capital(relabel(line["name"])), relabel(line["meaning"])
        result, value = RESULTS[is_ok(line)], shorten(line["value"])
        rows.append(Row((name, result, value, line["threshold"], meaning)))
    head = ("Diagnostic", "Result", "Value", "Threshold", "Meaning")
    caption = f"Diagnostics: {analysis.question}"
    return Table(caption, head, tuple(rows), numeric=(False, False, True, False, False))


def shorten(value: str) -> str:
    """Write the value of a diagnostic with no more digits than can be read."""
    number = read_number(value)
    if number is None:
        return value
    return write_cell(int(number) if number.is_integer() else float(f"{number:.3g}"))
