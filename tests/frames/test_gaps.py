import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.frames.gaps import choose_variables, find_gaps, from_numbers, to_numbers
from gluteal.variables import NOT_APPLICABLE, variables


@pytest.fixture
def tables():
    """Twelve people without pain and twelve with it, two visits."""
    n = 24
    ids = [f"P{k:02d}" for k in range(n)]
    lbp = np.arange(n) >= 12
    people = pd.DataFrame({"participant_id": ids, "lbp": pd.array(lbp, dtype="boolean")})
    people["occ_lifting"] = pd.Categorical(["0", "2", None] * 8, ["0", "1", "2"], ordered=True)
    people["age_years"] = np.arange(n) + 30.0
    visits = pd.concat(
        [
            pd.DataFrame({"participant_id": ids, "visit": name, "week_nominal": week})
            for name, week in (("week04", 4.0), ("baseline", 0.0))
        ],
        ignore_index=True,
    )
    visits["nprs_avg"] = np.arange(2 * n) % 11.0
    later = visits["visit"] == "week04"
    visits["attended"] = pd.array(~(later & (visits.index % n >= 20)), dtype="boolean")
    visits.loc[~visits["attended"], "nprs_avg"] = np.nan
    visits["reason_absent"] = np.where(visits["attended"], "not_applicable", "lost")
    visits.loc[23, "reason_absent"] = "died"
    visits["sls_time_s"] = np.where(later, np.nan, 20.0)
    visits.loc[30, "sls_time_s"] = np.nan
    visits["sij_tests_pos"] = np.where(later, np.nan, np.r_[lbp, lbp] * 2.0)
    visits.loc[~np.r_[lbp, lbp], "sij_tests_pos"] = np.nan
    visits.loc[47, "sij_tests_pos"] = np.nan
    sides = pd.DataFrame({"participant_id": ids, "visit": "baseline", "side": "left"})
    sides["squeeze_hold_s"] = 3.0
    return Cohort(people, visits, sides, pd.DataFrame())


def by_name(gaps):
    return {gap.name: gap for gap in gaps}


def test_a_column_for_each_visit_that_collected_it_in_the_order_of_weeks(tables):
    gaps = find_gaps(tables, ["age_years", "nprs_avg", "sls_time_s"])
    names = ["age_years", "nprs_avg at baseline", "nprs_avg at week04", "sls_time_s at baseline"]
    assert [gap.name for gap in gaps] == names


def test_missed_visits_are_wanted_but_not_those_of_the_dead(tables):
    wanted = by_name(find_gaps(tables, ["nprs_avg"]))["nprs_avg at week04"].wanted
    assert np.flatnonzero(wanted).tolist() == [20, 21, 22]


def test_a_group_that_nobody_asked_has_no_gaps(tables):
    gap = find_gaps(tables, ["sij_tests_pos"])[0]
    assert np.isnan(gap.codes).sum() == 13
    assert np.flatnonzero(gap.wanted).tolist() == [23]


def test_codes_go_there_and_back(tables):
    column = tables.people["occ_lifting"]
    codes = to_numbers(column, "occ_lifting")
    assert np.nanmax(codes) == 2.0 and np.isnan(codes).sum() == 8
    assert from_numbers(codes[:2], "occ_lifting") == ["0", "2"]
    assert from_numbers(np.array([0.0, 1.0]), "lbp") == [False, True]
    assert from_numbers(np.array([3.5]), "age_years") == [3.5]


def test_what_cannot_be_imputed_is_left_out_with_its_reason(tables):
    names = ["nprs_avg", "pain_side", "squeeze_hold_s", "hads_a", "age_years", "examiner"]
    chosen, left = choose_variables(tables, [*names, "nprs_avg"], never=("age_years",))
    assert chosen == ["nprs_avg"]
    reasons = dict(left)
    assert "in pain" in reasons["pain_side"]
    assert "side" in reasons["squeeze_hold_s"]
    assert "no value" in reasons["hads_a"]
    assert "never" in reasons["age_years"]
    assert "text" in reasons["examiner"]


def test_every_name_without_a_meaning_for_all_is_in_the_dictionary():
    assert set(NOT_APPLICABLE) <= set(variables())
