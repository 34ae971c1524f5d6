import numpy as np

from gluteal.estimators.trajectories.starts import draw_starts, person_courses
from gluteal.estimators.trajectories.sums import sum_people


def test_own_courses_shrink_towards_the_mean(courses):
    data = sum_people(*courses, 1)
    own = person_courses(data.sums[None], 2)[0]
    assert own.shape == (200, 2)
    means = np.bincount(data.of_person, data.y) / np.bincount(data.of_person)
    assert np.corrcoef(own[:, 0], means)[0, 1] > 0.95
    assert np.abs(own[:, 0]).mean() < np.abs(means).mean()


def test_centres_of_a_start_are_different_people(courses):
    data = sum_people(*courses, 1)
    starts = draw_starts(data.sums[None], 2, 4, 30, np.random.default_rng(1))
    for run in range(30):
        assert len(np.unique(starts.coef[0, run, :, 0])) == 4
    assert (np.diff(starts.coef[0, 0, :, 0]) > 0).all()
    np.testing.assert_allclose(np.exp(starts.log_share).sum(-1), 1)
