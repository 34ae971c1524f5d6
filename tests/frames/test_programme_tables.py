from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gluteal.frames.course import Course
from gluteal.frames.programme_tables import (
    arms_of,
    share_stages,
    tabulate,
    tabulate_classes,
    tabulate_form,
    tabulate_responders,
    tabulate_stages,
    tabulate_visits,
)
from gluteal.frames.responders import find_threshold

VISITS = ("baseline", "week04", "week12")


def build(n=80, arms=2):
    rng = np.random.default_rng(4)
    ids = np.array([f"P{k:03d}" for k in range(n)], dtype=object)
    y = np.round(
        np.column_stack([rng.uniform(3, 9, n), rng.uniform(1, 8, n), rng.uniform(0, 8, n)])
    )
    arm = (np.arange(n) % arms == 0).astype(float)
    course = Course(ids, VISITS, np.array([0.0, 4, 12]), y, arm, np.zeros((n, 0)), (), 0)
    mine = ids[arm == 1]
    rows = [
        {
            "participant_id": name, "visit": visit,
            "stage_at_visit": [None, "1", "2" if i % 2 else "1"][k],
            "neutral_spine_share": [np.nan, 0.5, 1.0][k],
        }
        for i, name in enumerate(mine)
        for k, visit in enumerate(VISITS)
    ]  # fmt: skip
    return SimpleNamespace(visits=pd.DataFrame(rows)), course


def test_visits_have_number_mean_and_spread():
    _, course = build()
    rows = tabulate_visits(course, 5)
    assert [row["Visit"] for row in rows] == list(VISITS)
    assert rows[0]["Programme: n"] == "40"
    assert rows[0]["Programme: mean (SD)"].startswith(f"{course.y[course.arm == 1, 0].mean():.2f}")
    course.y[3:, 2] = np.nan
    assert "hidden" in tabulate_visits(course, 5)[2].values()


def test_classes_of_change_add_up_and_hide_the_few():
    _, course = build()
    threshold = find_threshold("nprs_avg")
    before, after, arm = course.pairs(2)
    rows = tabulate_classes(before, after, arm, threshold, 1)
    counts = [int(row["Programme, n (%)"].split(" ")[0]) for row in rows]
    assert sum(counts) == (arm == 1).sum()
    hidden = tabulate_classes(before, after, arm, threshold, 12)
    cells = [row["Programme, n (%)"] for row in hidden]
    assert any(cell.startswith("<") for cell in cells)
    assert not any(
        cell.split(" ")[0].isdigit() and 0 < int(cell.split(" ")[0]) < 12 for cell in cells
    )


def test_responders_of_few_people_are_hidden_with_what_betrays_them():
    threshold = find_threshold("nprs_avg")
    before, after = np.full(40, 8.0), np.full(40, 8.0)
    after[:3] = 1.0
    (row, *_) = tabulate_responders(before, after, np.arange(40) % 2.0, threshold, 0.95, 5)
    assert set(list(row.values())[1:]) == {"hidden"}


def test_one_arm_has_no_responders_and_no_classes():
    cohort, course = build(arms=1)
    found = tabulate(cohort, course, 2, find_threshold("nprs_avg"), 0.95, 5)
    assert set(found) == {"visits", "stages", "form"}
    assert [name for name, _ in arms_of(course)] == ["Programme"]
    cohort, course = build()
    both = tabulate(cohort, course, 2, find_threshold("nprs_avg"), 0.95, 5)
    assert {"responders", "time to response", "change"} <= set(both)


def test_stages_and_form_are_of_the_programme():
    cohort, course = build()
    rows = tabulate_stages(cohort, course)
    assert [row["Stage reached"] for row in rows] == [
        "activation",
        "progressive load",
        "compound lifts",
    ]
    mine = course.y[course.arm == 1]
    slopes = np.concatenate([mine[:, 1] - mine[:, 0], (mine[::2, 2] - mine[::2, 1]) / 2])
    shown = float(rows[0]["Mean change per 4 weeks"].replace("−", "-"))
    assert shown == pytest.approx(slopes.mean(), abs=0.006)
    assert rows[2]["Mean change per 4 weeks"] == "hidden"
    form = tabulate_form(cohort, course)
    assert [row["Visit"] for row in form] == ["week04", "week12"]
    bare = SimpleNamespace(visits=cohort.visits[["participant_id", "visit"]])
    assert tabulate_stages(bare, course) == tabulate_form(bare, course) == []


def test_shares_of_stages_for_the_figure():
    cohort, course = build()
    assert share_stages(cohort, course, 5) == [
        {"week": 12.0, "stage": "progressive load", "share": 0.5}
    ]
    assert share_stages(cohort, course, 21) == []
