import numpy as np
import pytest

from gluteal.estimators.trajectories.sums import add_up, sum_people


def test_sums_are_those_of_the_rows(courses):
    data = sum_people(*courses, 2)
    assert data.terms == 3
    for i in (0, 17, 199):
        rows = data.of_person == i
        x, y = data.x[rows], data.y[rows]
        products = (x.T @ x)[np.tril_indices(3)]
        want = np.r_[1, rows.sum(), y @ y, x.T @ y, products]
        np.testing.assert_allclose(data.sums[i], want, rtol=1e-10, atol=1e-12)


def test_powers_are_orthogonal_and_turn_back_into_time(courses):
    y, time, person = courses
    data = sum_people(y, 7 * time + 1000, person, 3)
    np.testing.assert_allclose(data.x.T @ data.x / len(data.x), np.eye(4), atol=1e-10)
    there = ~np.isnan(y)
    beta = np.array([0.3, -1.0, 0.5, 0.2])
    powers = np.vander(7 * time[there] + 1000, 4, increasing=True)
    # Powers of 1,000 cancel: five digits are left of eleven.
    np.testing.assert_allclose(powers @ (data.to_time @ beta), data.x @ beta, atol=1e-4)


def test_sets_of_outcomes_are_summed_at_once(courses):
    data = sum_people(*courses, 1)
    starts = np.searchsorted(data.of_person, np.arange(len(data.sums)))
    both = add_up(data.x, np.stack([data.y, -data.y]), starts)
    np.testing.assert_allclose(both[0], data.sums, rtol=1e-12)
    np.testing.assert_allclose(both[1][:, 3:5], -data.sums[:, 3:5], rtol=1e-12)


def test_misuse(courses):
    with pytest.raises(ValueError, match="degree"):
        sum_people(*courses, -2)
