import pandas as pd

from gluteal.figures import emg


def panels():
    number = {"estimate": 1.05, "low": 0.98, "high": 1.12, "note": ""}
    none = {"estimate": None, "low": None, "high": None, "note": "not estimated"}
    rows = [{"muscle": m, "scale": s, "headline": m == "ES" and s == "% MVIC",
             **(none if (m, s) == ("Gluteus maximus", "% MVIC") else number)}
            for m in ("ES", "Gluteus maximus") for s in ("raw", "MVIC", "% MVIC")]  # fmt: skip
    rows.append({"muscle": "Erector spinae / gluteus maximus", "scale": "ratio of %",
                 "headline": False, **number})  # fmt: skip
    words = {"contrast": "per SD more", "exposure": "Hip abduction torque", "level": 0.95}
    return {"scales": rows, "axis": [words]}


def test_three_scales_of_each_muscle_are_drawn():
    (plot,) = emg.draw(panels(), pd.DataFrame(), {}).axes
    points = [line for line in plot.lines if len(line.get_xdata()) == 1]
    assert len(points) == 6
    filled = [line for line in points if line.get_markerfacecolor() != "white"]
    assert len(filled) == 1
    assert {line.get_marker() for line in points} == {"o", "s", "^", "D"}
    assert plot.get_xscale() == "log"
    assert len(plot.get_xticks()) >= 3
    assert "per SD more" in plot.get_xlabel()


def test_what_was_refused_is_said():
    made = emg.draw(panels(), pd.DataFrame(), {})
    words = [text.get_text() for text in made.texts]
    assert "not estimated" in words
    assert "Gluteus maximus, % MVIC: not estimated" in emg.describe(panels(), pd.DataFrame(), {})


def test_without_scales_the_estimates_are_drawn():
    row = {"scale": "ratio", "unit": "", "estimand": "ratio", "model": "adjusted",
           "outcome": "emg_bf_rms_uv", "term": "x", "exposure": "x", "contrast": "per SD more",
           "estimate": 1.1, "low": 0.9, "high": 1.3}  # fmt: skip
    assert emg.draw({}, pd.DataFrame([row]), {}).axes
    assert "adjusted" in emg.describe({}, pd.DataFrame([row]), {})
