from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from gluteal.figures import style

SVG = "{http://www.w3.org/2000/svg}"


def draw():
    figure, axes = style.figure("single", 60, rows=1, cols=2)
    for panel in axes.flat:
        panel.plot([0, 1, 2], [3, -1, 2], marker="o", label="a")
        panel.fill_between([0, 1, 2], [0, 0, 0], [1, 1, 1], alpha=0.3)
        panel.set_xlabel("Torque (Nm/kg)")
        panel.legend()
    style.letter(list(axes.flat))
    return figure


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    stem = tmp_path_factory.mktemp("style") / "one.two"
    return {path.suffix[1:]: path for path in style.save(draw(), stem, "a < b & c", "Title & all")}


def test_bytes_repeat(files, tmp_path):
    for path in style.save(draw(), tmp_path / "again", "a < b & c", "Title & all"):
        assert path.read_bytes() == files[path.suffix[1:]].read_bytes(), path.suffix


def test_stem_with_a_dot_is_kept(files):
    assert files["svg"].name == "one.two.svg"


def test_no_date_or_maker(files):
    for form in ("svg", "pdf"):
        content = files[form].read_bytes()
        assert b"atplotlib v" not in content
        assert b"CreationDate" not in content
        assert b"<dc:date>" not in content


def test_svg_carries_its_words_first(files):
    root = ET.fromstring(files["svg"].read_text(encoding="utf-8"))
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == "Title & all"
    assert root[1].text == "a < b & c"


def test_svg_needs_no_font(files):
    assert "<text" not in files["svg"].read_text(encoding="utf-8")


def test_png_is_flat_and_sharp(files):
    with Image.open(files["png"]) as picture:
        assert picture.mode == "RGB"
        assert round(picture.info["dpi"][0]) == 300
        assert abs(picture.size[0] - 85 / 25.4 * 300) < 2
        assert picture.text["Description"] == "a < b & c"


def test_pdf_has_no_type_3_font(files):
    content = files["pdf"].read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Type3" not in content


def test_axes_are_always_a_table():
    figure, axes = style.figure("double", 90, rows=2, cols=3)
    assert axes.shape == (2, 3)
    assert round(figure.get_figwidth() * 25.4) == 170
    assert round(figure.get_figheight() * 25.4) == 90


def test_pyplot_stays_out():
    import subprocess
    import sys

    code = (
        "from gluteal.figures import style; style.figure(); import sys;"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_lines_fit_the_width_that_they_are_given():
    text = "MMMM wide letters need more room than iiii narrow ones"
    lines = style.wrap_text(text, 25.0)
    assert len(lines) > 1 and " ".join(lines) == text
    assert all(style.measure(line) <= 25.0 for line in lines)


def test_codes_of_visits_and_units_become_words(tmp_path):
    figure, axes = style.figure("single", 40)
    axes[0, 0].set_xlabel("pain (0-10) at week04")
    axes[0, 0].set_xticks([0, 1], ["baseline", "week26"])
    style.save(figure, tmp_path / "plain", "pain at week04", "")
    assert axes[0, 0].get_xlabel() == "pain (0 to 10) at week 4"
    assert [tick.get_text() for tick in axes[0, 0].get_xticklabels()] == ["baseline", "week 26"]
    assert "<desc>pain at week 4</desc>" in (tmp_path / "plain.svg").read_text(encoding="utf-8")


def test_an_equation_is_not_broken():
    text = "one leg against the other (n = 236)"
    lines = style.wrap_text(text, style.measure(text) - 0.5)  # whatever the font of this machine
    assert lines == ["one leg against the other", "(n = 236)"]
