"""Where every number comes from, how to make it again, and what it must not be used for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gluteal.constants import MEANING, Constant, constants
from gluteal.report.document import (
    Block,
    Bullets,
    Callout,
    Facts,
    Folded,
    Paragraph,
    Row,
    Section,
    Table,
)
from gluteal.report.products import Products
from gluteal.report.tables import write_cell
from gluteal.report.words import heading

HOME = Path(__file__).parent.parent
DISCLAIMER = (
    "This report is for research. It is not clinical advice, and nothing in it should decide about "
    "a single person."
)
NAMES = {
    "n_analysed": "People analysed",
    "n_participants": "People in the package",
    "package_sha256": "SHA-256 of the package",
    "synthetic": "Simulated",
}
"""What facts about the derived tables are called here."""
CALLED = re.compile(r"\bconstant\(\s*[\"'](\w+)[\"']")
LIMITS = {
    "cross_sectional": "Measured at one time: an association does not say what came first.",
    "case_control": (
        "Cases and controls were compared at one time: an association does not say what came first."
    ),
    "cohort": "Who came first is known; what else differed between people is known only in part.",
    "repeated_measures": "Within-person changes are free of what never changes in a person, not of "
    "what changes along.",
    "programme": "Without a randomised comparison a change during the programme is not an effect.",
}


def build_provenance(products: Products) -> Section:
    """Write data, plans, seeds, versions, constants, limits and the way to repeat it all."""
    return Section(
        "provenance",
        "Provenance and limits",
        (Callout("Research use only", DISCLAIMER, "note"),),
        (
            Section("limits", "Limits", (Bullets(tuple(list_limits(products))),)),
            Section("constants", "Published constants", tuple(_list_constants(products))),
            Section("fingerprints", "Data, plans and code", tuple(_list_prints(products))),
            Section("repeat", "How to repeat this", tuple(_repeat(products))),
        ),
    )


def list_limits(products: Products) -> Iterator[str]:
    """List what limits every reading of this report."""
    if products.synthetic:
        yield "The people of this cohort are simulated. Nothing here is evidence about real people."
    if text := LIMITS.get(str(products.study.get("design", ""))):
        yield text
    yield (
        "Adjustment removes the confounding that the causal graph names and that was measured; "
        "what the graph leaves out stays in."
    )
    untested = sum(line["verdict"] == "not testable" for line in products.ledger)
    if untested:
        yield f"{untested} of {len(products.ledger)} claims cannot be tested with this cohort."
    failed = sum(
        line["ok"].strip().lower() in ("false", "0")
        for analysis in products.analyses
        for line in analysis.diagnostics
    )
    if failed:
        yield f"{failed} diagnostics need attention; they stand first in their analyses."
    yield f"Counts of people under {products.min_cell} are shown as <{products.min_cell}."


def find_constants(products: Products) -> list[Constant]:
    """Find the constants that the code of these analyses, or their settings, call by name."""
    known = constants()
    methods = {analysis.method for analysis in products.analyses}
    files = [HOME / "analyses" / f"{method}.py" for method in sorted(methods)]
    for folder in ("measures", "cohort"):
        files += sorted((HOME / folder).glob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    called = {name for text in texts for name in CALLED.findall(text)}
    said = str(products.study) + "".join(str(one.fit.get("sentences")) for one in products.analyses)
    called |= set(re.findall(r"\w+", said)) & set(known)
    return [constant for name, constant in known.items() if name in called]


def _list_constants(products: Products) -> Iterator[Block]:
    found = find_constants(products)
    if not found:
        yield Paragraph("No published constant was used.")
        return
    rows: list[Row] = []
    for one in found:
        value = f"{one.value:g} {one.unit}".replace("-", "\N{MINUS SIGN}").strip()
        mark = MEANING[one.mark] if one.mark != "M" else "unverified: from memory"
        rows.append(Row((one.meaning, value, one.source, mark)))
    unsure = sum(not one.verified and one.mark == "M" for one in found)
    note = f"{unsure} of these are unverified; look them up before you rely on them."
    yield Table(
        "Constants that these analyses use.",
        ("Constant", "Value", "Source", "Verified"),
        tuple(rows),
        (note,) if unsure else (),
        (False, True, False, False),
    )


def _list_prints(products: Products) -> Iterator[Block]:
    facts = [
        (NAMES.get(name, heading(name)), write_cell(value))
        for name, value in products.derived.items()
        if isinstance(value, str | int | bool) and str(value)
    ]
    if facts:
        yield Facts(tuple(facts))
    rows: list[Row] = []
    for analysis in products.analyses:
        first = analysis.estimates[0] if analysis.estimates else {}
        prints = (str(analysis.plan.get(key, "")) for key in ("code", "lock"))
        seed = str(analysis.settings.get("seed", ""))
        rows.append(Row((analysis.name, analysis.method, *prints, first.get("data_sha", ""), seed)))
    table = Table(
        "Fingerprints: an analysis is repeated when one of them changes.",
        ("Analysis", "Method", "Code", "Libraries", "Data", "Seed"),
        tuple(rows),
        numeric=(False,) * 5 + (True,),
    )
    yield Folded("Fingerprints of every analysis", (table,))


def _repeat(products: Products) -> Iterator[Block]:
    versions = products.study.get("versions") or {}
    version = f" {versions['gluteal']}" if "gluteal" in versions else ""
    yield Paragraph(
        f"Check gluteal{version} out, install requirements.lock with --require-hashes, and run "
        "snakemake. The same data, settings and versions give the same bytes of every table and "
        "figure; plans/, fits/ and estimates/ beside this report hold every setting and number."
    )
