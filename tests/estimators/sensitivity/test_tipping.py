import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.inference import interval
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sensitivity.tipping import find_tipping


@settings(max_examples=30)
@given(
    effect=st.floats(0.5, 5),
    se=st.floats(0.05, 2),
    slope=st.floats(0.2, 3),
    sign=st.sampled_from([-1, 1]),
)
def test_a_straight_line_tips_where_it_must(effect, se, slope, sign):
    found = find_tipping(
        lambda delta: interval(sign * (effect - slope * delta), se), np.linspace(-10, 30, 21)
    )
    assert found.estimate_at == pytest.approx(effect / slope, abs=1e-5)
    gap = effect - 1.959963984540054 * se
    assert found.significant == (gap > 0)
    ends = gap / slope, (effect + 1.959963984540054 * se) / slope
    inside = [e for e in ends if -10 <= e <= 30]
    assert found.interval_at == pytest.approx(min(inside, key=abs), abs=1e-5)


def test_missing_outcomes_moved_until_the_conclusion_tips():
    """Delta adjustment of a mean difference: a third of the exposed are missing."""
    rng = np.random.default_rng(2)
    a = np.repeat([0.0, 1.0], 60)
    y = 1.0 * a + rng.normal(size=120)
    missing = (np.arange(120) % 3 == 0) & (a == 1)
    x = np.c_[np.ones(120), a]

    def estimate_at(delta):
        filled = np.where(missing, y[(a == 1) & ~missing].mean() + delta, y)
        return fit_linear(x, filled).coefficient(1)

    found = find_tipping(estimate_at, range(-6, 1))
    seen = y[(a == 1) & ~missing].mean() - y[a == 0].mean()
    assert found.estimate_at == pytest.approx(-3 * seen, abs=1e-6)
    assert found.estimate_at < found.interval_at < 0
    at = estimate_at(found.interval_at)
    assert at.low == pytest.approx(0.0, abs=1e-5)
    assert [row["delta"] for row in found.rows] == [-6, -5, -4, -3, -2, -1, 0]
    assert found.rows[-1]["excludes_null"]
    assert not all(row["excludes_null"] for row in found.rows)


def test_nothing_tips():
    found = find_tipping(lambda _delta: interval(2.0, 0.1), [1, 2])
    assert found.estimate_at is found.interval_at is None
    assert "nothing tips" in found.warnings[0]


def test_other_nulls_and_edges():
    found = find_tipping(lambda d: interval(2.0 - d, 0.1), [0.5, 1.0], null=1.0)
    assert found.estimate_at == pytest.approx(1.0)
    assert "edge" in found.warnings[0]


def test_degenerate_input():
    with pytest.raises(UserError, match="beside 0"):
        find_tipping(lambda d: interval(d, 1), [])
    with pytest.raises(UserError, match="finite delta"):
        find_tipping(lambda d: interval(d, 1), [np.nan])
    with pytest.raises(UserError, match="at delta 1, 2"):
        find_tipping(lambda d: interval(1.0 if d < 1 else np.nan, 1), [1, 2])
