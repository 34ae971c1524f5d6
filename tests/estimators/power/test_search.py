from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.power import (
    find_effect,
    find_sample_size,
    group_difference,
    simulate_design,
    solve_effect,
    solve_size,
)
from gluteal.estimators.power.analytic import power_t_test


def at_size(d):
    design = group_difference(d)
    return lambda n, k, seed: simulate_design(design, n, replicates=k, seed=seed)


@pytest.mark.parametrize(("d", "wanted"), [(0.5, 0.8), (0.5, 0.9), (0.25, 0.8), (1.0, 0.95)])
def test_sizes_are_those_of_the_formula(d, wanted):
    exact = 2 * solve_size(lambda n: power_t_test(n, d), wanted)
    found = find_sample_size(at_size(d), wanted, replicates=2000, precision=0.015)
    error = (found.high - found.low) / (2 * 1.959964)
    assert found.converged
    assert abs(found.found - exact) < 4 * error + 1
    assert found.found == int(found.found)
    assert error / found.found < 0.0151


def test_intervals_hold_the_size_as_often_as_they_say():
    exact = 2 * solve_size(lambda n: power_t_test(n, 0.5))
    held = [
        found.low <= exact + 0.5 and found.high >= exact - 0.5
        for found in (find_sample_size(at_size(0.5), seed=100 * k) for k in range(100))
    ]
    assert np.mean(held) > 0.87


def test_effects_are_those_of_the_formula():
    exact = solve_effect(lambda d: power_t_test(40, d))
    found = find_effect(
        lambda d, k, seed: simulate_design(group_difference(d), 80, replicates=k, seed=seed),
        low=0.05,
        high=0.1,
        replicates=2000,
    )
    assert found.low < exact < found.high
    assert found.tried.max() > 0.4  # it went on beyond where it was told to start


def test_it_stops_where_nothing_helps():
    with pytest.raises(UserError, match="no value up to 500"):
        find_sample_size(at_size(0.0), most=500, replicates=50)
    low = find_sample_size(at_size(2.0), low=200, high=400, replicates=200)
    assert not low.converged or low.warnings


def test_misuse():
    with pytest.raises(ValueError, match="in order"):
        find_sample_size(at_size(0.5), low=50, high=20)
    with pytest.raises(ValueError, match="in order"):
        find_effect(lambda *_: None, low=0, high=1)
    with pytest.raises(UserError, match="power of 1"):
        find_sample_size(at_size(0.5), 1.0)


def test_sizes_that_a_design_refuses_do_not_end_the_search():
    """The answer lies far below the least size, so the search looks there."""
    design = replace(group_difference(1.2), least=30)
    found = find_sample_size(
        lambda n, k, seed: simulate_design(design, n, replicates=k, seed=seed), low=30, high=60
    )
    assert found.tried.min() >= 30
    assert any("below the lowest" in text for text in found.warnings)
    with pytest.raises(UserError, match="at least 30"):
        find_sample_size(lambda n, k, s: simulate_design(design, n, replicates=k, seed=s), low=10)
