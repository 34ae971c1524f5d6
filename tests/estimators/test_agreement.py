import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.agreement import (
    compare,
    compare_columns,
    compare_repeated,
    sample_points,
    slope,
)


def raters(parity):
    return np.loadtxt(parity / "data" / "raters.csv", delimiter=",", skiprows=1)


@pytest.mark.parametrize(
    ("name", "pair", "level"), [("limits", (0, 1), 0.95), ("limits_90", (1, 2), 0.9)]
)
def test_limits_equal_r(answers, parity, name, pair, level):
    scores, theirs = raters(parity), answers("reliability")[name]
    got = compare(scores[:, pair[0]], scores[:, pair[1]], level)
    assert got.bias[:3] == pytest.approx(theirs["bias"], rel=1e-9)
    assert got.sd == pytest.approx(theirs["sd"], rel=1e-12)
    # R's qt gives about ten digits of a noncentral quantile.
    assert got.lower[:3] == pytest.approx(theirs["lower"], rel=1e-8)
    assert got.upper[:3] == pytest.approx(theirs["upper"], rel=1e-8)
    assert got.upper_approximate[:3] == pytest.approx(theirs["upper_approximate"], rel=1e-9)
    line = (*got.proportional[:3], got.p_proportional)
    assert line == pytest.approx(theirs["proportional"], rel=1e-8)
    assert (got.spread.value, got.p_spread) == pytest.approx(theirs["spread"], rel=1e-7)


def test_repeated_pairs_equal_r(answers, parity):
    person, first, second = np.loadtxt(
        parity / "data" / "legs_twice.csv", delimiter=",", skiprows=1
    ).T
    found, theirs = compare_repeated(first, second, person), answers("reliability")["repeated"]
    for value, name in zip(found, ("bias", "lower", "upper"), strict=True):
        assert value[:3] == pytest.approx(theirs[name], rel=1e-8), name


def test_the_published_numbers_of_peak_flow(parity):
    """Bland and Altman 1986: -2.1 and 38.8; they took 2 SD where the limits here have 1.96."""
    table = np.loadtxt(parity / "data" / "pefr.csv", delimiter=",", skiprows=1)
    found = compare(table[:, 0], table[:, 1])
    assert found.bias.value == pytest.approx(-2.117647059, abs=5e-10)
    assert found.sd == pytest.approx(38.765129874, abs=5e-10)
    rounded = found.bias.value - 1.96 * found.sd, found.bias.value + 1.96 * found.sd
    assert rounded == pytest.approx((-78.0973, 73.8620), abs=5e-5)
    assert (found.lower.value, found.upper.value) == pytest.approx(rounded, abs=2e-3)


values = st.lists(st.floats(-50, 50).map(lambda x: round(x, 3)), min_size=6, max_size=6)


@settings(max_examples=50)
@given(values, values)
def test_exchange_turns_the_limits_around(a, b):
    there, back = compare(a, b), compare(b, a)
    assert there.bias.value == pytest.approx(-back.bias.value, abs=1e-9)
    assert there.lower[:3] == pytest.approx(
        [-x for x in (back.upper.value, back.upper.high, back.upper.low)], abs=1e-6
    )
    assert there.lower.low <= there.lower.value <= there.lower.high


def test_a_constant_shift_is_the_bias_and_nothing_else():
    rng = np.random.default_rng(1)
    a = rng.normal(size=20)
    b = a + rng.normal(0, 0.1, 20)
    one, other = compare(a, b), compare(a + 3, b)
    assert other.bias.value == pytest.approx(one.bias.value + 3)
    assert other.sd == pytest.approx(one.sd)


def test_missing_pairs_are_left_out_and_two_are_too_few():
    assert compare([1, 2, 3, np.nan, 5], [1, 2, 4, 4, np.nan]).n == 3
    with pytest.raises(UserError, match="three pairs, found 2"):
        compare([1, 2, np.nan], [1, 2, 3])
    with pytest.raises(UserError, match="two pairs"):
        compare_repeated([1, 2, 3], [1, 2, 4], [1, 2, 3])


def test_exact_equality_has_limits_of_zero():
    got = compare([1, 2, 3, 4], [1, 2, 3, 4])
    assert got.lower[:3] == (0, 0, 0)
    assert np.isnan(got.p_proportional)


def test_growing_error_is_seen():
    rng = np.random.default_rng(3)
    size = rng.uniform(1, 10, 300)
    got = compare(size + size * rng.normal(0, 0.05, 300), size + size * rng.normal(0, 0.05, 300))
    assert got.p_spread < 1e-6


def test_two_legs_of_one_person_do_not_narrow_the_bias():
    rng = np.random.default_rng(5)
    shift = rng.normal(0, 1, 40)
    first, second = rng.normal(0, 0.1, 40) + shift, np.zeros(40)
    once = compare(first, second).bias
    twice = compare_repeated(np.tile(first, 2), np.tile(second, 2), np.tile(np.arange(40), 2))[0]
    assert twice[:3] == pytest.approx(once[:3], rel=1e-9)


def test_columns_are_compared_two_by_two():
    table = np.random.default_rng(1).normal(size=(12, 4))
    assert [(i, j) for i, j, *_ in compare_columns(table[:, :3])] == [(0, 1), (0, 2), (1, 2)]
    assert [(i, j) for i, j, *_ in compare_columns(table)] == [(0, 1), (0, 2), (0, 3)]


def test_points_of_few_people_are_not_shown():
    pairs = np.random.default_rng(1).normal(size=(12, 2))
    assert sample_points(pairs[:9], 1) == []
    points = sample_points(pairs, 1)
    assert sorted(d for _, d in points) == pytest.approx(
        sorted(pairs[:, 0] - pairs[:, 1]), rel=1e-3
    )
    assert len(sample_points(np.tile(pairs, (200, 1)), 1, most=50)) == 50


def test_a_slope_without_spread_is_nothing():
    assert np.isnan(slope(np.ones(5), np.arange(5.0), 0.95)[0].value)


@pytest.mark.parametrize("person", [[1.0, np.nan, np.nan, 2.0], [1, 2]])
def test_pairs_without_a_person_are_refused(person):
    with pytest.raises(UserError, match="person"):
        compare_repeated([1.0, 2, 3, 5], [1.5, 2, 4, 4], person)
