import numpy as np
import pandas as pd

from gluteal.figures import evidence


def row(label, kind, at=-0.5):
    return {"label": label, "kind": kind, "estimate": at, "low": at - 0.2, "high": at + 0.2}


PANELS = {
    "forest": [
        row("A 2019", "used"), row("B 2020", "beside"), row("Published", "pooled"),
        row("Expected in a new study", "prediction"), row("This cohort", "ours", -0.3),
    ]
}  # fmt: skip
TABLE = pd.DataFrame([{"unit": "SD", "estimand": "x"}])


def test_each_row_is_drawn_with_its_mark():
    made = evidence.draw(PANELS, TABLE, {})
    marks = [line.get_marker() for line in made.axes[0].lines if line.get_marker() != "None"]
    assert marks == ["s", "s", "D", "|", "o"]
    texts = [text.get_text() for text in made.texts]
    assert "B 2020 (not pooled)" in texts
    assert "[\N{MINUS SIGN}0.70 to \N{MINUS SIGN}0.30]" in texts  # an interval with no estimate
    assert made.axes[0].get_xlabel() == "Low back pain minus none (SD)"


def test_words_for_who_cannot_see_it():
    text = evidence.describe(PANELS, TABLE, {})
    assert "This cohort: \N{MINUS SIGN}0.30 [\N{MINUS SIGN}0.50 to \N{MINUS SIGN}0.10]" in text


def test_a_panel_of_differences_says_so():
    only = {"forest": [row("Week 26", "ours")]}
    table = pd.DataFrame([{"unit": np.nan, "estimand": "x"}])
    assert evidence.describe(only, table, {}).startswith("Ours minus published.")
