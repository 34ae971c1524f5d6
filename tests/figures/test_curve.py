import pandas as pd
import pytest

from gluteal.figures import curve


def panels(ratio):
    null = 1.0 if ratio else 0.0
    xs = (1.0, 1.4, 1.9)
    points = [{"x": x, "estimate": null + d, "low": null + d - 0.2, "high": null + d + 0.2}
              for x, d in zip(xs, (0.5, 0.0, -0.3), strict=True)]  # fmt: skip
    scale = {"ratio": ratio, "reference": 1.4, "name": "odds ratio (not a risk ratio: 60 % ...)",
             "x_axis": "Hip abduction torque per body mass (Nm/kg)", "unit": "0-10",
             "label": "Pain (NPRS), now"}  # fmt: skip
    return {"curve": points, "line": points[::2], "scale": [scale],
            "deciles": [{"x": x} for x in xs], "knots": [{"x": x} for x in xs]}  # fmt: skip


ESTIMATES = pd.DataFrame([{"estimate": -0.4, "low": -0.6, "high": -0.2, "contrast": "per SD more"}])


@pytest.mark.parametrize("ratio", [False, True])
def test_what_is_drawn_is_the_data(ratio):
    (plot,) = curve.draw(panels(ratio), ESTIMATES, {}).axes
    drawn = [list(line.get_xdata()) for line in plot.lines]
    assert drawn.count([1.0, 1.4, 1.9]) == 2  # the curve and the deciles
    assert plot.get_yscale() == ("log" if ratio else "linear")
    assert "Nm/kg" in plot.get_xlabel()
    assert plot.get_ylabel().startswith("Odds ratio" if ratio else "Difference in pain (NPRS)")


def test_it_is_described_in_words():
    text = curve.describe(panels(False), ESTIMATES, {})
    assert "against the median (1.40)" in text
    assert "Slope per SD more: −0.40 [−0.60 to −0.20]" in text


def test_without_a_curve_the_estimates_are_drawn():
    row = {"scale": "difference", "unit": "deg", "estimand": "mean difference", "model": "adjusted"}
    more = {"outcome": "sts_trunk_lean_deg", "term": "x", "exposure": "x"}
    estimates = ESTIMATES.assign(**row, **more)
    assert curve.draw({}, estimates, {}).axes
    assert "adjusted" in curve.describe({}, estimates, {})
