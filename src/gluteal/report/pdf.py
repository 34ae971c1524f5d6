"""Write the document as a tagged PDF, by Typst: fonts and template come with the package."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gluteal.report.document import Block, Document, Picture, Section, Table
from gluteal.report.supplement import move_folded

TEXT_MM, MOST_HEIGHT_MM = 170.0, 210.0
MM_PER_POINT = 25.4 / 72
SIZE = re.compile(r'<svg[^>]*?\bheight="([\d.]+)pt"[^>]*?\bwidth="([\d.]+)pt"|'
                  r'<svg[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"')  # fmt: skip
STANDARD = "ua-1"
"""Accessible PDF: the compiler refuses the file where a picture has no words."""


def write_pdf(document: Document, path: Path) -> None:
    """Compile the PDF; no clock and no font of this machine goes into it."""
    import typst

    document = move_folded(document)
    with TemporaryDirectory(prefix="gluteal-") as folder:
        home = Path(folder)
        template = files("gluteal").joinpath("report/template.typ").read_text(encoding="utf-8")
        (home / "report.typ").write_text(template, encoding="utf-8")
        content = {
            "title": document.title,
            "question": document.question,
            "warning": document.warning,
            "mark": document.mark,
            "sections": [_plain_section(section, home) for section in document.sections],
        }
        (home / "document.json").write_text(json.dumps(content), encoding="utf-8")
        made: Any = typst.compile(
            str(home / "report.typ"),
            format="pdf",
            root=folder,
            ignore_system_fonts=True,
            pdf_standards=[STANDARD],
        )
    path.write_bytes(made)


def _plain_section(section: Section, home: Path) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "blocks": [
            _plain_block(part, home)
            for block in section.blocks
            for part in (block.parts() if isinstance(block, Table) else (block,))
        ],
        "sections": [_plain_section(part, home) for part in section.sections],
    }


def _plain_block(block: Block, home: Path) -> dict[str, Any]:
    """Turn a block into what JSON knows; a figure is put beside the template."""
    if isinstance(block, Picture):
        text = block.svg.read_text(encoding="utf-8")
        (home / f"{block.name}.svg").write_text(text, encoding="utf-8")
        return {
            "kind": "Picture",
            "label": block.label,
            "caption": block.caption,
            "alt": block.alt or block.caption,
            "file": f"{block.name}.svg",
            "width_mm": fit_width(text),
        }
    plain = {"kind": type(block).__name__, **asdict(block)}
    if isinstance(block, Table):
        plain["shares"] = block.shares
    return plain


def fit_width(svg: str) -> float:
    """Find the width in millimetres at which a figure fits a page; never larger than drawn."""
    found = SIZE.search(svg)
    if not found:
        return TEXT_MM
    height, width = (float(found[1] or found[4]), float(found[2] or found[3]))
    width, height = width * MM_PER_POINT, height * MM_PER_POINT
    return round(width * min(1.0, TEXT_MM / width, MOST_HEIGHT_MM / height), 2)
