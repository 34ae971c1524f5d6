import numpy as np

from gluteal.cohort.harvest import Harvest, count_single, mean_of_available


def test_mean_of_available_sides():
    pairs = np.array([[1.0, 3.0], [np.nan, 2.0], [5.0, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(mean_of_available(pairs), [2, 2, 5, np.nan])
    assert count_single(pairs) == 2


def test_harvests_add_up():
    one, two = Harvest({"a": 1}), Harvest({"b": 2}, facts={"x": 1})
    one.add(two)
    assert one.visits == {"a": 1, "b": 2}
    assert one.facts == {"x": 1}
