import pandas as pd

from gluteal.figures import triggers

ROWS = [
    {"label": "all triggers, one slope", "group": "headline", "n": 300, "estimate": -0.5,
     "low": -0.8, "high": -0.2, "p_adj": None},
    {"label": "Pain on walking", "group": "trigger", "n": 290, "estimate": -0.4, "low": -0.8,
     "high": 0.0, "p_adj": 0.04},
    {"label": "people with low back pain only", "group": "other", "n": 12, "estimate": None,
     "low": None, "high": None, "p_adj": None},
]  # fmt: skip
ESTIMATES = pd.DataFrame(
    [{"estimate": -0.5, "low": -0.8, "high": -0.2, "scale": "difference", "unit": "0-10",
      "estimand": "mean difference", "contrast": "per SD more", "model": "x", "term": "y",
      "outcome": "agg_walk"}]
)  # fmt: skip


def test_what_is_drawn_is_the_data():
    (plot,) = triggers.draw({"rows": ROWS}, ESTIMATES, {}).axes
    drawn = [list(line.get_xdata()) for line in plot.lines]
    assert [-0.8, -0.2] in drawn
    assert [-0.4] in drawn
    assert "0-10" in plot.get_xlabel()


def test_it_is_described_in_words():
    text = triggers.describe({"rows": ROWS}, ESTIMATES, {})
    assert "Pain on walking (n\xa0=\xa0290, Holm's p = 0.040): −0.40 [−0.80 to 0.00]" in text
    assert "did not converge" in text


def test_without_rows_the_estimates_are_drawn():
    assert triggers.draw({}, ESTIMATES, {}).axes
    assert triggers.describe({}, ESTIMATES, {})
