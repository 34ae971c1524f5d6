import numpy as np
import pytest

from gluteal.instruments import ipaq_sf
from gluteal.simulate import answers
from gluteal.simulate.course import draw_course
from gluteal.simulate.responses import ITEMS


@pytest.fixture
def course(block):
    return draw_course(block(3000))


def rng():
    return np.random.default_rng(4)


def test_the_average_lies_between_least_and_worst(course):
    average, _, worst, least = answers.rate_pain(course, 0, rng()).T
    assert ((least <= average) & (average <= worst)).all()
    assert (average == course.nprs[:, 0]).all()


def test_the_line_follows_the_rating(course):
    mark = answers.rate_mm(course, 0, rng())[:, 0]
    lbp = course.traits.people.lbp
    assert np.corrcoef(mark[lbp], course.nprs[lbp, 0])[0, 1] > 0.9
    assert mark.min() >= 0
    assert mark.max() <= 100


def test_no_time_is_given_where_nothing_hurts(course):
    value, none = answers.rate_activities(course, 0, rng())
    assert (none[:, 3:] == (value[:, :3] == 0)).all()
    assert not none[:, :3].any()
    painless = ~course.traits.people.lbp
    assert (value[painless, :3] == 0).all()


def test_disability_items_have_the_specified_means(block):
    made = block(5000)
    course = draw_course(made)
    lbp = course.traits.people.lbp
    theta = answers.disability(made, course, 0)
    odi = 2 * answers.answer_odi(theta, lbp, rng()).sum(axis=1)
    rmdq = answers.answer_rmdq(theta, rng()).sum(axis=1)
    assert odi[lbp].mean() == pytest.approx(29.0, abs=0.8)
    assert odi[~lbp].mean() == pytest.approx(3.4, abs=0.3)
    assert rmdq[lbp].mean() == pytest.approx(9.9, abs=0.4)
    assert rmdq[~lbp].mean() == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize(
    ("answer", "low", "high", "items"),
    [
        (answers.answer_phq, 0, 3, 9),
        (answers.answer_tsk, 1, 4, 11),
        (answers.answer_fabq, 0, 6, 16),
    ],
)
def test_distress_shows_in_every_answer_of_its_range(answer, low, high, items):
    distress = rng().normal(size=4000)
    value = answer(distress, rng())
    assert value.shape == (4000, items)
    assert (value.min(), value.max()) == (low, high)
    assert np.corrcoef(value.sum(axis=1), distress)[0, 1] > 0.85


def test_sites_follow_the_painful_side(course):
    lbp = course.traits.people.lbp
    left = answers.mark_sites(course, 0, np.ones(3000, dtype=int), rng())
    assert left[lbp, 1].mean() > 0.6 > 0.2 > left[lbp, 2].mean()
    assert left[~lbp].sum() == 0


def test_who_gains_rates_the_effect_nearer_to_one(course):
    lbp = course.traits.people.lbp
    change = answers.rate_change(course, 3, rng())[:, 0]
    gain = (course.pain[:, 0] - course.pain[:, 3])[lbp]
    assert np.corrcoef(change[lbp], gain)[0, 1] < -0.6
    assert set(np.unique(change)) <= set(range(1, 8))


def test_the_activity_score_gives_the_latent_activity_back():
    import pandas as pd

    log_met = rng().normal(7.5, 0.8, 4000)
    value = answers.answer_ipaq(log_met, rng())
    items = pd.DataFrame(value, columns=list(ITEMS["ipaq_sf"]), dtype=float)
    scored = ipaq_sf.score(items, {}).scores["log_met"].to_numpy()
    assert np.isfinite(scored).all()
    assert np.corrcoef(scored, log_met)[0, 1] > 0.95
    assert np.mean(scored - log_met) == pytest.approx(0, abs=0.03)
