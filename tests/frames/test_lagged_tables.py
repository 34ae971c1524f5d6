import numpy as np
import pytest

from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_tables import (
    draw_paths,
    list_errors,
    list_intervals,
    list_paths,
    name_fact,
    tell,
)
from gluteal.frames.panel import Panel, Schedule
from gluteal.frames.score_error import NOTHING, ScoreError, stated_error
from gluteal.variables import variable

KNOWN = (variable("hip_abd_nm_kg"), variable("nprs_avg"))
ERRORS = (ScoreError(0.0036, 0.0025, 0.0049, 31, 32, "assessors", 0.0009), NOTHING)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(300, 1, 2)) + rng.normal(size=(300, 4, 2))
    schedule = Schedule(("a", "b", "c", "d"), (0.0, 4.0, 8.0, 12.0))
    arm = (np.arange(300) % 2)[:, None].astype(float)
    made = Panel(schedule, np.arange(300), values[..., 0], values[..., 1], arm,
                 ("arm=programme",), 0)  # fmt: skip
    return fit_lagged(made, "equal"), fit_lagged(made, "free"), made


def test_paths_are_listed_for_all_intervals_and_each(fitted):
    main, free, made = fitted
    rows = list_paths(main, free, made, KNOWN, 0.95)
    assert len(rows) == 4 * 4
    assert rows[0]["Path"] == (
        "Hip abduction torque per body mass → later pain (NPRS), average of the last week"
    )
    assert [row["Weeks"] for row in rows[:4]] == ["all", "0 to 4", "4 to 8", "8 to 12"]
    assert len(list_paths(main, None, made, KNOWN, 0.95)) == 4
    assert list_intervals(made)[-1] == "8 to 12"


def test_what_is_drawn_is_per_the_amount(fitted):
    main, free, made = fitted
    sizes = {"c": (0.1, "0.1 Nm/kg"), "b": (1.0, "1 point")}
    found = draw_paths(main, free, made, KNOWN, sizes, 0.95)
    assert len(found["paths"]) == 8
    assert found["paths"][0]["estimate"] == pytest.approx(0.1 * main.path("c").estimate)
    assert {row["arrow"] for row in found["diagram"]} == set("abcd")


def test_errors_are_listed_as_standard_errors():
    rows = list_errors(KNOWN, ERRORS)
    assert rows[0]["Standard error of measurement"] == "0.060 [0.050 to 0.070]"
    assert rows[0]["People"] == 32
    assert rows[1]["From"] == "none"


def test_sentences_name_what_was_taken_out(fitted):
    main, _free, made = fitted
    text = " ".join(tell(main, made, KNOWN, (stated_error("hip_abd_nm_kg", 0.06), NOTHING)))
    assert "arm: programme" in text
    assert "as stated in the settings" in text
    assert "300 people" in text
    assert name_fact("nowhere") == "nowhere"
