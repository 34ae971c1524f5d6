import pandas as pd
import pytest

from gluteal.figures import agreement

ICC = [
    {"label": "Hip abduction", "model": "between trials, right side", "n": 40, "form": "ICC(A,1)",
     "estimate": 0.9, "low": 0.8, "high": 0.95},
    {"label": "Squeeze", "model": "between assessors, right side", "n": 31,
     "form": "kappa, quadratic weights", "estimate": 0.3, "low": -0.1, "high": 0.6},
]  # fmt: skip


def limit(index=0, n=40):
    row = {"panel": f"Measure {index}, between trials, right side", "pair": "trial 1 minus 2"}
    row |= {"unit": "Nm/kg", "n": n, "bias": 0.0, "bias_low": -0.1, "bias_high": 0.1}
    row |= {"lower": -1.0, "lower_low": -1.2, "lower_high": -0.9}
    return row | {"upper": 1.0, "upper_low": 0.9, "upper_high": 1.2}


POINTS = [{"panel": limit()["panel"], "mean": m, "difference": d} for m, d in ((1, 0.2), (2, -0.3))]
NONE = pd.DataFrame()


def test_the_intervals_drawn_are_those_of_the_panel():
    figure = agreement.draw({"icc": ICC, "limits": [], "pairs": []}, NONE, {})
    lines = [tuple(line.get_xdata()) for line in figure.axes[0].lines]
    assert (0.8, 0.95) in lines
    assert (-0.1, 0.6) in lines
    assert figure.axes[0].get_xlim()[0] == pytest.approx(-0.1)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[0] == "Hip abduction\nbetween trials, right side, n = 40"


def test_points_and_limits_are_drawn():
    figure = agreement.draw({"icc": ICC, "limits": [limit()], "pairs": POINTS}, NONE, {})
    panel = figure.axes[1]
    assert list(panel.lines[0].get_ydata()) == [0.2, -0.3]
    levels = {line.get_ydata()[0] for line in panel.lines[1:]}
    assert levels == {1.0, 0.0, -1.0}
    assert panel.get_ylabel() == "Difference (Nm/kg)"


def test_without_points_the_limits_stand_alone():
    figure = agreement.draw({"icc": ICC, "limits": [limit(n=8)], "pairs": []}, NONE, {})
    assert len(figure.axes[1].lines) == 3


def test_no_more_than_six_comparisons_are_drawn():
    many = [limit(k) for k in range(9)]
    figure = agreement.draw({"icc": ICC, "limits": many, "pairs": []}, NONE, {})
    assert len(figure.axes) == 1 + 6


def test_words_for_who_cannot_see_it():
    text = agreement.describe({"icc": ICC, "limits": [limit()]}, NONE, {})
    assert "Hip abduction, between trials, right side: ICC(A,1) 0.900 [0.800 to 0.950]" in text
    assert "limits of agreement −1.00 to 1.00 Nm/kg" in text
