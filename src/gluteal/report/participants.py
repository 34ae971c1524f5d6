"""Who took part: the flow, who was left out and why, and Table 1."""

from __future__ import annotations

from gluteal.notation import read_number, write_count, write_list
from gluteal.report.analyses import name_section, write_blocks
from gluteal.report.document import Block, Paragraph, Picture, Section
from gluteal.report.products import Products
from gluteal.report.words import sentence


def build_participants(products: Products) -> Section:
    """Write the flow and the descriptive tables."""
    blocks: list[Block] = []
    if definition := products.study.get("definition"):
        blocks.append(Paragraph(sentence(str(definition)), opening="Definition."))
    if products.flow:
        blocks.append(Paragraph(write_flow(products)))
    svg, png, alt = products.picture("flow")
    if svg.is_file():
        blocks.append(Picture("Flow of participants.", alt, svg, png))
    sections: list[Section] = []
    for analysis in products.analyses:
        if analysis.method == "table_one":
            has_table = any(analysis.fit.get("tables", {}).values())
            parts = tuple(write_blocks(analysis, products, estimates=not has_table))
            sections.append(Section(name_section(analysis.name), analysis.question, parts))
    return Section("participants", "Participants", tuple(blocks), tuple(sections))


def write_flow(products: Products) -> str:
    """Say in a sentence how many were there first and last, and why others were not."""
    counts = {
        line["stage"]: people
        for line in products.flow
        if (people := read_number(line.get("n_people"))) is not None
    }
    if not counts:
        return ""
    least = products.min_cell
    stages = [f"{write_count(n, least)} {stage}" for stage, n in counts.items()]
    return f"People at each stage: {write_list(stages)}."
