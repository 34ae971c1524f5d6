"""How far the measurements can be trusted: the check of the package, the audit, reliability."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluteal.notation import write_count, write_list, write_number
from gluteal.report.analyses import name_section, write_blocks
from gluteal.report.document import Block, Paragraph, Row, Section, Table
from gluteal.report.products import Products
from gluteal.report.words import capital, label, relabel, sentence

METHODS = ("data_audit", "test_reliability")
MOST_RULES = 20
WEEK = re.compile(r"week\d+")


def build_quality(products: Products) -> Section:
    """Write what the check found, then the audit and the reliability of the tests."""
    sections: list[Section] = []
    for analysis in products.analyses:
        if analysis.method in METHODS:
            blocks = tuple(write_blocks(analysis, products))
            sections.append(Section(name_section(analysis.name), analysis.question, blocks))
    return Section(
        "quality",
        "Quality of the measurements",
        (*_check(products), *_set_aside(products), *_imputed(products)),
        tuple(sections),
    )


def _check(products: Products) -> Iterator[Block]:
    """Say what the check of the package found; the values themselves stay beside the data."""
    found = products.check
    if not found:
        return
    rows = sum(found.get("rows", {}).values())
    queries = int(found.get("queries", 0))
    said = f"The cohort package of {rows:,} rows was checked before anything was computed: "
    said += "no errors, and " if not found.get("errors") else f"{found['errors']} errors, and "
    said += f"{queries:,} values for a person to look up." if queries else "nothing to look up."
    yield Paragraph(said)
    rules: list[Mapping[str, Any]] = found.get("by_rule") or []
    if rules and not _audited(products, "queries"):
        lines: list[Row] = []
        for one in rules[:MOST_RULES]:
            count = write_count(one["n"], products.min_cell)
            lines.append(Row((str(one["rule"]), f"{one['table']}: {one['column']}", count)))
        left = len(rules) - len(lines)
        yield Table(
            "Values to look up, by rule.",
            ("Rule", "Where", "Values"),
            tuple(lines),
            (f"{left} rarer rules are in check.json.",) if left else (),
            (False, False, True),
        )


def _set_aside(products: Products) -> Iterator[Block]:
    """List the values that were not used, by variable and reason."""
    if _audited(products, "set_aside"):
        return
    listed: list[Mapping[str, Any]] = products.derived.get("set_aside") or []
    rows: list[Row] = []
    for one in listed:
        count = write_count(float(one["n"]), products.min_cell)
        rows.append(Row((label(str(one["variable"])), str(one["reason"]), count)))
    if rows:
        yield Table(
            "Values that were recorded but not used.",
            ("Variable", "Reason", "Values"),
            tuple(rows),
            numeric=(False, False, True),
        )


def _imputed(products: Products) -> Iterator[Block]:
    """Say which missing values were imputed, from what and how the chains went."""
    account = products.imputed
    if not account:
        return
    if account.get("note"):
        yield Paragraph(str(account["note"]))
        return
    found = [one for one in account["variables"] if one["imputed"]]
    worst = (account.get("worst_r_hat") or {}).get("value")
    mixed = "all chains mixed" if account.get("converged") else "not all chains mixed well"
    said = f" (largest R-hat {write_number(worst)})" if worst else ""
    yield Paragraph(
        f"Missing values were imputed {account['m']} times in {account['cycles']} cycles of "
        f"chained equations, one row a person with all visits side by side; {mixed}{said}. Values "
        "of visits that a person missed were imputed too; what a visit or a group was not asked "
        "was not."
    )
    rows: list[Row] = []
    for name in dict.fromkeys(str(one["variable"]) for one in found):
        parts = [one for one in found if one["variable"] == name]
        cells = sum(int(one["imputed"]) for one in parts)
        every = cells + sum(int(one["observed"]) for one in parts)
        count = write_count(cells, products.min_cell)
        share = "" if count.startswith("<") else f"{100 * cells / every:.1f} %"
        methods = " and ".join(dict.fromkeys(str(one["method"]) for one in parts))
        visits = _visits([str(one["visit"]) for one in parts if one["visit"]])
        rows.append(Row((label(name), visits or "once", count, share, methods)))
    left: list[Mapping[str, Any]] = account.get("left_out") or []
    notes = [f"{label(str(one['variable']))}: not imputed, {one['reason']}." for one in left]
    notes += [
        sentence(capital(relabel(str(text)).replace("_", " ")))
        for text in account.get("warnings") or ()
    ]
    head = ("Variable", "Visits", "Values", "Share", "Method")
    numeric = (False, False, True, True, False)
    yield Table("What was imputed.", head, tuple(rows), tuple(notes), numeric)


def _visits(names: Sequence[str]) -> str:
    """List visits in few letters: "baseline; weeks 4, 8 and 12"."""
    weeks = [name[4:].lstrip("0") for name in names if WEEK.fullmatch(name)]
    others = [name for name in names if not WEEK.fullmatch(name)]
    if weeks:
        others.append(f"week{'s' if len(weeks) > 1 else ''} {write_list(weeks)}")
    return "; ".join(others)


def _audited(products: Products, table: str) -> bool:
    """Whether the audit of this study has a table that would say the same."""
    return any(analysis.fit.get("tables", {}).get(table) for analysis in products.analyses)
