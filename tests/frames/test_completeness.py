"""Counting what is missing, and scores at the ends of their scales."""

from __future__ import annotations

import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.frames import completeness as co
from gluteal.variables import variables


@pytest.fixture
def cohort() -> Cohort:
    people = pd.DataFrame(
        {
            "participant_id": list("abc"),
            "lbp": [True, True, False],
            "age_years": [40, None, 50],
            "lbp_duration_wk": [12, None, None],
            "smoking": [None] * 3,
        }
    )
    visits = pd.DataFrame(
        {
            "participant_id": list("aabbcc"),
            "visit": ["baseline", "week04"] * 3,
            "week_nominal": [0, 4] * 3,
            "attended": [True, True, True, False, True, True],
            "nprs_avg": [0, 10, 10, None, 0, 0],
            "phq9": [3, None, None, None, 5, None],
            "hip_abd_nm": [1.0] * 6,
        }
    )
    sides = pd.DataFrame(
        {
            "participant_id": list("aabc"),
            "visit": "baseline",
            "side": ["left", "right", "left", "left"],
            "trendelenburg_pos": [True, False, None, True],
        }
    )
    return Cohort(typed(people), typed(visits), typed(sides), sides.iloc[:0])


def counted(cohort: Cohort, *names: str) -> dict[tuple[str, str], tuple[int, int]]:
    return {(m.variable, m.visit): (m.n, m.n_missing) for m in co.count_missing(cohort, names)}


def test_facts_of_a_person_are_counted_once(cohort):
    assert counted(cohort, "age_years") == {("age_years", "once"): (3, 1)}


def test_each_visit_counts_those_planned_also_if_they_stayed_away(cohort):
    assert counted(cohort, "nprs_avg") == {
        ("nprs_avg", "baseline"): (3, 0),
        ("nprs_avg", "week04"): (3, 1),
    }
    assert counted(cohort, "attended")["attended", "week04"] == (3, 1)


def test_a_visit_without_any_value_was_not_planned(cohort):
    assert counted(cohort, "phq9") == {("phq9", "baseline"): (3, 1)}


def test_both_sides_are_planned_also_where_a_row_is_absent(cohort):
    found = counted(cohort, "trendelenburg_pos")
    assert found == {("trendelenburg_pos", "baseline"): (6, 3)}


def test_what_cannot_apply_is_not_missing(cohort):
    assert counted(cohort, "lbp_duration_wk") == {("lbp_duration_wk", "once"): (2, 1)}


def test_what_is_measured_is_chosen_and_doubles_are_not(cohort):
    names = co.choose_variables(cohort)
    assert {"lbp", "age_years", "nprs_avg", "phq9", "attended", "trendelenburg_pos"} <= set(names)
    assert not {"smoking", "hip_abd_nm", "week_nominal", "participant_id"} & set(names)
    assert co.choose_variables(cohort, ["phq9", "smoking"]) == ["phq9"]


def test_visits_come_in_the_order_of_their_weeks(cohort):
    assert co.order_visits(cohort.visits[::-1]) == ["baseline", "week04"]
    assert co.order_visits(cohort.visits[["visit"]]) == ["baseline", "week04"]


def test_floor_and_ceiling_are_counted_among_people_with_pain(cohort):
    edges = {e.visit: e for e in co.count_edges(cohort, ["nprs_avg"])}
    assert (edges["baseline"].n, edges["baseline"].n_lowest, edges["baseline"].n_highest) == (
        2,
        1,
        1,
    )
    assert (edges["week04"].n, edges["week04"].n_lowest, edges["week04"].n_highest) == (1, 0, 1)
    assert edges["week04"].worst == 1
    everybody = Cohort(
        cohort.people.drop(columns="lbp"), cohort.visits, cohort.sides, cohort.trials
    )
    assert next(iter(co.count_edges(everybody, ["nprs_avg"]))).n == 3


@pytest.mark.parametrize(
    ("name", "bounded"),
    [
        *(("nprs_avg", True), ("odi_pct", True), ("phq9", True), ("age_years", False)),
        *(("log_met", False), ("agg_stand_min", False), ("promis_pi4a_t", False), ("sex", False)),
    ],
)
def test_only_scores_with_ends_have_a_floor(name, bounded):
    assert co.is_bounded(variables()[name]) is bounded


def test_conditions_name_variables_and_levels_of_the_dictionary():
    known = variables()
    for name, (condition, level) in co.APPLIES.items():
        assert name in known
        assert level in known[condition].levels
    assert set(co.BOOKKEEPING) <= set(known)
