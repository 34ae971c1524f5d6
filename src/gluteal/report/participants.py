"""Who took part: the flow, who was left out and why, and Table 1."""

from __future__ import annotations

from gluteal.report.analyses import name_section, write_blocks
from gluteal.report.document import Block, Paragraph, Picture, Section
from gluteal.report.products import Products
from gluteal.report.words import sentence


def build_participants(products: Products) -> Section:
    """Write the flow and the descriptive tables."""
    blocks: list[Block] = []
    if definition := products.study.get("definition"):
        blocks.append(Paragraph(sentence(str(definition)), opening="Definition."))
    svg, png, alt = products.picture("flow")
    if svg.is_file():
        blocks.append(Picture("Flow of participants.", alt, svg, png))
    sections: list[Section] = []
    for analysis in products.analyses:
        if analysis.method == "table_one":
            parts = tuple(write_blocks(analysis, products))
            sections.append(Section(name_section(analysis.name), analysis.question, parts))
    return Section("participants", "Participants", tuple(blocks), tuple(sections))
