from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.followed import gather_followed, refuse_few, values_by_visit

PAIR = ("hip_abd_nm_kg", ("age_years", "sex"))


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, *PAIR)


def test_exposure_first_then_covariates(people):
    assert people.names == ("hip_abd_nm_kg", "age_years", "sex=m")
    assert people.visits == ("week04", "week08", "week12", "week16")
    assert people.weeks.tolist() == [4, 8, 12, 16]
    assert people.x.shape == (180, 3)
    assert people.events == 115


def test_days_end_with_the_onset_or_the_last_look(followed_up, people):
    day = followed_up.people.set_index("participant_id")["follow_up_day"]
    np.testing.assert_array_equal(people.days, day[people.frame["participant_id"]])
    assert people.hit.sum() == 115


def test_starting_later_leaves_out_those_who_had_pain(people):
    later = people.after(4)
    assert later.weeks.tolist() == [8, 12, 16]
    assert len(later.frame) == len(later.x) == 180 - 40
    assert later.events == 115 - 40


def test_a_later_visit_is_time_zero(followed_up):
    late = gather_followed(followed_up, *PAIR, visit="week04")
    assert late.weeks.tolist() == [4, 8, 12]
    assert late.events == 75
    assert late.flow["in pain"] == 40
    assert late.days[late.hit].min() > 0


def test_a_dated_onset_tells_that_missed_visits_before_it_were_free(followed_up):
    visits = followed_up.visits.copy()
    ids = followed_up.people["participant_id"][followed_up.people["incident_lbp_day"] > 57]
    missed = visits["participant_id"].isin(ids) & (visits["visit"] == "week08")
    visits.loc[missed, "incident_lbp"] = pd.NA
    dated = gather_followed(replace(followed_up, visits=visits), *PAIR)
    rows = dated.frame["participant_id"].isin(ids).to_numpy()
    assert (dated.status[rows, 1] == 0).all()
    bare = followed_up.people.drop(columns=["incident_lbp_day", "follow_up_day"])
    undated = gather_followed(replace(followed_up, visits=visits, people=bare), *PAIR)
    assert np.isnan(undated.status[rows, 1]).all()
    assert np.isnan(undated.days).all()


def test_covariates_of_one_value_are_left_out(followed_up):
    women = followed_up.only({"sex": ("f",)})
    found = gather_followed(women, *PAIR)
    assert found.dropped == ("sex",)
    assert found.covariates == ("age_years",)


def test_values_by_visit_are_in_the_order_asked_for(followed_up):
    table = values_by_visit(followed_up, "week_nominal", ["P003", "P001"], ["week08", "baseline"])
    assert table.tolist() == [[8, 0], [8, 0]]


def test_what_cannot_be_followed_is_refused(followed_up):
    with pytest.raises(UserError, match="there is no visit week99"):
        gather_followed(followed_up, *PAIR, visit="week99")
    with pytest.raises(UserError, match="no visit follows week16"):
        gather_followed(followed_up, *PAIR, visit="week16")
    undated = followed_up.visits.drop(columns="week_nominal")
    with pytest.raises(UserError, match="weeks of the visits"):
        gather_followed(replace(followed_up, visits=undated), *PAIR)
    with pytest.raises(UserError, match="<5 people"):
        refuse_few(4)
