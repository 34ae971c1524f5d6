import pandas as pd
import pytest

from gluteal.figures import programme

ESTIMATES = pd.DataFrame(
    [
        {
            "estimate": -0.6, "low": -1.0, "high": -0.2, "scale": "difference", "unit": "0-10",
            "estimand": "difference between arms at week12 (treatment policy)", "model": "all",
            "contrast": "programme less control", "outcome": "nprs_avg", "term": "arm",
            "exposure": "arm",
        }
    ]
)  # fmt: skip


def panels(two=True, verified=False, stages=True):
    arms = (("programme", -1.0), ("control", -0.5)) if two else (("programme", -1.0),)
    means = [
        {"arm": arm, "visit": f"v{week}", "week": float(week), "n": 40,
         "estimate": 5 + k * step, "low": 4.8 + k * step, "high": 5.2 + k * step}
        for arm, step in arms
        for k, week in enumerate((0, 4, 12))
    ]  # fmt: skip
    scale = {"axis": "Pain (NPRS), now (0-10)", "label": "Pain (NPRS), now", "unit": "0-10",
             "end": "week12", "end_week": 12.0, "low": 0.0, "high": 10.0}  # fmt: skip
    made = {"means": means, "scale": [scale], "stages": []}
    if stages:
        made["stages"] = [{"week": w, "stage": "progressive load", "share": 0.5} for w in (4.0, 12)]
    if two:
        made["curve"] = [
            {"arm": arm, "cut": float(cut), "share": share / 10 + 0.1 * (arm == "programme")}
            for arm in ("programme", "control")
            for cut, share in ((0, 8), (2, 5), (4, 2))
        ]
        made["thresholds"] = [{"mic": 2.0, "mdc": 2.0, "verified": verified}]
    else:
        made["natural"] = [{"week": w, "value": 5.1 - 0.2 * w} for w in (0.0, 6.0, 12.0)]
        made["source"] = [{"source": "Costa 2012"}]
    return made


def texts(figure):
    return " ".join(
        child.get_text()
        for axes in figure.axes
        for child in axes.findobj(lambda one: hasattr(one, "get_text"))
    )


def test_two_arms_have_means_stages_and_responders():
    made = programme.draw(panels(), ESTIMATES, {})
    assert len(made.axes) == 3
    means, stages, shares = made.axes
    lines = [line for line in means.lines if len(line.get_xdata()) == 3]
    drawn = {round(float(line.get_ydata()[-1]), 3) for line in lines}
    assert {3.0, 4.0} <= drawn
    assert stages.get_ylabel().startswith("Stage")
    assert [line.get_drawstyle() for line in shares.lines[:2]] == ["steps-pre"] * 2
    assert list(shares.lines[0].get_ydata()) == pytest.approx([90, 60, 30])
    said = texts(made).replace("\n", " ")
    assert "minimal important change of a person" in said
    assert "(unverified)" in said
    assert "(unverified)" not in texts(programme.draw(panels(verified=True), ESTIMATES, {}))


def test_one_arm_has_the_published_course_beside_it():
    made = programme.draw(panels(two=False, stages=False), ESTIMATES, {})
    (plot,) = made.axes
    assert list(plot.lines[0].get_ydata()) == pytest.approx([5.1, 3.9, 2.7])
    assert "Costa 2012" in texts(made)
    assert "responder" not in texts(made)
    assert made.get_figwidth() * 25.4 == pytest.approx(85)


def test_text_is_never_below_seven_points():
    made = programme.draw(panels(), ESTIMATES, {})
    sizes = [
        one.get_fontsize()
        for one in made.findobj(lambda x: hasattr(x, "get_fontsize") and hasattr(x, "get_text"))
        if one.get_text()
    ]
    assert min(sizes) >= 7


def test_it_is_described_in_words():
    text = programme.describe(panels(), ESTIMATES, {})
    assert "programme from 5.00 to 3.0" in text
    assert "at the minimal important change programme 60 %, control 50 %" in text
    alone = programme.describe(panels(two=False), ESTIMATES, {})
    assert "published course" in alone
    assert "Second panel" not in alone


def test_without_curves_the_estimates_are_drawn():
    assert programme.draw({}, ESTIMATES, {}).axes
    assert "programme less control" in programme.describe({}, ESTIMATES, {})


def test_adherence_is_drawn_as_a_line_with_its_band():
    dose = [{"x": x, "estimate": 4 - x / 100, "low": 3 - x / 100, "high": 5 - x / 100}
            for x in (30.0, 60.0, 90.0)]  # fmt: skip
    scale = {"axis": "Pain (NPRS), now (0-10)", "end": "week12", "n": 100}
    crude = [{"x": 30.0, "estimate": 5.0}, {"x": 90.0, "estimate": 3.0}]
    made = {"dose": dose, "crude": crude, "deciles": [{"x": 50.0}], "scale": [scale]}
    (plot,) = programme.draw(made, ESTIMATES, {}).axes
    assert [list(line.get_ydata()) for line in plot.lines[:2]] == [[3.7, 3.4, 3.1], [5.0, 3.0]]
    assert len(plot.collections) == 1
    text = programme.describe(made, ESTIMATES, {})
    assert "3.70 at 30 % to 3.10 at 90 %" in text
    assert "100 people" in text
