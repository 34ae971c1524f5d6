import numpy as np
import pytest

from gluteal.frames.trajectories import Courses, classify, continuum_bic
from gluteal.frames.trajectory_words import (
    check_classes,
    say_classes,
    tabulate_classes,
    tabulate_selection,
)


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(3)
    n, weeks = 120, np.array([0.0, 4, 8, 12])
    level = np.where(np.arange(n) % 3 == 0, 7.0, 2.0)
    y = np.clip(level[:, None] + rng.normal(0, 1, (n, 4)), 0, 10)
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    week, person = np.tile(weeks, n), np.repeat(np.arange(n), 4)
    courses = Courses(y.ravel(), week, week, person, x, 0.3, (), "week", 0)
    return classify(courses, most=3, starts=8)


def test_the_numbers_of_classes_are_compared(made):
    rows = tabulate_selection(made)
    assert [row["Classes"] for row in rows if "chosen" in row["Classes"]] == ["2 (chosen)"]
    assert len(rows) == 3
    assert rows[0]["Entropy"] == "1.00"


def test_classes_are_described_from_best_to_worst(made):
    rows = tabulate_classes(made, 5, "Nm/kg")
    assert [row["Course"] for row in rows] == ["1 (best)", "2 (worst)"]
    assert [row["People"] for row in rows] == ["80", "40"]
    assert rows[0]["Share, %"] == "67"
    assert float(rows[1]["Outcome at the start"]) == pytest.approx(7, abs=0.5)
    hidden = tabulate_classes(made, 50, "Nm/kg")[1]
    assert hidden["People"] == "<50"
    assert hidden["Exposure, mean (Nm/kg)"] == "hidden"


def test_flags_are_raised_where_classes_are_weak(made):
    rows = check_classes(made, continuum_bic(made.courses, 1), 0.0, 0.05)
    good = {row["name"]: row["ok"] for row in rows}
    assert good["people"] is False  # 120
    assert good["classes against a continuum"] is True
    assert good["smallest class"] is True
    assert "classes at the limit" not in good
    bad = {r["name"]: r["ok"] for r in check_classes(made, made.chosen.bic - 5, 0.0, 0.5)}
    assert bad["classes against a continuum"] is False
    assert bad["smallest class"] is False


def test_the_sentences_say_summaries_not_types(made):
    text = " ".join(say_classes("nprs_avg", "hip_abd_nm_kg", ("age_years",), made, 8, False))
    for words in (
        "2 latent classes",
        "BIC",
        "not types",
        "8 starts",
        "straight lines in weeks",
        "age",
    ):
        assert words in text
    given = say_classes("nprs_avg", "hip_abd_nm_kg", (), made, 8, True)
    assert "set beforehand" in given[0]
