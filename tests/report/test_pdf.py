from __future__ import annotations

import shutil
import subprocess

import pytest

from gluteal.report.pdf import fit_width, write_pdf


@pytest.fixture(scope="module")
def path(document, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    write_pdf(document, path)
    return path


def test_it_is_a_tagged_pdf_with_title_and_language(path):
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    for mark in (b"/StructTreeRoot", b"/Lang", b"pdfuaid"):
        assert mark in content, mark


def test_no_clock_goes_into_it(document, path, tmp_path):
    write_pdf(document, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == path.read_bytes()
    assert b"/CreationDate" not in path.read_bytes()


def test_its_text_can_be_read(path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    for words in ("What this cohort says", "Table 1.", "−0.083 [−0.121 to −0.052]", "<random part>",
                  "Synthetic data", "not clinical advice"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("width", "height", "fitted"),
    [(481.89, 200.0, 170.0), (240.94, 100.0, 85.0), (481.89, 1190.55, 85.0), (963.78, 100, 170.0)],
)
def test_figures_fit_the_page_and_never_grow(width, height, fitted):
    assert fit_width(f'<svg height="{height}pt" width="{width}pt">') == pytest.approx(
        fitted, abs=0.1
    )
    assert fit_width(f'<svg width="{width}pt" height="{height}pt">') == pytest.approx(
        fitted, abs=0.1
    )


def test_a_figure_without_size_takes_the_width_of_the_text():
    assert fit_width("<svg>") == 170.0
