import numpy as np
import pytest
from scipy import stats

from gluteal.estimators.trajectories import (
    check_class_count,
    fit_trajectories,
    select_classes,
)
from gluteal.estimators.trajectories.selection import simulate_sums


def test_three_classes_are_found(courses, answers):
    found = select_classes(*courses, most=4)
    assert found.best_bic == found.best_aic == 3
    bic = [want["bic"] for want in answers("trajectories")["shared"]]
    np.testing.assert_allclose([fit.bic for fit in found.fits], bic, rtol=1e-10)


def test_the_bootstrap_test_stops_at_three(courses):
    fits = [fit_trajectories(*courses, k) for k in (2, 3, 4)]
    need = check_class_count(fits[0], fits[1], resamples=39)
    assert need.p == 1 / 40
    assert need.statistic == pytest.approx(2 * (fits[1].log_likelihood - fits[0].log_likelihood))
    enough = check_class_count(fits[1], fits[2], resamples=39)
    assert enough.p > 0.1
    again = check_class_count(fits[1], fits[2], resamples=39)
    np.testing.assert_array_equal(again.simulated, enough.simulated)


def test_the_bootstrap_test_does_not_find_classes_that_are_not_there(draw):
    p = []
    for seed in range(20):
        y, time, person, *_ = draw(np.random.default_rng(seed), 40, levels=(3.0,))
        one, two = (fit_trajectories(y, time, person, k, degree=0, starts=8) for k in (1, 2))
        p.append(check_class_count(one, two, resamples=19, starts=3, seed=seed).p)
    assert stats.binomtest(sum(np.array(p) <= 0.2), 20, 0.2).pvalue > 0.01


def test_simulated_people_come_at_the_same_visits(three):
    data = three.person_sums
    sums = simulate_sums(data, three.mixture, 300, np.random.default_rng(1))
    np.testing.assert_array_equal(sums[:, :, 1], np.broadcast_to(data.sums[:, 1], (300, 200)))
    # Squares and levels are those of the model: near the data's, which it was fitted to.
    np.testing.assert_allclose(sums[..., 2].sum(1).mean(), data.sums[:, 2].sum(), rtol=0.02)
    assert abs(sums[..., 3].sum(1).mean() / len(data.y)) < 0.05


def test_few_people_carry_few_classes(draw):
    y, time, person, *_ = draw(np.random.default_rng(2), 9)
    found = select_classes(y, time, person, most=5, degree=1, starts=10)
    assert len(found.fits) == 3
    assert "9 people carry no more than 3 classes" in found.warnings[-1]


def test_misuse(courses, three):
    with pytest.raises(ValueError, match="k and k"):
        check_class_count(three, three)
    y, time, person = courses
    other = fit_trajectories(y + time, time, person, 2)
    with pytest.raises(ValueError, match="same data"):
        check_class_count(other, three)
    two = fit_trajectories(*courses, 2)
    with pytest.raises(ValueError, match="at least one simulated"):
        check_class_count(two, three, resamples=0)
    with pytest.raises(ValueError, match="at least 1 class"):
        select_classes(*courses, most=0)
    by_class = fit_trajectories(*courses, 2, variance="class")
    with pytest.raises(ValueError, match="same variances"):
        check_class_count(by_class, three)
