from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gluteal.cli.commands import run


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A small folder of products of its own; the report's tests know how to make one."""
    path = Path(__file__).parent.parent / "report" / "conftest.py"
    spec = importlib.util.spec_from_file_location("report_products", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = tmp_path_factory.mktemp("study")
    module.make_products(home / "reports", home / "processed")
    return home


def test_three_files_are_written_and_named(study, capsys):
    words = ["--products", str(study / "reports"), "--processed", str(study / "processed")]
    assert run(["report", *words]) == 0
    said = capsys.readouterr().out
    for form in ("html", "docx", "pdf"):
        path = study / "reports" / f"report.{form}"
        assert path.stat().st_size > 10_000
        assert str(path) in said
    assert not list((study / "reports").glob(".*"))


def test_missing_products_are_one_message(tmp_path, capsys):
    assert run(["report", "--products", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "study.json: no such file" in error
    assert "ledger.csv: no such file" in error
    assert not list(tmp_path.iterdir())
