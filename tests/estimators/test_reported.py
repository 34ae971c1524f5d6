import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators import reported
from gluteal.estimators.effect_size import hedges_g, welch
from gluteal.estimators.inference import interval


@pytest.fixture
def groups():
    rng = np.random.default_rng(7)
    return rng.normal(0, 1, 24), rng.normal(0.6, 1, 30)


def test_an_interval_gives_its_error_back():
    printed = interval(-0.66, 0.1)
    assert reported.from_interval(-0.66, printed.low, printed.high).se == pytest.approx(0.1)


def test_a_printed_difference_gives_hedges_g_back(groups):
    a, b = groups
    want = hedges_g(a, b)
    sd = np.sqrt((23 * a.var(ddof=1) + 29 * b.var(ddof=1)) / 52)
    equal = interval(a.mean() - b.mean(), sd * np.sqrt(1 / 24 + 1 / 30), 52)
    found = reported.standardise_difference(equal.estimate, equal.low, equal.high, 24, 30)
    assert found.value == pytest.approx(want.estimate)
    assert found.se == pytest.approx(want.se)
    by_p = reported.standardise_p(-1, want.p, 24, 30)
    assert by_p[:2] == pytest.approx(found[:2])
    means = reported.standardise_means(a.mean(), b.mean(), sd, 24, 30)
    assert means[:2] == pytest.approx(found[:2])


def test_without_sizes_the_p_gives_the_error(groups):
    a, b = groups
    p = welch(a, b).p
    found = reported.standardise_unsized(a.mean(), b.mean(), (a.std(ddof=1), b.std(ddof=1)), p)
    assert found.value / found.se == pytest.approx(-2.6, abs=1.5)
    assert found.se == pytest.approx(np.sqrt(1 / 24 + 1 / 30), rel=0.1)


def test_an_uneven_interval_is_said():
    assert reported.from_interval(21.1, 6.2, 31.2).note
    assert not reported.from_interval(28.1, 9.4, 46.9).note
    both = reported.average_sides([reported.Reported(1, 0.2, "odd"), reported.Reported(3, 0.4)])
    assert (both.value, both.note) == (2, "odd")
    assert both.se == pytest.approx(0.3)


@given(st.floats(0.1, 100), st.integers(5, 80), st.integers(5, 80))
def test_units_do_not_matter(factor, first, second):
    one = reported.standardise_difference(2, 0.5, 3.5, first, second)
    other = reported.standardise_difference(2 * factor, 0.5 * factor, 3.5 * factor, first, second)
    assert other[:2] == pytest.approx(one[:2])


def test_faults():
    with pytest.raises(UserError, match="does not lie inside"):
        reported.from_interval(5, 1, 4)
    with pytest.raises(UserError, match="a p of 0"):
        reported.standardise_p(1, 0, 10, 10)
    with pytest.raises(UserError, match="two people"):
        reported.standardise_means(1, 2, 1, 1, 10)
    with pytest.raises(UserError, match="no standard error"):
        reported.standardise_unsized(1, 1, (1, 1), 0.5)
