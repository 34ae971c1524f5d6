import pandas as pd
import pytest

from gluteal.figures import power


def point(effect, n, at):
    return {"effect": effect, "n": n, "power": at, "low": at - 0.02, "high": at + 0.02,
            "formula": at, "half_width": 1 / n}  # fmt: skip


PANELS = {
    "power": [point("0.5 SD", 100, 0.7), point("0.5 SD", 50, 0.4), point("1 SD", 50, 0.9)],
    "planned": [{"n": 100, "unit": "SD"}],
    "targets": [{"power": 0.8}],
}
TABLE = pd.DataFrame()


def test_a_line_an_effect_in_order_of_size():
    left, right = power.draw(PANELS, TABLE, {}).axes
    drawn = {line.get_label(): line for line in left.lines}
    assert list(drawn["0.5 SD"].get_xdata()) == [50, 100]
    assert list(drawn["0.5 SD"].get_ydata()) == [0.4, 0.7]
    assert drawn["0.5 SD"].get_linestyle() != drawn["1 SD"].get_linestyle()
    assert len(left.collections) == 2  # a Monte Carlo band each
    assert list(right.lines[0].get_ydata()) == pytest.approx([0.02, 0.01])


def test_words_for_who_cannot_see_it():
    text = power.describe(PANELS, TABLE, {})
    assert "For 0.5 SD, power by people enrolled 50: 0.400 [0.380 to 0.420], 100" in text
    assert "100 are planned; the interval then reaches 0.0100 to either side" in text
