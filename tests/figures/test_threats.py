from __future__ import annotations

import pytest

from gluteal.figures import threats

COMMON = {
    "outcome": "hip_abd_nm_kg", "exposure": "lbp", "scale": "difference", "unit": "Nm/kg",
    "contrast": "pain − none", "estimand": "adjusted mean difference", "level": "0.95",
}  # fmt: skip


def row(threat, estimate, low, high, **more):
    numbers = {"estimate": str(estimate), "low": str(low), "high": str(high)}
    return {**COMMON, "threat": threat, "model": threat, **numbers, **more}


PANELS = {
    "0": [row("adjusted", -0.1, -0.2, 0.0), row("crude", -0.3, -0.4, -0.2)],
    "1": [
        row("weighted", -0.2, -0.3, -0.1),
        row("exclusion", "", "", "", converged="False", model="without men"),
        row("unmeasured confounding", 2, "", "", scale="E-value", unit="", model="E-value: gone"),
    ],
    "band": [{"smallest_effect": "0.05"}],
}


def intervals(figure):
    lines = figure.axes[0].lines
    return [tuple(x) for line in lines if len(x := line.get_xdata()) == 2 and x[0] != x[1]]


def test_the_intervals_drawn_are_the_estimates_in_the_order_of_threats():
    made = threats.draw(PANELS)
    assert intervals(made) == [(-0.4, -0.2), (-0.2, 0.0), (-0.3, -0.1)]


def test_only_the_headline_is_filled():
    points = [one for one in threats.draw(PANELS).axes[0].lines if one.get_marker() in "Do"]
    filled = [one.get_marker() for one in points if one.get_markerfacecolor() != "white"]
    assert filled == ["D"]


def test_the_smallest_effect_is_shaded_and_other_scales_stand_below():
    made = threats.draw(PANELS)
    (band,) = made.axes[0].patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-0.05, 0.05))
    texts = [one.get_text() for one in made.texts]
    assert "On another scale" in texts
    assert "did not converge" in texts


def test_ratios_have_a_log_axis_and_a_band_around_one():
    ratio = {"scale": "ratio", "unit": ""}
    panels = {"0": [row("adjusted", 0.7, 0.5, 0.9, **ratio)], "band": [{"smallest_effect": "1.25"}]}
    plot = threats.draw(panels).axes[0]
    assert plot.get_xscale() == "log"
    (band,) = plot.patches
    assert band.get_x() == pytest.approx(0.8)


def test_one_wild_interval_does_not_flatten_the_others():
    wild = row("weighted", 0, -90, 90)
    low, high = threats.draw({"0": PANELS["0"], "1": [wild]}).axes[0].get_xlim()
    assert high - low < 10


def test_words_tell_every_row():
    text = threats.describe(PANELS)
    assert "under 4 checks" in text
    assert "Adjusted −0.10 [−0.20 to 0.00]" in text
    assert "without men did not converge" in text
    assert "E-value: gone 2.00" in text


def test_without_a_headline_it_says_so():
    assert "does not answer" in threats.describe({"0": [], "1": PANELS["1"]})
    assert threats.draw({"0": []}).texts


def test_several_outcomes_are_named_one_by_one():
    line = row("adjusted", 1, 0, 2, outcome="pain_site_left_si; pain_site_right_si", unit="")
    text = threats.name_axis(line)
    assert "pain site: left sacroiliac and pain site: right sacroiliac" in text
