from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.estimates import COLUMNS
from gluteal.figures import contour

GRID = np.linspace(0, 0.4, 11)
PANELS = {
    "contour": [{"x": x, "y": y, "z": -1 + 4 * (x * y) ** 0.5} for y in GRID for x in GRID],
    "own": [{"estimate": -1.0, "rv": 0.25}],
    "points": [
        {"x": 0.02 * k, "y": 0.03 * k, "times": k, "label": "PHQ-9", "estimate": -0.9}
        for k in (1.0, 2.0, 3.0)
    ],
    "scale": [{"ratio": False, "unit": "deg", "name": "mean difference", "contrast": "per SD"}],
}
TIPPING = {
    "tipping": [{"delta": d, "estimate": d - 1, "low": d - 2, "high": d} for d in (-2.0, 0.0, 2.0)],
    "tips": [{"estimate_at": 1.0, "interval_at": None, "unit": "deg", "where": "per SD more"}],
}
ROW = pd.DataFrame(
    [{"model": "adjusted", "estimate": 0.7, "low": 0.5, "high": 0.9, "scale": "ratio",
      "estimand": "odds ratio", "outcome": "lbp"}],
    columns=list(COLUMNS),
)  # fmt: skip


def test_the_line_of_no_effect_runs_where_the_robustness_value_says():
    plot = contour.draw(PANELS, ROW, {}).axes[0]
    none = plot.collections[1]
    (path,) = none.get_paths()
    on = path.vertices[np.argmin(np.abs(path.vertices[:, 0] - path.vertices[:, 1]))]
    assert on == pytest.approx([0.25, 0.25], abs=0.02)


def test_benchmarks_stand_at_their_strength():
    plot = contour.draw(PANELS, ROW, {}).axes[0]
    (line,) = [one for one in plot.lines if len(one.get_xdata()) == 3]
    assert list(line.get_xdata()) == pytest.approx([0.02, 0.04, 0.06])
    assert line.get_label() == "1, 2, 3 × PHQ-9"


def test_missing_outcomes_get_a_panel_of_their_own():
    made = contour.draw({**PANELS, **TIPPING}, ROW, {})
    assert len(made.axes) == 2
    points = [one for one in made.axes[1].lines if one.get_marker() == "D"]
    assert list(points[0].get_xdata()) == [1.0]


def test_without_both_the_estimates_are_a_forest():
    assert "Forest plot" in contour.describe({}, ROW, {})
    assert contour.draw({}, ROW, {}).axes[0].get_xscale() == "log"


def test_words_tell_robustness_and_tipping():
    text = contour.describe({**PANELS, **TIPPING}, ROW, {})
    assert "25.0 % of what is left" in text
    assert "3 × PHQ-9: −0.900" in text
    assert "the estimate tips at a shift of 1.00 deg, the interval does not tip" in text
