from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames.exposed import Question, gather_exposed
from gluteal.frames.exposed_hazards import fit_hazards, list_hazards

ASK = Question("incident_lbp", "hip_abd_nm_kg", ("age_years", "sex"), "baseline", None, None, 0.2)


def test_risks_by_hazards_are_near_the_life_table(followed_up):
    data = gather_exposed(followed_up, ASK)
    (task,) = list_hazards(followed_up, ASK, data)
    found = task.make()
    assert found.means[0] == pytest.approx(data.y.mean(), abs=0.05)
    assert found.difference().estimate < 0
    assert found.difference().se > 0


def test_an_earlier_visit_has_a_smaller_risk(followed_up):
    early = replace(ASK, follow_up="week08")
    found = fit_hazards(followed_up, early, gather_exposed(followed_up, early))
    late = fit_hazards(followed_up, ASK, gather_exposed(followed_up, ASK))
    assert np.all(found.means < late.means)


def test_yes_no_exposures_are_set_to_both(followed_up):
    ask = replace(ASK, exposure="prior_lbp", covariates=("age_years",))
    found = fit_hazards(followed_up, ask, gather_exposed(followed_up, ask))
    assert found.means[0] != found.means[1]


def test_no_answer_is_an_error_of_its_own(followed_up):
    data = gather_exposed(followed_up, ASK)
    ill = followed_up.people.assign(lbp=True)
    with pytest.raises(UserError, match="nobody is known to be free"):
        fit_hazards(replace(followed_up, people=ill), ASK, data)
