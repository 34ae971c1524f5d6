import numpy as np
import pandas as pd
import pytest

from gluteal.figures import roc

POINT = {
    "sensitivity": 0.7, "sensitivity_low": 0.6, "sensitivity_high": 0.8,
    "specificity": 0.9, "specificity_low": 0.85, "specificity_high": 0.95,
}  # fmt: skip
PANELS = {
    "curve": [{"false_positive": x, "sensitivity": y} for x, y in ((0, 0), (0.1, 0.7), (1, 1))],
    "band": [
        {"false_positive": x, "sensitivity": x, "low": x / 2, "high": (1 + x) / 2}
        for x in np.linspace(0, 1, 5)
    ],
    "point": [POINT],
    "predictive": [
        {"prevalence": p, "ppv": p, "ppv_low": p / 2, "ppv_high": p, "npv": 1 - p,
         "npv_low": 1 - p, "npv_high": 1.0}
        for p in (0.1, 0.5, 0.9)
    ],
}  # fmt: skip
AUC = pd.DataFrame([{"scale": "auc", "estimate": 0.8, "low": 0.7, "high": 0.9}])


def test_the_curve_and_the_point_are_drawn():
    left, right = roc.draw(PANELS, AUC, {}).axes
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in left.lines]
    assert ([0, 0.1, 1], [0, 0.7, 1]) in lines
    across, up = lines[-3], lines[-2]
    assert across[0] == pytest.approx([0.05, 0.15])
    assert up[1] == pytest.approx([0.6, 0.8])
    assert lines[-1][0] == pytest.approx([0.1])
    assert [list(line.get_ydata()) for line in right.lines] == [
        [0.1, 0.5, 0.9],
        [0.9, 0.5, 1 - 0.9],
    ]
    assert any("0.80 [0.70 to 0.90]" in text.get_text() for text in left.texts)


def test_words_for_who_cannot_see_it():
    text = roc.describe(PANELS, AUC, {})
    assert "area 0.80 [0.70 to 0.90]" in text
    assert "sensitivity 0.70 [0.60 to 0.80]" in text
    assert roc.describe(PANELS, AUC[AUC["scale"] == "none"], {}).startswith("ROC curve;")
