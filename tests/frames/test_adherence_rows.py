import numpy as np
import pytest

from gluteal.estimates import COLUMNS
from gluteal.frames.adherence import Intervals, fit_dose
from gluteal.frames.adherence_rows import draw_dose, list_doses
from gluteal.frames.course import Course


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(2)
    y = 5 + rng.normal(0, 1, (120, 3))
    dose = rng.uniform(0.2, 1, (120, 2))
    so_far = np.column_stack([np.zeros(120), dose[:, 0], dose.mean(1)])
    people, z = np.arange(120).astype(object), rng.normal(size=(120, 2))
    weeks, visits = np.array([0.0, 4, 8]), ("a", "b", "c")
    course = Course(people, visits, weeks, y, np.ones(120), z, ("age_years", "sex=m"), 0)
    return Intervals(course, 2, dose, so_far, (y[:, :2],), ("outcome",))


def test_the_weighted_row_comes_first_and_plain_ones_are_marked(made):
    rows = list_doses(made, fit_dose(made), "nprs_avg", "adherence", 0.1, 0.95)
    assert [row["model"].split(" ")[0] for row in rows] == [
        "marginal",
        "crude",
        "regression",
        "weights",
    ]
    assert all(set(row) <= set(COLUMNS) for row in rows)
    assert "role" not in rows[0]
    assert "later outcome at c" in rows[0]["estimand"]
    for row in rows[1:3]:
        assert "not drawn by lot" in row["warnings"]
        assert row["role"] == "secondary"
    assert rows[1]["adjusted_for"] == ""
    assert rows[2]["adjusted_for"] == "baseline; age_years; sex"
    assert not any("effect" in f"{row['estimand']} {row['contrast']}" for row in rows)


def test_the_slope_is_for_the_share_asked_for(made):
    dose = fit_dose(made)
    one, tenth = (
        list_doses(made, dose, "nprs_avg", "adherence", per, 0.95)[0] for per in (1.0, 0.1)
    )
    assert tenth["estimate"] == pytest.approx(one["estimate"] / 10)
    assert tenth["p"] == pytest.approx(one["p"])
    assert "10 %" in tenth["contrast"]
    assert "100 %" in one["contrast"]


def test_the_line_has_the_slope_of_the_model(made):
    dose = fit_dose(made)
    panels = draw_dose(made, dose, "nprs_avg", 0.95)
    first, last = panels["dose"][0], panels["dose"][-1]
    rise = (last["estimate"] - first["estimate"]) / (last["x"] - first["x"])
    assert rise == pytest.approx(dose.weighted.coef[1] / 100)
    ends = 100 * np.quantile(made.total, [0.05, 0.95])
    assert (first["x"], last["x"]) == pytest.approx(tuple(ends))
    assert len(panels["deciles"]) == 9
    one, two = panels["crude"]
    assert (two["estimate"] - one["estimate"]) / (two["x"] - one["x"]) == pytest.approx(
        dose.crude.coef[1] / 100
    )
