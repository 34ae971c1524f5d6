from __future__ import annotations

import nbformat
import pytest

from gluteal.cli.commands import run


def write(path, *sources: str):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    nbformat.write(book, path)
    return path


SVG = "from IPython.display import SVG\nSVG('<svg><desc>one &lt; two</desc></svg>')"


def test_a_notebook_runs_in_the_projects_folder_into_one_page(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("found by the notebook")
    source = "from pathlib import Path\nprint(Path('here.txt').read_text())"
    book = write(tmp_path / "a.ipynb", source, "40 + 2", SVG)
    before = book.read_bytes()
    assert run(["notebook", str(book), "pages/a.html"]) == 0
    page = (tmp_path / "pages" / "a.html").read_text()
    assert "found by the notebook" in page
    assert "<pre>42</pre>" in page
    assert 'alt="one &lt; two"' in page
    assert book.read_bytes() == before
    for loaded in ('src="http', "cdnjs", '<script src=""', "@import url(http"):
        assert loaded not in page
    assert "TCP" not in capfd.readouterr().err


def test_a_failing_cell_is_one_message_and_no_page(tmp_path, capsys):
    book = write(tmp_path / "a.ipynb", "x = 1", "raise ValueError('no such muscle')", "1")
    assert run(["notebook", str(book), str(tmp_path / "a.html")]) == 2
    assert "cell 2 failed: ValueError: no such muscle" in capsys.readouterr().err
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize("content", [None, b"", b"{}", b"text", b"\xff\xfe", b"[1]"])
def test_what_is_no_notebook_is_said(tmp_path, capsys, content):
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_bytes(content)
    assert run(["notebook", str(path), str(tmp_path / "a.html")]) == 2
    assert "a.ipynb: " in capsys.readouterr().err
    assert not (tmp_path / "a.html").exists()
