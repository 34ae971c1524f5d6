"""The love plot draws the differences that Table 1 found."""

from __future__ import annotations

import pytest

from gluteal.figures import balance

ROWS = [
    {"variable": "age_years", "contrast": "b - a", "smd": -0.3},
    {"variable": "sex", "contrast": "b - a", "smd": 0.05},
    {"variable": "phq9", "contrast": "b - a", "smd": None},
    {"variable": "age_years", "contrast": "c - a", "smd": 0.01},
    {"variable": "sex", "contrast": "c - a", "smd": 0.6},
    {"variable": "phq9", "contrast": "c - a", "smd": float("nan")},
]


def test_each_contrast_draws_its_absolute_differences():
    figure = balance.draw({"smd": ROWS}, None, {})
    plot = figure.axes[0]
    drawn = {line.get_label(): line for line in plot.lines if line.get_marker() != "None"}
    assert set(drawn) == {"b against a", "c against a"}
    labels = [text.get_text() for text in plot.get_yticklabels()]
    assert labels == ["Sex", "Age", "PHQ-9"]  # the largest difference first, none last
    points = dict(zip(*[list(v) for v in drawn["b against a"].get_data()][::-1], strict=True))
    assert points == {0: 0.05, 1: 0.3}
    assert list(drawn["c against a"].get_xdata()) == [0.01, 0.6]
    assert 0.1 in [line.get_xdata()[0] for line in plot.lines]


def test_the_words_name_the_largest():
    text = balance.describe({"smd": ROWS}, None, {})
    assert "4 comparisons (b against a; c against a)" in text
    assert "2 are above 0.1" in text
    assert text.endswith("The largest: Sex 0.60, Age 0.30, Sex 0.050.")


@pytest.mark.parametrize("rows", [ROWS[:1], ROWS[2:3]])
def test_one_row_and_no_difference_are_drawn(rows, tmp_path):
    from gluteal.figures.style import save

    figure = balance.draw({"smd": rows}, None, {})
    paths = save(figure, tmp_path / "t1", balance.describe({"smd": rows}, None, {}))
    first = [path.read_bytes() for path in paths]
    again = save(balance.draw({"smd": rows}, None, {}), tmp_path / "t1", "alt")
    assert len(again) == 3
    assert first[1][:4] == b"\x89PNG"
