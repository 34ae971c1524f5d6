import pandas as pd
import pytest

from gluteal.figures import decision

PANELS = {
    "groups": [
        {"risk": 0.2, "observed": 0.25, "low": 0.1, "high": 0.4, "n": 20},
        {"risk": 0.6, "observed": 0.5, "low": 0.3, "high": 0.7, "n": 20},
    ],
    "calibration": [{"risk": 0.1, "observed": 0.15}, {"risk": 0.7, "observed": 0.6}],
    "decision": [
        {"threshold": t, "model": 0.3 - t / 2, "low": 0.2 - t / 2, "high": 0.4 - t / 2,
         "all": 0.35 - t}
        for t in (0.1, 0.3, 0.5)
    ],
    "threshold": [{"threshold": 0.3}],
}  # fmt: skip
ESTIMATES = pd.DataFrame(
    [
        {"scale": "difference", "unit": "net benefit", "estimate": None, "low": None, "high": None,
         "model": "early prediction", "contrast": "", "estimand": "gain", "outcome": "nprs_avg",
         "term": "rule"},
        {"scale": "proportion", "unit": "", "estimate": 0.4, "low": 0.3, "high": 0.5,
         "model": "rule applied", "contrast": "", "estimand": "share", "outcome": "nprs_avg",
         "term": "rule"},
    ]
)  # fmt: skip


def test_calibration_and_net_benefit_are_drawn():
    left, right = decision.draw(PANELS, ESTIMATES, {}).axes
    assert any(list(line.get_ydata()) == [0.15, 0.6] for line in left.lines)
    assert any(list(line.get_xdata()) == [0.2, 0.6] for line in left.lines)
    drawn = {line.get_label(): list(line.get_ydata()) for line in right.lines}
    assert drawn["refer by predicted risk"] == pytest.approx([0.25, 0.15, 0.05])
    assert drawn["refer everybody"] == pytest.approx([0.25, 0.05, -0.15])
    assert drawn["refer nobody"] == [0, 0]


def test_words_for_who_cannot_see_it():
    text = decision.describe(PANELS, ESTIMATES, {})
    assert "at a risk of 0.3 net benefit 0.15 [0.05 to 0.25]" in text
    assert "predicted 0.20, seen 0.25 [0.10 to 0.40]" in text


def test_without_a_prediction_the_share_is_drawn():
    assert "0.40 [0.30 to 0.50]" in decision.describe({}, ESTIMATES, {})
    assert decision.draw({}, ESTIMATES, {}).axes
