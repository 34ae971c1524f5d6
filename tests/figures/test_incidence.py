import pandas as pd

from gluteal.figures import incidence

WEEKS = (0, 4, 26)


def points(name, value, risks):
    return [{"name": name, "value": value, "week": float(week), "risk": risk, "low": 0.8 * risk,
             "high": 1.3 * risk} for week, risk in zip(WEEKS, risks, strict=True)]  # fmt: skip


PANELS = {
    "curves": points("10th percentile", 1.1, (0, 0.05, 0.2))
    + points("90th percentile", 1.8, (0, 0.03, 0.12)),
    "everyone": points("everyone", None, (0, 0.04, 0.16)),
    "at_risk": [
        {"week": 0.0, "n": "300", "events": "12"},
        {"week": 4.0, "n": "280", "events": "<5"},
    ],
    "words": [{"exposure": "Hip abduction torque", "unit": "Nm/kg", "level": 0.95}],
}
ROW = {"estimate": 0.8, "low": 0.7, "high": 0.95, "contrast": "per SD more", "scale": "ratio",
       "unit": "", "estimand": "hazard ratio", "model": "adjusted", "outcome": "incident_lbp",
       "term": "x"}  # fmt: skip


def test_the_risks_are_drawn_in_percent_above_the_numbers_at_risk():
    plot, table = incidence.draw(PANELS, pd.DataFrame([ROW]), {}).axes
    drawn = [line.get_ydata().tolist() for line in plot.lines]
    assert [0.0, 5.0, 20.0] in drawn
    assert [0.0, 4.0, 16.0] in drawn
    written = [text.get_text() for text in table.texts]
    assert {"300", "12", "280", "<5"} <= set(written)
    assert plot.get_xticks().tolist() == [0, 4, 26]
    sizes = {text.get_fontsize() for text in [*table.texts, *plot.get_legend().get_texts()]}
    assert min(sizes) >= 7


def test_it_is_described_in_words():
    text = incidence.describe(PANELS, pd.DataFrame([ROW]), {})
    assert "by week 26, by hip abduction torque" in text
    assert "10th percentile (1.10 Nm/kg): 20.0 [16.0 to 26.0] %" in text
    assert "Hazard ratio per SD more: 0.80 [0.70 to 0.95]" in text


def test_a_long_label_is_broken():
    assert incidence.write_title("a long label " * 5).count("\n") == 1


def test_without_curves_the_estimates_are_drawn():
    assert incidence.draw({}, pd.DataFrame([ROW]), {}).axes
    assert "adjusted" in incidence.describe({}, pd.DataFrame([ROW]), {})
