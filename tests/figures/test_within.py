import pandas as pd
import pytest

from gluteal.figures import within


@pytest.fixture
def panels():
    bins = [{"x": x, "y": y, "low": y - 0.2, "high": y + 0.2, "people": 20}
            for x, y in ((1.0, 4.0), (1.3, 3.8), (1.6, 3.5))]  # fmt: skip
    inner = [dict(row, x=row["x"] - 1.3, y=row["y"] - 3.8) for row in bins]
    lines = [{"part": part, "x": rows[k]["x"], "y": rows[k]["y"]}
             for part, rows in (("between", bins), ("within", inner)) for k in (0, 2)]  # fmt: skip
    scale = {"exposure": "Hip abduction torque per body mass (Nm/kg)", "gap": 0.0, "unit": "0-10",
             "outcome": "Pain (NPRS), last week", "people": 60, "rows": 200}  # fmt: skip
    return {"between": bins, "within": inner, "lines": lines, "scale": [scale]}


ESTIMATES = pd.DataFrame([
    {"term": term, "estimate": -0.1, "low": -0.2, "high": 0.0, "scale": "difference",
     "unit": "0-10", "estimand": "slope", "model": "m", "contrast": "per 0.1 Nm/kg more",
     "outcome": "nprs_avg"}
    for term in ("within", "between")
])  # fmt: skip


def test_what_is_drawn_is_the_data(panels):
    between, inner = within.draw(panels, ESTIMATES, {}).axes
    points = [float(line.get_xdata()[0]) for line in between.lines if len(line.get_xdata()) == 1]
    assert points == [1.0, 1.3, 1.6]
    assert list(between.lines[0].get_ydata()) == [4.0, 3.5]
    spans = [axes.get_ylim()[1] - axes.get_ylim()[0] for axes in (between, inner)]
    assert spans[0] == pytest.approx(spans[1])
    assert "Person's mean" in between.get_xlabel()


def test_a_lag_is_said(panels):
    panels["scale"][0]["gap"] = 4.0
    _, inner = within.draw(panels, ESTIMATES, {}).axes
    assert "4 weeks before" in inner.get_xlabel().replace("\n", " ")


def test_it_is_described_in_words(panels):
    text = within.describe(panels, ESTIMATES, {})
    assert "between people: 3 bins" in text
    assert "slope per 0.1 Nm/kg more −0.10 [−0.20 to 0.00]" in text


def test_without_bins_the_estimates_are_drawn():
    assert within.draw({}, ESTIMATES, {}).axes
    assert "Forest" in within.describe({}, ESTIMATES, {})
