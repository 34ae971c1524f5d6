"""The front: what this cohort says, claim by claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gluteal.notation import read_number, write_interval, write_list, write_number, write_p
from gluteal.report.analyses import name_section
from gluteal.report.document import (
    Block,
    Facts,
    Paragraph,
    Picture,
    Row,
    Said,
    Section,
    Table,
    Verdicts,
)
from gluteal.report.products import Line, Products
from gluteal.report.words import capital, name_sources, sentence, unit_of

UNTESTED = "not testable"
THREATS = (
    "one effect, one row per threat",
    "beside each headline its estimate again, under each thing that could be wrong with it; what "
    "these data cannot answer is listed with the reason",
)
ORDER = ("supported", "contradicted", "negligible", "inconclusive")
MEANING = (
    ("supported", "the whole interval lies beyond the smallest effect of interest, as claimed"),
    ("contradicted", "the whole interval lies on the other side of zero"),
    ("negligible", "the whole interval is smaller than the smallest effect of interest"),
    ("inconclusive", "anything else: this cohort cannot tell"),
)


def build_front(products: Products) -> Section:
    """Write the verdicts, the forest of all claims, and what cannot be tested."""
    tested = [line for line in products.ledger if line["verdict"] != UNTESTED]
    blocks: list[Block] = [Paragraph(summarise(products.ledger), "lead")]
    svg, png, alt = products.picture("claims")
    if svg.is_file():
        caption = (
            "All claims on one axis: estimate and interval in multiples of the smallest effect of "
            "interest, in the claimed direction."
        )
        blocks.append(Picture(caption, alt, svg, png))
    if tested:
        names = {analysis.name for analysis in products.analyses}
        blocks.append(Verdicts(tuple(_said(line, names) for line in tested)))
    sections: list[Section] = []
    if grouped := group_reasons(products.ledger):
        title = "Not testable in this cohort"
        sections.append(Section("not-testable", title, (Facts(tuple(grouped)),)))
    if tested:
        sections.append(Section("verdicts", "How to read a verdict", (Facts((*MEANING, THREATS)),)))
    return Section("findings", "What this cohort says", tuple(blocks), tuple(sections))


def summarise(ledger: Sequence[Line]) -> str:
    """Count the verdicts in one sentence."""
    counts = Counter(line["verdict"] for line in ledger)
    parts = [f"{counts[word]} {word}" for word in ORDER if counts[word]]
    rest = counts[UNTESTED]
    if not ledger:
        return "This study states no claims; its analyses are below."
    if not parts:
        return f"None of the {len(ledger)} claims can be tested with this cohort."
    said = f"Of {len(ledger)} claims, {len(ledger) - rest} could be tested: {write_list(parts)}."
    return said + (f" The other {rest} cannot be tested with this cohort." if rest else "")


def _said(line: Line, names: set[str]) -> Said:
    details: list[str] = []
    if people := read_number(line.get("n_people")):
        details.append(f"{write_number(people, decimals=0)} people.")
    if smallest := read_number(line.get("smallest_effect")):
        source = line.get("smallest_effect_source")
        ratio = line.get("scale") == "ratio"
        unit = f" {unit_of(line)}" if unit_of(line) and not ratio else ""
        text = f"Smallest effect of interest: {'a ratio of ' if ratio else ''}{smallest:g}{unit}"
        details.append(sentence(f"{text}, {name_sources(source)}" if source else text))
    if str(line.get("holds_after_adjustment", "")).lower() == "false":
        details.append("The verdict does not survive adjustment for multiple testing.")
    text = " ".join(details)
    wording = line.get("wording", "")
    place = name_section(line["analysis"]) if line.get("analysis") in names else ""
    return Said(line["claim"], line["sentence"], line["verdict"], wording, text.strip(), place)


def group_reasons(ledger: Sequence[Line]) -> list[tuple[str, str]]:
    """Gather the untestable claims by their reason: (claims, reason)."""
    found: dict[str, list[str]] = {}
    for line in ledger:
        if line["verdict"] == UNTESTED:
            reason = (line.get("reason") or UNTESTED).removeprefix(f"{UNTESTED}: ")
            found.setdefault(sentence(capital(reason)), []).append(line["claim"])
    return [(write_list(claims), reason) for reason, claims in found.items()]


def count_families(products: Products) -> str:
    """Say how p values were adjusted, over how many headlines, and how much was computed beside."""
    sizes = {line["family"]: line["family_size"] for line in products.ledger if line.get("family")}
    named = {"Holm": "Holm's method over {} primary headlines", "FDR": (
        "the false discovery rate over {} other headlines"
    )}  # fmt: skip
    parts = [text.format(sizes[name]) for name, text in named.items() if name in sizes]
    many = sum(len(one.estimates) for one in products.analyses)
    return (
        f"p adjusted: {write_list(parts) or 'no headline has a p value'}. "
        f"{write_number(many, decimals=0)} estimates were computed in "
        f"{len(products.analyses)} analyses; those beside the headlines are not adjusted."
    )


def build_ledger(products: Products) -> Section:
    """Write every claim with its numbers: the table behind the front page."""
    rows: list[Row] = []
    for line in products.ledger:
        numbers = [read_number(line.get(key)) for key in ("estimate", "low", "high")]
        unit = unit_of(line)
        estimate = write_interval(*numbers) + (
            f" {unit}" if unit and numbers[0] is not None else ""
        )
        smallest = read_number(line.get("smallest_effect"))
        p = (write_p(read_number(line.get(key))) for key in ("p", "p_adj"))
        cells = (estimate, "" if smallest is None else f"{smallest:g}", *p)
        if line["verdict"] == UNTESTED:
            cells = ("",) * len(cells)
        rows.append(Row((f"{line['claim']}  {line['sentence']}", line["verdict"], *cells)))
    table = Table(
        "The ledger: every claim, its headline estimate and its verdict.",
        ("Claim", "Verdict", "Estimate [CI]", "Smallest effect", "p", "p adjusted"),
        tuple(rows),
        (count_families(products),),
        (False, False, True, True, True, True),
    )
    return Section("ledger", "Ledger of claims", (table,) if rows else ())
