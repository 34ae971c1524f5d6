from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.estimators.quadrature import chunks, find_modes, points_of


@pytest.mark.parametrize("count", [1, 3, 10, 25])
def test_points_integrate_polynomials_against_the_normal(count):
    z, weight = points_of(count)
    u = np.sqrt(2) * z
    density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
    mass = np.sqrt(2) * np.exp(weight)
    assert (mass * density).sum() == pytest.approx(1)
    if count > 1:
        assert (mass * density * u**2).sum() == pytest.approx(1)


def test_no_points_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="at least one"):
        points_of(0)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=20), st.floats(0.01, 50))
def test_modes_are_found_where_newton_alone_would_circle(centres, steep):
    """arctan is the classic function on which plain Newton steps grow without end."""
    at = np.array(centres)

    def slope(u):
        return -np.arctan(steep * (u - at)), steep / (1 + (steep * (u - at)) ** 2)

    found = find_modes(slope, np.zeros(len(at)), np.full(len(at), 100.0))
    np.testing.assert_allclose(found, at, atol=1e-7)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(1, 25))
def test_chunks_cover_every_cluster_once(sizes, points):
    starts = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.intp)
    cut = chunks(starts, sum(sizes), points * 20_000)  # few rows fit
    assert cut[0][0] == 0
    assert cut[-1][1] == len(sizes)
    assert cut[-1][3] == sum(sizes)
    for before, after in pairwise(cut):
        assert (before[1], before[3]) == (after[0], after[2])
