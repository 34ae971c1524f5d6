import pandas as pd
import pytest

from gluteal.figures import trajectories

ESTIMATES = pd.DataFrame(
    [
        {
            "estimate": 0.8, "low": 0.5, "high": 1.2, "scale": "ratio", "unit": "", "model": "BIC",
            "estimand": "odds ratio of the worst course", "contrast": "per SD more",
            "outcome": "nprs_avg", "term": "class 2 of 2", "exposure": "hip_abd_nm_kg",
        }
    ]
)  # fmt: skip


def panels(classes=2):
    courses = [
        {"class": k + 1, "n": 40, "share": 1 / classes, "week": week, "estimate": 2.0 * k + 1,
         "low": 2.0 * k + 0.8, "high": 2.0 * k + 1.2}
        for k in range(classes)
        for week in (0.0, 4.0, 12.0)
    ]  # fmt: skip
    scale = {"axis": "Pain (NPRS), now (0-10)", "label": "Pain", "low": 0.0, "high": 10.0}
    return {"courses": courses, "scale": [scale | {"classes": classes, "n": 80}]}


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_each_class_has_its_mean_and_share(classes):
    (plot,) = trajectories.draw(panels(classes), ESTIMATES, {}).axes
    assert [line.get_ydata()[0] for line in plot.lines] == [
        2.0 * k + 1 for k in reversed(range(classes))
    ]
    names = [text.get_text() for text in plot.get_legend().get_texts()]
    assert names[0] == f"course {classes}: {100 / classes:.0f} %"
    assert len(plot.collections) == classes  # the bands
    assert plot.get_ylim() == (0, 10)


def test_it_is_described_in_words():
    text = trajectories.describe(panels(), ESTIMATES, {})
    assert "course 2 (50 % of people) from 3.0 to 3.0" in text
    assert "not types of people" in text


def test_without_classes_the_estimates_are_drawn():
    assert trajectories.draw({}, ESTIMATES, {}).axes
    assert "per SD more" in trajectories.describe({}, ESTIMATES, {})
