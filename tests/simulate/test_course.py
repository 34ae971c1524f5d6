import numpy as np
import pytest

from gluteal.simulate.course import NEVER, draw_course, natural_course, stationary, transition
from gluteal.simulate.worlds import WEEKS, WORLDS


@pytest.mark.parametrize("world", WORLDS.values(), ids=str)
def test_intervals_compose_and_the_states_stay_stationary(world):
    four = transition(world, 4)
    assert four == pytest.approx(
        np.array([[0.55, world.pain_to_strength], [world.strength_to_pain, 0.40]])
    )
    assert transition(world, 8) == pytest.approx(four @ four)
    omega = stationary(world)
    for weeks in (4, 14):
        step = transition(world, weeks)
        noise = omega - step @ omega @ step.T
        assert (np.linalg.eigvalsh(noise) > 0).all()


def test_the_fourteen_week_lag_is_that_of_the_domain_note():
    assert transition(WORLDS["null"], 14)[0, 0] == pytest.approx(0.55**3.5)


def test_lagged_effects_are_recovered_from_the_states(block):
    course = draw_course(block(5000, "seed", share=1.0, design="repeated"))
    world = course.traits.people.lbp
    pain = course.pain - course.traits.pain[:, None]
    pain -= np.array([natural_course(week) for week in WEEKS])
    before = np.column_stack([course.state[:, 0], pain[:, 0]])
    for after, truth in ((course.state[:, 1], (0.55, -0.004)), (pain[:, 1], (-2.4, 0.40))):
        found = np.linalg.lstsq(before, after, rcond=None)[0]
        assert found == pytest.approx(truth, abs=0.45 if truth[0] < 0 else 0.06)
    assert world.all()


def test_the_programme_works_through_strength_and_directly(block):
    course = draw_course(block(2000, "seed", design="programme", share=1.0))
    arm = course.traits.arm
    gain = course.gain[:, 3]
    assert (gain[~arm] == 0).all()
    assert gain[arm] == pytest.approx(0.15 * course.traits.adherence[arm] / 0.70)
    assert course.gain[:, 1] == pytest.approx(gain / 3)
    assert course.gain[:, 4] == pytest.approx(gain)


def test_new_pain_comes_to_people_without_it_and_stays(block):
    course = draw_course(block(5000))
    lbp = course.traits.people.lbp
    assert (course.onset[lbp] == NEVER).all()
    fell = np.flatnonzero(course.onset != NEVER)
    assert len(fell) / (~lbp).sum() == pytest.approx(0.146, abs=0.02)
    person = fell[course.onset[fell] < 4]
    assert course.painful[person, 4].all()
    days = course.onset_day[fell]
    assert (days > 7 * np.array(WEEKS)[course.onset[fell] - 1]).all()
    assert (days < 7 * np.array(WEEKS)[course.onset[fell]]).all()


def test_who_has_left_is_not_seen_again(block):
    course = draw_course(block(5000))
    assert course.attended[:, 0].all()
    gone = (course.left != NEVER)[:, None] & (np.arange(5) >= course.left[:, None])
    assert not (gone & course.attended).any()
    assert 0.02 < (~course.attended & ~gone)[:, 1:].mean() < 0.04


def test_unseen_pain_drives_people_out_only_if_asked(block):
    def leavers(mnar):
        course = draw_course(block(5000, share=1.0, design="repeated", mnar=mnar))
        first = course.left == 1
        # Given the pain seen before, does the pain not seen differ?
        design = np.column_stack([np.ones(5000), course.nprs[:, 0], first])
        return np.linalg.lstsq(design, course.nprs[:, 1], rcond=None)[0][2]

    assert abs(leavers(False)) < 0.2
    assert leavers(True) > 0.25


def test_ratings_are_whole_and_in_range(block):
    nprs = draw_course(block(2000)).nprs
    assert set(np.unique(nprs)) <= set(range(11))
