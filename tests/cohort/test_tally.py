import numpy as np

from gluteal.cohort.tally import Tally


def test_counts_are_sorted_and_summed():
    tally = Tally()
    tally.add("b", "x", 1)
    tally.add("a", "x", 2)
    tally.add("a", "x", 3)
    tally.add("c", "x", 0)
    tally.note("a", "seen", 1)
    assert tally.rows() == [
        {"variable": "a", "reason": "x", "n": 5},
        {"variable": "b", "reason": "x", "n": 1},
    ]
    assert tally.notes() == [{"variable": "a", "reason": "seen", "n": 1}]


def test_impossible_values_are_set_aside_not_mended():
    tally = Tally()
    kept = tally.keep_in_range("body_mass_kg", np.array([70.0, 700.0, np.nan, 29.9]))
    np.testing.assert_array_equal(kept, [70.0, np.nan, np.nan, np.nan])
    assert tally.rows()[0]["n"] == 2
