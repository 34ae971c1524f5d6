"""The notebooks run from their first cell to their last on what the pipeline left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("project")]
NAMES = ("01_cohort", "02_estimates")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_its_figures(project, root, name):
    page = project.home / "pages" / f"{name}.html"
    environment = {
        **os.environ,
        "PYTHONPATH": str(project.home / "src"),
        "GLUTEAL_PROCESSED": "data/processed/example",
        "GLUTEAL_PRODUCTS": "reports",
    }
    done = subprocess.run(
        [sys.executable, "-m", "gluteal", "notebook", str(root / "notebooks" / f"{name}.ipynb"),
         str(page)],
        cwd=project.home, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    text = page.read_text(encoding="utf-8")
    figures = re.findall(r'<img alt="([^"]*)" src="data:image/svg', text)
    assert len(figures) >= 2
    assert all(len(words) > 20 for words in figures)
    assert "Traceback" not in text
    assert "P00001" not in text  # no row of a person in a page that may be sent around
    if name == "02_estimates":
        assert "report −" in text or "report -" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_names_its_language_and_keeps_no_output(root, name):
    book = json.loads((root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert book["metadata"]["kernelspec"]["language"] == "python"
    for cell in book["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
