from math import inf, nan

import pytest

from gluteal.estimators.causal import summarise_weights
from gluteal.estimators.inference import JointTest
from gluteal.frames.followed import gather_followed
from gluteal.frames.hazards import answer_surely
from gluteal.frames.incidence_checks import check_dates, check_incidence, check_weights


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, "hip_abd_nm_kg", ("age_years", "sex"))


def told(rows):
    return {row["name"]: row for row in rows}


def test_what_the_reader_must_know(people):
    main, fit = answer_surely(people, 0.25, 0.95)
    found = told(check_incidence(people, people, main, fit))
    assert found["events"]["value"] == 115
    assert found["events per coefficient"]["value"] == pytest.approx(115 / 3)
    assert found["events per coefficient"]["ok"]
    assert found["followed to the end"]["ok"] is False  # the fixture loses many
    assert found["longest interval"]["value"] == 4
    assert found["CR2 over classical standard error"]["ok"]
    assert "straight line, p" in found


def test_without_a_finite_model_there_is_less_to_check(people):
    main, _fit = answer_surely(people, 0.25, 0.95)
    found = told(check_incidence(people, people, main, None))
    assert found["penalty needed"]["ok"] is False
    assert "straight line, p" not in found


def test_dates_and_weights():
    rows = check_dates(JointTest(9.0, 1, inf, 0.003), JointTest(nan, 2, inf, nan))
    assert [row["ok"] for row in rows] == [False, None]
    low, high = check_weights(summarise_weights([1.0, 1.0, 30.0]), ())
    assert low["ok"] is False
    assert "nothing beside the covariates" in low["meaning"]
    assert high["ok"] is False
