"""Write the report of a study from its products: html, docx and pdf."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the report (html, docx, pdf) from the products of a run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder of products and that of the derived tables."""
    parser.add_argument("--products", type=Path, required=True, help="folder of the products")
    parser.add_argument(
        "--processed", type=Path, help="folder of the derived tables: flow, exclusions, hashes"
    )


def run(args: argparse.Namespace) -> int:
    """Write the three files, each whole or not at all, and say where they lie."""
    from gluteal.cohort.files import replace_file, write_text
    from gluteal.report import build_document, read_products
    from gluteal.report.docx import write_docx
    from gluteal.report.html import write_html
    from gluteal.report.pdf import write_pdf

    document = build_document(read_products(args.products, args.processed))
    page, word, paper = (args.products / f"report.{form}" for form in ("html", "docx", "pdf"))
    write_text(page, write_html(document))
    with replace_file(word) as path:
        write_docx(document, path)
    with replace_file(paper) as path:
        write_pdf(document, path)
    print(f"report: {page}\n        {word}\n        {paper}")
    return 0
