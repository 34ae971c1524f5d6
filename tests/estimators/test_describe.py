"""Summaries: what they are on known numbers and on degenerate ones."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.estimators.describe import count_levels, summarise

NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=30)


def test_known_numbers():
    found = summarise([1, 2, 3, 4, 10, np.nan])
    assert (found.n, found.n_missing, found.mean, found.median) == (5, 1, 4, 3)
    assert (found.q1, found.q3, found.low, found.high) == (2, 4, 1, 10)
    assert found.sd == pytest.approx(12.5**0.5)


@given(NUMBERS, st.randoms())
def test_order_does_not_matter_and_missing_is_only_counted(values, random):
    straight = summarise(values)
    random.shuffle(values)
    shuffled = summarise([*values, float("nan")])
    assert shuffled.n == straight.n == sum(not isnan(v) for v in values)
    assert shuffled.n_missing == straight.n_missing + 1
    for name in ("mean", "sd", "median", "q1", "q3", "low", "high"):
        expected = pytest.approx(getattr(straight, name), rel=1e-9, abs=1e-6, nan_ok=True)
        assert getattr(shuffled, name) == expected


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20))
def test_a_shift_moves_the_centre_and_not_the_spread(values):
    here, there = summarise(values), summarise([v + 7 for v in values])
    assert there.mean == pytest.approx(here.mean + 7)
    assert there.median == pytest.approx(here.median + 7)
    assert there.sd == pytest.approx(here.sd, abs=1e-9)


def test_nothing_one_and_constant():
    assert isnan(summarise([]).mean)
    one = summarise([3.0])
    assert (one.mean, one.median) == (3, 3)
    assert isnan(one.sd)
    assert summarise([2, 2, 2]).sd == 0
    assert isnan(summarise([2, 2, 2]).skewness)


def test_levels_are_counted_in_their_order():
    assert count_levels(["b", "a", "b", "z"], ["a", "b", "c"]) == [1, 2, 0]
