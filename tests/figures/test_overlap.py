import pandas as pd
import pytest

from gluteal.figures import overlap

PANELS = {
    "overlap": [
        {"side": side, "group": name, "x": x, "density": d}
        for side, name in enumerate(("as measured", "shifted"))
        for x, d in ((0.5, 0.1), (1.0, 1.0), (1.5, 0.2))
    ],
    "balance": [
        {"variable": "age_years", "before": 0.5, "after": 0.02},
        {"variable": "made_up", "before": 0.2, "after": 0.04},
    ],
    "forest": [
        {"label": "adjusted", "role": "primary", "estimate": -0.02, "low": -0.04, "high": 0.0},
        {"label": "crude", "role": "secondary", "estimate": -0.03, "low": -0.05, "high": -0.01},
    ],
    "words": [{"overlap": "Strength given the rest", "forest": "Difference in risk", "risk": True,
               "outcome": "New pain", "contrast": "everyone stronger"}],
}  # fmt: skip
ROW = {"estimate": -0.02, "low": -0.04, "high": 0.0, "contrast": "x", "scale": "difference",
       "unit": "1", "estimand": "risk difference", "model": "adjusted", "outcome": "incident_lbp",
       "term": "x"}  # fmt: skip


@pytest.fixture
def plots():
    return overlap.draw(PANELS, pd.DataFrame([ROW]), {}).axes


def test_one_density_is_drawn_downwards(plots):
    lines = [line.get_ydata() for line in plots[0].lines]
    assert list(lines[0]) == [0.1, 1.0, 0.2]
    assert list(lines[1]) == [-0.1, -1.0, -0.2]


def test_covariates_stand_in_the_order_of_their_imbalance(plots):
    names = [label.get_text() for label in plots[1].get_yticklabels()]
    assert names == ["made_up", "Age"]


def test_the_estimators_are_in_percentage_points(plots):
    texts = [text.get_text() for text in plots[2].texts]
    assert "−2.0 [−4.0 to 0.0]" in texts
    labels = [label.get_text() for label in plots[2].get_yticklabels()]
    assert labels == ["adjusted", "crude"]
    assert min(text.get_fontsize() for plot in plots for text in plot.texts) >= 7


def test_it_is_described_in_words():
    text = overlap.describe(PANELS, pd.DataFrame([ROW]), {})
    assert "largest difference left 0.040 SD" in text
    assert "adjusted: −2.0 [−4.0 to 0.0]" in text


def test_without_densities_the_estimates_are_drawn():
    assert overlap.draw({}, pd.DataFrame([ROW]), {}).axes
    assert "adjusted" in overlap.describe({}, pd.DataFrame([ROW]), {})
