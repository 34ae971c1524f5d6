from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.inference import interval
from gluteal.frames import hazards
from gluteal.frames.followed import gather_followed


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, "hip_abd_nm_kg", ("age_years", "sex", "prior_lbp"))


def test_ratios_of_so_many_units(people):
    one = hazards.answer_visits(people, 1.0, 0.95)[0].found
    two = hazards.answer_visits(people, 2.0, 0.95)[0].found
    assert two.estimate == pytest.approx(one.estimate**2)
    assert two.se == pytest.approx(2 * one.se)


def test_models_agree_where_they_should(people):
    main, fit = hazards.answer_surely(people, 0.25, 0.95)
    assert fit is not None
    dates, own, whole = hazards.answer_dates(people, 0.25, 0.95)
    assert np.log(dates.found.estimate) == pytest.approx(np.log(main.found.estimate), abs=0.05)
    assert 0 < own.p < 1
    assert 0 < whole.p < 1
    plain = hazards.answer_logit(people, 0.25, 0.95, penalised=False)
    firth = hazards.answer_logit(people, 0.25, 0.95, penalised=True)
    assert plain.found.estimate < firth.found.estimate < 1
    assert "Firth" in firth.estimator


def test_where_there_is_no_finite_answer_a_penalty_gives_one(people):
    # A covariate that only those without the event have.
    marked = people.take(np.arange(180) < 90)
    x = marked.design.matrix.copy()
    x[:, 2] = ~marked.hit & (np.arange(90) % 2 == 0)
    separated = replace(marked, design=replace(marked.design, matrix=x))
    answer, fit = hazards.answer_surely(separated, 0.25, 0.95)
    assert fit is None
    assert answer.converged
    assert answer.warnings[0].startswith("without a penalty there is no answer")


def test_calibration_divides_the_log_and_widens(people):
    main = hazards.answer_visits(people, 0.25, 0.95)[0]
    better = hazards.answer_calibrated(main, interval(0.5, 0.0), 0.95)
    assert better.found.estimate == pytest.approx(main.found.estimate**2)
    assert better.found.se == pytest.approx(2 * main.found.se)
    with pytest.raises(UserError, match="not clearly above zero"):
        hazards.answer_calibrated(main, interval(0.1, 0.2), 0.95)


def test_two_groups_are_compared_on_the_log_scale(people):
    one = hazards.answer_visits(people, 0.25, 0.95)[0]
    two = hazards.answer_visits(people, 0.5, 0.95)[0]
    gap = hazards.compare_answers(one, two, 0.95)
    assert gap.found.estimate == pytest.approx(two.found.estimate / one.found.estimate)
    assert gap.found.se == pytest.approx(np.hypot(one.found.se, two.found.se))
    assert gap.n_people == 360


def test_amounts(people, followed_up):
    sd, words = hazards.amount_of(people, "hip_abd_nm_kg", "sd")
    assert sd == pytest.approx(people.x[:, 0].std(ddof=1))
    assert words.startswith("SD (")
    assert hazards.amount_of(people, "hip_abd_nm_kg", 0.25) == (0.25, "0.250 Nm/kg")
    with_sex = gather_followed(followed_up, "hip_abd_nm_kg", ("sex",))
    inner, words = hazards.amount_of(with_sex, "hip_abd_nm_kg", "within_sex_sd")
    means = with_sex.frame.groupby("sex", observed=True)["hip_abd_nm_kg"]
    rest = with_sex.frame["hip_abd_nm_kg"] - means.transform("mean")
    assert inner == pytest.approx(np.sqrt((rest**2).sum() / 178))
    bare = gather_followed(followed_up, "hip_abd_nm_kg", ())
    with pytest.raises(UserError, match="within sexes"):
        hazards.amount_of(bare, "hip_abd_nm_kg", "within_sex_sd")


def test_a_straight_line_is_tested(people):
    assert 0 < hazards.check_bend(people).p < 1


def test_drift_of_a_constant_ratio_is_near_one(people):
    found = hazards.answer_drift(people, 0.95, 0.25).found
    assert found.low < 1 < found.high


def test_periods_are_laid_out_singly(people):
    rows, dummies, who = hazards.spread_visits(people)
    assert dummies.shape == (len(who), 4)
    assert rows.event.sum() == 115
    assert (dummies.sum(axis=1) == 1).all()
