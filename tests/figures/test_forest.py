from __future__ import annotations

import pandas as pd
import pytest

from gluteal.estimates import COLUMNS
from gluteal.figures import forest


def table(*rows: dict) -> pd.DataFrame:
    common = {"outcome": "hip_abd_nm_kg", "scale": "difference", "unit": "Nm/kg"}
    common["estimand"] = "mean difference"
    return pd.DataFrame([{**common, **row} for row in rows], columns=list(COLUMNS))


TWO = table(
    {"model": "adjusted", "contrast": "pain - none", "estimate": -0.1, "low": -0.2, "high": 0.0},
    {"model": "raw", "contrast": "pain - none", "estimate": -0.3, "low": -0.4, "high": -0.2},
)


def intervals(figure) -> list[tuple[float, float]]:
    lines = figure.axes[0].lines
    return [tuple(x) for line in lines if len(x := line.get_xdata()) == 2 and x[0] != x[1]]


def test_the_intervals_drawn_are_the_estimates():
    figure = forest.draw({}, TWO, {})
    assert intervals(figure) == [(-0.2, 0.0), (-0.4, -0.2)]
    assert figure.axes[0].get_xlabel() == "mean difference (Nm/kg)"


def test_the_headline_is_filled_and_the_others_open():
    first, second = forest.read_rows(TWO)
    assert first.filled
    assert not second.filled


def test_rows_have_room_for_their_lines():
    long = forest.Row("word " * 30, "1 [0 to 2]", 1, 0, 2)
    short = forest.Row("word", "1 [0 to 2]", 1, 0, 2)
    assert long.height_mm > short.height_mm


def test_ratios_get_a_logarithmic_axis_around_one():
    odds = {"model": "odds", "estimate": 2.0, "low": 0.5, "high": 8.0, "scale": "ratio"}
    plot = forest.draw({}, table({**odds, "unit": "1"}), {}).axes[0]
    assert plot.get_xscale() == "log"
    low, high = plot.get_xlim()
    assert 0 < low < 0.5 < 8 < high


def test_other_scales_do_not_share_the_axis():
    auc = table({"model": "auc", "estimate": 0.7, "low": 0.6, "high": 0.8, "unit": "1"})
    mixed = pd.concat([TWO, auc])
    assert len(intervals(forest.draw({}, mixed, {}))) == 2


def test_what_did_not_converge_says_so():
    lost = table({"model": "raw"})
    assert forest.read_rows(lost)[0].text == "did not converge"


@pytest.mark.parametrize("band", [None, (-0.5, 0.5)])
def test_the_axis_shows_everything(band):
    low, high = forest.span(forest.read_rows(TWO), False, band)
    assert low < (-0.5 if band else -0.4)
    assert high > (0.5 if band else 0.0)


def test_the_description_reads_the_rows_out():
    words = forest.describe({}, TWO, {})
    assert "adjusted: pain - none: −0.10 [−0.20 to 0.00]" in words
