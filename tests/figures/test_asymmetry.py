import pandas as pd
import pytest

from gluteal.figures import asymmetry

LEVELS = [
    {"label": name, "n": 30, "mean": m, "low": m - 1, "high": m + 1, "q25": m - 4, "q75": m + 4}
    for name, m in (("no pain", 1.0), ("left", -2.0))
]
FOREST = [
    {"label": "two legs", "n": 99, "estimate": 1.2, "low": 0.8, "high": 1.9},
    {"label": "crude", "n": 99, "estimate": 1.1, "low": 0.7, "high": 1.8},
]
ESTIMATES = pd.DataFrame(
    [{"estimate": 1.2, "low": 0.8, "high": 1.9, "scale": "ratio", "unit": "", "estimand": "odds",
      "model": "two legs", "contrast": "per 10 %", "outcome": "pain_side", "term": "x"}]
)  # fmt: skip
CLOUD = [
    {"left": x, "right": y, "outside": min(1.0, abs(x - y) + 0.2)}
    for x in (1.0, 1.5, 2.0) for y in (1.0, 1.5, 2.0)
]  # fmt: skip


def panels(ratio=True, cloud=True):
    words = {"levels": "Right over left (%)", "groups": "Pain", "forest": "Odds", "ratio": ratio}
    return {"levels": LEVELS, "forest": FOREST, "words": [words], "mdc": [{"log": 0.08}],
            "density": CLOUD if cloud else [], "legs": [{"axis": "Torque (Nm/kg)"}]}  # fmt: skip


@pytest.mark.parametrize(("ratio", "cloud"), [(True, True), (False, False)])
def test_what_is_drawn_is_the_data(ratio, cloud):
    *_, groups, forest = plots = asymmetry.draw(panels(ratio, cloud), ESTIMATES, {}).axes
    assert len(plots) == 2 + cloud
    assert forest.get_xscale() == ("log" if ratio else "linear")
    assert [1.2] in [list(line.get_xdata()) for line in forest.lines]
    assert [-2.0] in [list(line.get_xdata()) for line in groups.lines]
    assert "two legs (n = 99)" in forest.get_yticklabels()[0].get_text()
    sizes = [t.get_fontsize() for plot in plots for t in plot.texts]
    assert min(sizes) >= 7


def test_it_is_described_in_words():
    text = asymmetry.describe(panels(), ESTIMATES, {})
    assert "no pain (n = 30)" in text
    assert "minimal detectable ±8.00 %" in text
    assert "two legs 1.20 [0.80 to 1.90]" in text


def test_without_groups_the_estimates_are_drawn():
    assert asymmetry.draw({"forest": FOREST}, ESTIMATES, {}).axes
    assert "two legs" in asymmetry.describe({}, ESTIMATES, {})
