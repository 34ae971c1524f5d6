import pandas as pd
import pytest

from gluteal.figures import paths

LABELS = {"x": "Hip abduction torque per body mass", "m1": "Pelvic tilt, ASIS-PSIS line",
          "m2": "Lumbar lordosis, surface", "m3": "Arm", "m4": "Sex", "y": "Pain"}  # fmt: skip


def panels(between=("m1",), form="single", rho=True):
    names = ("x", *between, "y")
    ends = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    if form == "parallel":
        ends = [(a, b) for a, b in ends if a == "x" or b == "y"]
    number = {"estimate": 0.2, "low": 0.1, "high": 0.3}
    roles = {"x": "exposure", "y": "outcome"}
    curve = [
        {"mediator": one, "label": LABELS[one], "rho": r / 10, "indirect": 0.1 - r / 50,
         "low": -r / 50, "high": 0.2 - r / 50, "zero": 0.5}
        for one in between for r in range(-9, 10)
    ]  # fmt: skip
    return {
        "nodes": [{"name": n, "label": LABELS[n], "visit": "baseline",
                   "role": roles.get(n, "mediator")} for n in names],
        "arrows": [{"start": a, "end": b, "unit": "deg", **number} for a, b in ends],
        "effects": [{"part": p, **number} for p in ("indirect", "direct", "total")],
        "scale": [{"contrast": "per SD more", "word": "association", "outcome": "Pain",
                   "unit": "0-10", "form": form, "level": 0.95, "one_visit": True}],
        "rho": curve if rho else [],
    }  # fmt: skip


NONE = pd.DataFrame()


@pytest.mark.parametrize("form", ["serial", "parallel"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_arrow_is_drawn_with_its_numbers(form, count):
    between = tuple(f"m{k + 1}" for k in range(count))
    given = panels(between, "single" if count == 1 else form)
    plot, curve = paths.draw(given, NONE, {}).axes
    words = [text.get_text() for text in plot.texts]
    assert words.count("0.20\n[0.10 to 0.30]") == len(given["arrows"])
    assert len(plot.patches) == count + 2
    assert len([line for line in curve.lines if len(line.get_xdata()) > 2]) == count
    low, high = plot.get_xlim()
    for box in plot.patches:
        assert low <= box.get_x() <= box.get_x() + box.get_width() <= high
        assert box.get_y() > 12
        assert box.get_y() + box.get_height() < plot.get_ylim()[1]


def test_boxes_do_not_overlap():
    for form in ("serial", "parallel"):
        given = panels(("m1", "m2", "m3"), form)
        places, _height = paths._place(given, 112.0)
        centres = list(places.values())
        for i, a in enumerate(centres):
            for b in centres[i + 1 :]:
                wide, high = paths.BOX_MM
                assert abs(a[0] - b[0]) > wide or abs(a[1] - b[1]) > high


def test_without_a_curve_the_diagram_takes_the_page():
    (plot,) = paths.draw(panels(rho=False), NONE, {}).axes
    assert plot.get_xlim()[1] > 160


def test_letters_are_not_too_small():
    for axis in paths.draw(panels(("m1", "m2"), "serial"), NONE, {}).axes:
        assert all(text.get_fontsize() >= 7 for text in axis.texts)


def test_it_is_described_in_words():
    text = paths.describe(panels(), NONE, {})
    assert "hip abduction torque per body mass to pelvic tilt" in text
    assert "indirect 0.20 [0.10 to 0.30]" in text
    assert "correlate by: pelvic tilt, ASIS-PSIS line 0.500" in text


def test_without_a_diagram_the_estimates_are_drawn():
    row = {"scale": "difference", "unit": "0-10", "estimand": "indirect", "model": "adjusted",
           "outcome": "nprs_avg", "term": "x", "exposure": "x", "contrast": "per SD more",
           "estimate": -0.4, "low": -0.6, "high": -0.2}  # fmt: skip
    assert paths.draw({}, pd.DataFrame([row]), {}).axes
    assert "adjusted" in paths.describe({}, pd.DataFrame([row]), {})
