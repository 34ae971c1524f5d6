"""What the docs show runs."""

import doctest
import importlib
import pkgutil
import re

import pytest

import gluteal
from gluteal.cli.commands import run

MODULES = [
    found.name
    for found in pkgutil.walk_packages(gluteal.__path__, "gluteal.")
    if not found.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_run(name):
    how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert not doctest.testmod(importlib.import_module(name), optionflags=how).failed


def test_the_mapping_of_the_guide_ingests_and_checks(root, tmp_path, monkeypatch, capsys):
    text = (root / "docs" / "how-to-map-csv.md").read_text(encoding="utf-8")
    table = re.search(r"^```\n(.*?)^```", text, re.M | re.S).group(1)
    mapping = re.search(r"^```yaml\n(.*?)^```", text, re.M | re.S).group(1)
    raw = tmp_path / "data" / "raw" / "clinic"
    raw.mkdir(parents=True)
    (raw / "strength.csv").write_text(table, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["ingest", "mapping.yaml", "package"]) == 0, capsys.readouterr().err
    assert run(["check", "package"]) == 0, capsys.readouterr().err
    assert "NA:pain" in (tmp_path / "package" / "measurements.csv").read_text()
