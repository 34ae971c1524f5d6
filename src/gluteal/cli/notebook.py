"""Run a notebook from its first cell to its last, and keep what it shows as one HTML page."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

HELP = "run a notebook in the project's folder and write it as one HTML page"
SECONDS = 600
SVG = re.compile(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"[^>]*>')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the notebook and the page to write."""
    parser.add_argument("notebook", type=Path, help="the notebook; it is read, never changed")
    parser.add_argument("page", type=Path, help="HTML file to write")


def run(args: argparse.Namespace) -> int:
    """Run all cells in a fresh kernel; write the page only if all of them ended well."""
    from gluteal.cohort.files import write_text
    from gluteal.errors import UserError

    notebook = read_notebook(args.notebook)
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from traitlets.config import Config

    client = NotebookClient(
        notebook,
        # A socket of the user's own, not a port that anybody on the machine may listen to.
        config=Config({"KernelManager": {"transport": "ipc"}}),
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(Path.cwd())}},
    )
    try:
        client.execute()
    except CellTimeoutError as error:
        raise UserError(f"{args.notebook}: a cell ran longer than {SECONDS} seconds") from error
    except CellExecutionError as error:
        index = next(i for i, cell in enumerate(notebook.cells, 1) if _failed(cell))
        said = f"{error.ename}: {error.evalue}"
        raise UserError(f"{args.notebook}: cell {index} failed: {said}") from error
    write_text(args.page, write_page(notebook, args.notebook.stem))
    print(f"notebook: {args.page}")
    return 0


def read_notebook(path: Path) -> Any:
    """Read a notebook.

    Raises
    ------
    UserError
        If the file does not exist or is no notebook.
    """
    import nbformat

    from gluteal.errors import Fault, UserError

    remedy = "Name a Jupyter notebook, such as notebooks/01_cohort.ipynb."
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        rule = f"cannot be read ({error.strerror})"
        raise UserError(Fault(str(path), rule, remedy)) from error
    except UnicodeDecodeError as error:
        raise UserError(Fault(str(path), "is not a notebook", remedy)) from error
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # whatever a broken file makes of the reader, it is the file's fault
        raise UserError(Fault(str(path), "is not a notebook", remedy)) from error
    return notebook


def _failed(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def write_page(notebook: Any, title: str) -> str:
    """Write a notebook that has run as a page that loads nothing from elsewhere."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()
    exporter.log.setLevel("ERROR")  # it misses the alternative text that is put in below
    # Its defaults are addresses of scripts; formulas stay as they are written.
    exporter.mathjax_url = exporter.require_js_url = exporter.jquery_url = ""
    exporter.widget_renderer_url = exporter.mermaid_js_url = ""
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
    # An empty address is still an address; the diagram script is for a cell kind we do not use.
    page = re.sub(r'<script src=""[^>]*>\s*</script>', "", page)
    page = SVG.sub(_with_words, page)
    return re.sub(r'<script type="module">.*?</script>', "", page, flags=re.DOTALL)


def _with_words(found: re.Match[str]) -> str:
    """Give a figure the description that stands in its file as its alternative text."""
    from base64 import b64decode
    from html import escape, unescape

    drawing = b64decode(found[1]).decode("utf-8")
    words = unescape(drawing.partition("<desc>")[2].partition("</desc>")[0])
    return f'<img alt="{escape(words)}" src="data:image/svg+xml;base64,{found[1]}">'
