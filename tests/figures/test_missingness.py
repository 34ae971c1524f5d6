"""The heat map draws the shares that the audit counted."""

from __future__ import annotations

import numpy as np
import pytest

from gluteal.figures import missingness


def cell(variable: str, visit: str, place: int, share: float, few: bool = False):
    row = {"variable": variable, "label": variable.upper(), "visit": visit, "place": place}
    return {**row, "share": share, "few": few}


ROWS = [
    cell("pain", "week04", 1, 0.5),
    cell("age", "baseline", 0, 0.0),
    cell("pain", "baseline", 0, 0.01, few=True),
    cell("tilt", "baseline", 0, 0.12),
]


def test_the_cells_hold_the_shares():
    figure = missingness.draw({"missing": ROWS}, None, {})
    plot = figure.axes[0]
    drawn = np.ma.filled(plot.collections[0].get_array().astype(float), np.nan)
    np.testing.assert_array_equal(drawn, [[0.01, 0.5], [0.12, np.nan]])
    assert [t.get_text() for t in plot.get_yticklabels()] == ["PAIN", "TILT"]
    assert [t.get_text() for t in plot.get_xticklabels()] == ["baseline", "week04"]
    assert {t.get_text() for t in plot.texts} == {"<1.0", "50", "12"}
    assert "1 further variables" in plot.get_xlabel()


def test_the_words():
    text = missingness.describe({"missing": ROWS}, None, {})
    assert "2 of 3 variables have gaps" in text
    assert "PAIN at week04, 50 %" in text


def test_nothing_missing_is_said():
    rows = [cell("age", "baseline", 0, 0.0)]
    assert (
        "Nothing is missing"
        in missingness.draw({"missing": rows}, None, {}).axes[0].texts[0].get_text()
    )
    assert "nothing is missing in 1 variables" in missingness.describe({"missing": rows}, None, {})


@pytest.mark.parametrize("n", [5, 60])
def test_too_many_rows_leave_the_fullest_out(n):
    rows = [cell(f"v{i}", "baseline", 0, (i + 1) / 100) for i in range(n)]
    names, others = missingness.choose_rows(rows)
    assert len(names) == min(n, missingness.MOST)
    assert others == n - len(names)
    assert names[-1] == f"v{n - 1}"
    assert missingness.draw({"missing": rows}, None, {}).get_figheight() * 25.4 <= 220


def test_the_files_are_the_same_on_every_run(tmp_path):
    from gluteal.figures.style import save

    once = [
        p.read_bytes()
        for p in save(missingness.draw({"missing": ROWS}, None, {}), tmp_path / "m", "alt")
    ]
    again = [
        p.read_bytes()
        for p in save(missingness.draw({"missing": ROWS}, None, {}), tmp_path / "m", "alt")
    ]
    assert once == again
