import pandas as pd
import pytest

from gluteal.figures import lagged, style

NAMES = {
    "c": "Hip abduction torque per body mass → later pain (NPRS), average of the last week",
    "b": "Pain (NPRS), average of the last week → later hip abduction torque per body mass",
}


@pytest.fixture
def panels():
    rows = []
    for arrow, per, unit in (("c", "0.1 Nm/kg", "0-10"), ("b", "1 point", "Nm/kg")):
        head = {"arrow": arrow, "name": NAMES[arrow], "per": per, "unit": unit}
        for k, label in enumerate(("all intervals", "weeks 0 to 4", "weeks 4 to 8")):
            numbers = {"estimate": -0.1 + 0.01 * k, "low": -0.2, "high": 0.01}
            rows.append(head | {"label": label, "main": k == 0} | numbers)
    diagram = [{"arrow": a, "estimate": e, "low": e - 0.1, "high": e + 0.1}
               for a, e in (("a", 0.5), ("b", -0.2), ("c", -0.05), ("d", 0.4))]  # fmt: skip
    labels = [name.split(" → ")[0] for name in NAMES.values()]
    ends = [{"label": label, "gap": 4.0, "people": 400} for label in labels]
    return {"paths": rows, "diagram": diagram, "ends": ends}


ESTIMATES = pd.DataFrame([{"estimate": -0.1, "low": -0.2, "high": 0.01, "scale": "difference",
                           "unit": "0-10", "estimand": "slope", "model": "m", "contrast": "per 1",
                           "outcome": "nprs_avg", "term": "x"}])  # fmt: skip


def test_what_is_drawn_is_the_data(panels):
    made = lagged.draw(panels, ESTIMATES, {})
    diagram, forward, backward = made.axes
    written = [text.get_text() for text in diagram.texts]
    assert {"0.50", "−0.20", "−0.05", "0.40"} <= set(written)
    points = [line.get_xdata()[0] for line in forward.lines if len(line.get_xdata()) == 1]
    assert points == pytest.approx([-0.1, -0.09, -0.08])
    assert "per 0.1 Nm/kg more" in forward.get_xlabel().replace("\n", " ")
    assert "(Nm/kg), per 1 point" in backward.get_xlabel().replace("\n", " ")
    assert min(t.get_fontsize() for t in diagram.texts if t.get_text()) >= 7
    assert made.get_figwidth() * 25.4 == pytest.approx(style.WIDTH_MM["double"])


def test_it_is_described_in_words(panels):
    text = lagged.describe(panels, ESTIMATES, {})
    assert "exposure to outcome −0.05 [−0.15 to 0.05]" in text
    assert "weeks 4 to 8" in text


def test_without_paths_the_estimates_are_drawn():
    assert lagged.draw({}, ESTIMATES, {}).axes
    assert "Forest" in lagged.describe({}, ESTIMATES, {})
