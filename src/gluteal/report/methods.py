"""The Methods of the report: each sentence once, the software, the sources."""

from __future__ import annotations

import re

from gluteal.notation import write_list
from gluteal.report.analyses import write_methods
from gluteal.report.document import Block, Bullets, Paragraph, Section
from gluteal.report.products import Products
from gluteal.report.words import DESIGNS, sentence

DOI = re.compile(r"\b10\.\d{4,9}/[^\s;,\]]+")
SOFTWARE = {
    "gluteal": "gluteal",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "pandas": "pandas",
    "statsmodels": "statsmodels",
    "pingouin": "Pingouin",
    "matplotlib": "Matplotlib",
    "snakemake": "Snakemake",
}
VERDICTS = (
    "Each claim was compared with its smallest effect of interest, fixed before the analysis. A "
    "claim is supported where the whole interval lies beyond that effect as claimed, negligible "
    "where the whole interval is smaller, contradicted where the whole interval lies on the other "
    "side of zero, and inconclusive otherwise. P values of primary analyses are adjusted by Holm's "
    "method, those of other analyses for the false discovery rate."
)


def build_methods(products: Products) -> Section:
    """Write design, statistics without repetition, software, and the sources that are cited."""
    design = DESIGNS.get(str(products.study.get("design", "")), "")
    blocks: list[Block] = [Paragraph(sentence(design), opening="Design.")] if design else []
    blocks += [Paragraph(text, opening=question) for question, text in gather(products).items()]
    if products.ledger:
        blocks.append(Paragraph(VERDICTS, opening="Verdicts."))
    if versions := products.study.get("versions"):
        named = [f"{SOFTWARE.get(name, name)} {version}" for name, version in versions.items()]
        blocks.append(Paragraph(f"{write_list(named)}.", opening="Software."))
    sections: tuple[Section, ...] = ()
    if sources := cite(products):
        sections = (Section("sources", "Sources", (Bullets(tuple(sources)),)),)
    return Section("methods", "Methods", tuple(blocks), sections)


def gather(products: Products) -> dict[str, str]:
    """Return the methods by question, every sentence once."""
    said: set[str] = set()
    gathered: dict[str, str] = {}
    for analysis in products.analyses:
        texts = dict.fromkeys(sentence(text) for text in write_methods(analysis))
        new = [text for text in texts if text not in said]
        said.update(new)
        if new:
            gathered[analysis.question] = " ".join(new)
    return gathered


def cite(products: Products) -> list[str]:
    """List the sources that the methods sentences name by DOI."""
    found = (_trim(doi) for text in gather(products).values() for doi in DOI.findall(text))
    return [f"doi:{doi}" for doi in dict.fromkeys(found)]


def _trim(doi: str) -> str:
    """Cut what belongs to the sentence: a full stop, or a bracket that the DOI did not open."""
    doi = doi.rstrip(".:")
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".:")
    return doi
