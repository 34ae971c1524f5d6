from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.exposed import Question, gather_exposed
from gluteal.frames.followed import count_free

ASK = Question(
    outcome="incident_lbp", exposure="hip_abd_nm_kg", covariates=("age_years", "sex", "prior_lbp"),
    visit="baseline", follow_up=None, cut=None, shift=0.2,
)  # fmt: skip


def test_new_pain_becomes_pseudo_observations_of_everyone(followed_up):
    data = gather_exposed(followed_up, ASK)
    assert len(data.y) == 180
    assert data.events == 115
    assert data.risk
    assert data.family == "linear"
    assert data.at == "by week16"
    assert data.later
    assert data.y.mean() == pytest.approx(0.789, abs=0.01)  # life table; 115 / 180 is 0.639
    early = gather_exposed(followed_up, replace(ASK, follow_up="week04"))
    assert set(np.unique(early.y)) == {0.0, 1.0}  # nobody left before week 4


def test_a_shift_changes_the_exposure_alone(followed_up):
    data = gather_exposed(followed_up, ASK)
    assert data.groups is None
    same, more = data.set_to()
    np.testing.assert_allclose(more[:, 1] - same[:, 1], 0.2)
    np.testing.assert_array_equal(np.delete(more, 1, 1), data.z)
    assert data.contrast.startswith("everyone 0.200 Nm/kg more")


def test_a_cut_makes_two_groups(followed_up):
    data = gather_exposed(followed_up, replace(ASK, cut=1.6))
    assert data.groups == ("below 1.60 Nm/kg", "at or above 1.60 Nm/kg")
    assert set(data.a) == {0.0, 1.0}
    none, all_ = data.set_to()
    assert none[:, 1].max() == 0
    assert all_[:, 1].min() == 1


def test_yes_no_exposures_are_groups_already(followed_up):
    ask = replace(ASK, exposure="prior_lbp", covariates=("age_years",))
    data = gather_exposed(followed_up, ask)
    assert data.groups == ("no", "yes")


def test_numbers_at_one_visit_are_not_later(followed_up):
    data = gather_exposed(followed_up, replace(ASK, outcome="nprs_avg"))
    assert not data.later
    assert not data.risk
    assert data.at == "at baseline"
    late = gather_exposed(followed_up, replace(ASK, outcome="nprs_avg", follow_up="week04"))
    assert late.later
    assert late.n_missing == 180 - len(late.y)


def test_fewer_covariates_keep_their_columns(followed_up):
    data = gather_exposed(followed_up, ASK)
    less = data.with_covariates(["sex"])
    assert less.covariates == ("sex",)
    assert less.design.names == ("(intercept)", "hip_abd_nm_kg", "sex=m")
    np.testing.assert_array_equal(less.x[:, 2], data.x[:, data.design.terms["sex"][0]])
    assert data.with_covariates([]).z.shape == (180, 1)


def test_people_in_pain_are_not_asked_about(followed_up):
    ill = followed_up.people.assign(lbp=pd.array([True] * 20 + [False] * 160, dtype="boolean"))
    cohort = replace(followed_up, people=ill)
    assert count_free(cohort, "baseline") == 160
    data = gather_exposed(cohort, ASK)
    assert len(data.y) == 160
    assert data.n_missing == 0


def test_faults_are_named(followed_up):
    with pytest.raises(UserError, match="neither a number nor yes/no"):
        gather_exposed(followed_up, replace(ASK, exposure="sex"))
    with pytest.raises(UserError, match="no value at week12"):
        bare = followed_up.visits.copy()
        bare.loc[bare["visit"] == "week12", "nprs_avg"] = np.nan
        gather_exposed(
            replace(followed_up, visits=bare), replace(ASK, outcome="nprs_avg", follow_up="week12")
        )
