import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.frames.trajectories import (
    Courses,
    classify,
    continuum_bic,
    count_waves,
    draw_courses,
    read_courses,
    regress,
    scale_weeks,
)

WEEKS = np.array([0.0, 4, 8, 12])


def draw(n=150, seed=1, types=True, slope=-0.8):
    """Two courses far apart, or one continuum; a weak measure goes with the worse course."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    worse = rng.random(n) < 1 / (1 + np.exp(-slope * x))
    level = np.where(worse, 7.0, 3.0) if types else 5 + 1.5 * rng.normal(size=n)
    y = level[:, None] - 0.1 * WEEKS + rng.normal(0, 0.8, (n, 4))
    week, person = np.tile(WEEKS, n), np.repeat(np.arange(n), 4)
    design = np.column_stack([np.ones(n), x, rng.normal(size=n)])
    return Courses(y.ravel(), week, week, person, design, 2.0, ("age_years",), "week", 0)


def build(n=40):
    rng = np.random.default_rng(2)
    ids = [f"P{k:02d}" for k in range(n)]
    people = pd.DataFrame({"participant_id": ids, "age_years": rng.uniform(20, 60, n)})
    visits = pd.DataFrame(
        [
            {
                "participant_id": name, "visit": f"week{week:02.0f}" if week else "baseline",
                "week_nominal": week, "week_actual": week + 0.5 if week else np.nan,
                "nprs_avg": float(rng.integers(0, 10)), "hip_abd_nm_kg": rng.normal(1.2, 0.3),
            }
            for name in ids
            for week in WEEKS
        ]
    )  # fmt: skip
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(typed(people), typed(visits), none, none)


def read(cohort, scale="week", covariates=("age_years",)):
    return read_courses(cohort, "nprs_avg", "hip_abd_nm_kg", covariates, "baseline", scale)


def test_rows_have_actual_weeks_and_people_their_design():
    cohort = build()
    made = read(cohort)
    assert made.x.shape == (40, 3)
    assert made.x[:, 1].std(ddof=1) == pytest.approx(1)
    first = cohort.visits[cohort.visits["visit"] == "baseline"]["hip_abd_nm_kg"]
    np.testing.assert_allclose(made.x[:, 1] * made.sd, first)
    assert sorted(set(made.week)) == [0, 4.5, 8.5, 12.5]  # the planned week where none is known
    assert count_waves(cohort, "nprs_avg") == 4
    logs = read(cohort, "log_week")
    np.testing.assert_allclose(logs.time, np.log1p(made.week))
    assert scale_weeks(np.array([-1.0]), "log_week").tolist() == [0.0]


def test_people_who_cannot_be_used_are_counted():
    cohort = build()
    one = cohort.visits["participant_id"] == "P00"
    cohort.visits.loc[one & (cohort.visits["visit"] != "week04"), "nprs_avg"] = np.nan
    cohort.people.loc[cohort.people["participant_id"] == "P01", "age_years"] = np.nan
    made = read(cohort)
    assert len(made.x) == 38
    assert made.n_missing == 2
    assert set(made.person) == set(range(38))
    cohort.visits["nprs_avg"] = cohort.visits["nprs_avg"].where(cohort.visits["visit"] == "week04")
    with pytest.raises(UserError, match="0 people have two values"):
        read(cohort)
    with pytest.raises(UserError, match="age_years"):
        count_waves(build(), "age_years")
    bare = build()
    bare.visits.drop(columns=["week_actual", "week_nominal"], inplace=True)  # noqa: PD002
    with pytest.raises(UserError, match="week"):
        read(bare)


def test_the_truth_is_found_where_there_are_types():
    made = classify(draw(600), starts=10)
    assert made.chosen.classes == 2
    odds = made.worst(0.95)
    assert odds.low < np.exp(-0.8) < odds.high
    assert made.chosen.coef[0, 0] == pytest.approx(3, abs=0.2)  # the best course first
    assert continuum_bic(made.courses, 1) > made.chosen.bic


def test_a_continuum_is_told_from_types():
    made = classify(draw(300, types=False), starts=10)
    assert made.chosen.classes > 1  # classes are found where there are none
    assert continuum_bic(made.courses, 1) < made.chosen.bic


def test_the_number_of_classes_can_be_set():
    courses = draw()
    assert classify(courses, classes=3, starts=10).chosen.classes == 3
    one = classify(courses, classes=1, starts=10)
    assert one.regression is None
    assert one.worst(0.95) is None
    assert one.of_class(0, 0.95) is None
    crude = regress(courses, classify(courses, classes=2, starts=10).chosen, adjusted=False)
    assert len(crude.model.coef) == 2


def test_small_classes_are_passed_over():
    made = classify(draw(), starts=10, least_share=0.4)
    assert made.chosen.smallest >= 0.4


def test_too_many_classes_for_the_people_are_named():
    with pytest.raises(UserError, match="classes"):
        classify(draw(12), classes=6, starts=5)


def test_curves_are_of_classes_of_ten_people_or_more():
    made = classify(draw(), classes=2, starts=10)
    rows = draw_courses(made, np.array([0.0, 12.0]), 0.95)
    assert [(row["class"], row["week"]) for row in rows] == [(1, 0), (1, 12), (2, 0), (2, 12)]
    assert rows[0]["estimate"] == pytest.approx(made.chosen.coef[0, 0])
    assert all(row["low"] < row["estimate"] < row["high"] for row in rows)
    assert draw_courses(made, np.array([0.0]), 0.95, least=1000) == []
