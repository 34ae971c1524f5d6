import pandas as pd
import pytest

from gluteal.figures import groups

PANELS = {
    "density": [
        {"group": g, "label": g, "x": x, "density": d}
        for g in "01"
        for x, d in ((1.0, 0.2), (1.5, 0.9), (2.0, 0.1))
    ],
    "groups": [
        {"group": g, "label": label, "n": 40, "sd": 0.3, "mean": m, "low": m - 0.1, "high": m + 0.1}
        | {"q05": 1.0, "q25": 1.2, "q50": 1.4, "q75": 1.6, "q95": 1.9}
        for g, label, m in (("0", "no low back pain", 1.5), ("1", "low back pain", 1.3))
    ],
    "forest": [
        {
            "label": "adjusted",
            "role": "primary",
            "n": 80,
            "estimate": -0.5,
            "low": -0.9,
            "high": -0.1,
        },
        {
            "label": "crude",
            "role": "secondary",
            "n": 80,
            "estimate": -0.7,
            "low": -1.1,
            "high": -0.3,
        },
    ],
    "bound": [{"bound": 0.06, "sd": 0.3, "in_sd": 0.2}],
}
ESTIMATES = pd.DataFrame([{"outcome": "hip_abd_nm_kg"}])


def test_what_is_drawn_is_the_data():
    left, right = groups.draw(PANELS, ESTIMATES, {}).axes
    assert [list(line.get_xdata()) for line in left.lines].count([1.0, 1.5, 2.0]) == 2
    assert "Nm/kg" in left.get_xlabel()
    drawn = [tuple(line.get_xdata()) for line in right.lines]
    assert (-0.9, -0.1) in drawn
    assert [label.get_text() for label in right.get_yticklabels()] == [
        "adjusted, n = 80",
        "crude, n = 80",
    ]
    assert "0.300" in right.get_xlabel()


def test_a_group_without_a_curve_still_shows_its_mean():
    panels = PANELS | {
        "density": [row for row in PANELS["density"] if row["group"] == "0"],
        "groups": [
            PANELS["groups"][0],
            {k: v for k, v in PANELS["groups"][1].items() if k[0] != "q"},
        ],
    }
    left, _right = groups.draw(panels, ESTIMATES, {}).axes
    assert any(1.3 in line.get_xdata() for line in left.lines)


@pytest.mark.parametrize("word", ["low back pain (n = 40)", "−0.50 [−0.90 to −0.10]", "Nm/kg"])
def test_it_is_described_in_words(word):
    assert word in groups.describe(PANELS, ESTIMATES, {})
