"""Standardised differences: R's answers, and what must hold for any two groups."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gluteal.estimators.balance import (
    difference_interval,
    difference_of_levels,
    difference_of_means,
)

COUNTS = st.lists(st.integers(1, 50), min_size=2, max_size=5)
SAMPLE = st.lists(st.integers(-50, 50), min_size=2, max_size=20)


def test_the_published_example_of_tableone():
    """Two groups of 50 with shares 0.5 and 0.7 of a binary variable."""
    assert difference_of_levels([25, 25], [15, 35]) == pytest.approx(0.2 / 0.23**0.5)


@given(SAMPLE, SAMPLE, st.integers(-5, 5), st.sampled_from([-2.0, 0.5, 3.0]))
def test_means_unit_and_shift_do_not_matter(a, b, shift, factor):
    assume(len(set(a)) > 1 or len(set(b)) > 1)
    d = difference_of_means(a, b)
    moved = difference_of_means(*(np.array(v) * factor + shift for v in (a, b)))
    assert moved == pytest.approx(d * np.sign(factor), rel=1e-6, abs=1e-9)
    assert difference_of_means(b, a) == pytest.approx(-d)


@given(COUNTS, st.data())
def test_levels_may_be_named_and_ordered_at_will(counts, data):
    other = data.draw(st.lists(st.integers(1, 50), min_size=len(counts), max_size=len(counts)))
    d = difference_of_levels(counts, other)
    assert difference_of_levels(other, counts) == pytest.approx(-d if len(counts) == 2 else d)
    order = data.draw(st.permutations(range(len(counts))))
    turned = difference_of_levels([counts[i] for i in order], [other[i] for i in order])
    assert abs(turned) == pytest.approx(abs(d), abs=1e-7)
    padded = difference_of_levels([*counts, 0], [*other, 0])
    assert padded == pytest.approx(d)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_two_levels_are_a_difference_of_shares(a, b, c, e):
    p, q = b / (a + b), e / (c + e)
    expected = (q - p) / ((p * (1 - p) + q * (1 - q)) / 2) ** 0.5
    assert difference_of_levels([a, b], [c, e]) == pytest.approx(expected)


def test_what_has_no_difference():
    assert difference_of_levels([5, 0], [7, 0]) == 0
    assert difference_of_means([2, 2], [2, 2]) == 0
    assert isnan(difference_of_means([2, 2], [3, 3]))
    assert isnan(difference_of_means([2], [3, 4]))
    assert isnan(difference_of_means([np.nan, np.nan, 1], [3, 4]))
    assert isnan(difference_of_levels([0, 0], [7, 1]))
    # Disjoint levels: the covariance is singular; R's tableone prints a number here.
    assert isnan(difference_of_levels([10, 0, 0], [0, 5, 5]))
    assert isnan(difference_of_levels([10, 0], [0, 5]))
    assert all(map(isnan, difference_interval(float("nan"), 5, 5)))
    assert all(map(isnan, difference_interval(0.1, 0, 5)))


def test_the_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    n, d, hits = 60, 0.4, 0
    for _ in range(1000):
        a, b = rng.normal(0, 1, n), rng.normal(d, 1, n)
        _, low, high = difference_interval(difference_of_means(a, b), n, n)
        hits += low < d < high
    assert 930 <= hits <= 970
