import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.auc import areas
from gluteal.estimators.auc_bootstrap import (
    bootstrap_area,
    bootstrap_areas,
    bootstrap_difference,
)
from gluteal.estimators.bootstrap.draws import draw_counts


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 60).astype(float)
    return y, (rng.normal(size=60) + y).round(1), rng.normal(size=60).round(1)


@pytest.fixture(scope="module")
def clear():
    rng = np.random.default_rng(2)
    y = (rng.uniform(size=400) < 0.4).astype(float)
    true = rng.normal(size=400) + y
    return y, true + 0.3 * rng.normal(size=400), true + rng.normal(size=400)


def expand(y, weights, *scores):
    """The areas of a resample, person by person; NaN without either group."""
    legs = np.repeat(np.arange(y.size), weights)
    if y[legs].sum() < 2 or (1 - y[legs]).sum() < 2:
        return None
    return areas(y[legs], *(score[legs] for score in scores)).values


@pytest.mark.parametrize("stratified", [True, False])
def test_areas_are_those_of_each_resample(noise, stratified):
    y, first, second = noise
    found = bootstrap_areas(y, first, second, resamples=6, seed=4, stratified=stratified)
    # Columns of the draw: positives, then negatives, each by the first score.
    order = np.lexsort((first, -y))
    m = int(y.sum())
    sizes = [m, 60 - m] if stratified else [60]
    draws = np.concatenate(list(draw_counts(sizes, 6, 4)))
    for value, weights in zip(found, draws.astype(int), strict=True):
        by_unit = np.empty(60, dtype=int)
        by_unit[order] = weights
        if stratified:
            assert by_unit[y == 1].sum() == m
        np.testing.assert_allclose(value, expand(y, by_unit, first, second), rtol=1e-12)


def test_people_are_drawn_with_all_their_legs(noise):
    y, first, _ = noise
    who = np.repeat(np.arange(30), 2)
    found = bootstrap_area(y, first, who, resamples=5, seed=4)
    order = np.lexsort((first, -y))
    _, seen = np.unique(who[order], return_index=True)
    rank = np.argsort(np.argsort(seen))  # people by their first leg in the order of the draw
    for value, weights in zip(found, np.concatenate(list(draw_counts([30], 5, 4))), strict=True):
        by_unit = weights.astype(int)[rank[who]]
        assert value == pytest.approx(expand(y, by_unit, first)[0], rel=1e-12)


@pytest.mark.parametrize("stratified", [True, False])
def test_the_error_is_that_of_delong(clear, stratified):
    y, first, _ = clear
    found = bootstrap_area(y, first, stratified=stratified, resamples=4000)
    own = areas(y, first)
    assert found.std(ddof=1) == pytest.approx(own.covariance[0, 0] ** 0.5, rel=0.05)
    assert found.mean() == pytest.approx(own.values[0], abs=0.002)


@pytest.mark.parametrize("stratified", [True, False])
def test_few_levels_are_drawn_as_well_as_people(clear, stratified):
    """Both ways of drawing have DeLong's error; ten levels make the fast one."""
    y, first, _ = clear
    y, first = np.tile(y, 3), np.tile(first, 3).round()
    assert np.unique(first).size * 24 < y.size
    found = bootstrap_area(y, first, stratified=stratified, resamples=4000)
    own = areas(y, first)
    assert found.std(ddof=1) == pytest.approx(own.covariance[0, 0] ** 0.5, rel=0.05)
    assert found.mean() == pytest.approx(own.values[0], abs=0.002)


def test_the_difference_of_paired_tests_has_the_error_of_delong(clear):
    y, first, second = clear
    found, p = bootstrap_difference(y, first, second, resamples=4000)
    own = areas(y, first, second)
    assert found.value == own.values[0] - own.values[1]
    se = float(np.array([1, -1]) @ own.covariance @ np.array([1, -1])) ** 0.5
    assert found.se == pytest.approx(se, rel=0.05)
    assert found.low < found.value < found.high
    assert 0 < p < 1
    assert bootstrap_difference(y, second, first, resamples=4000)[0].value == -found.value


def test_equal_tests_do_not_differ(clear):
    y, first, _ = clear
    found, p = bootstrap_difference(y, first, 2 * first + 1, resamples=100)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert np.isnan(p)


def test_copies_of_legs_do_not_narrow(clear):
    y, first, _ = clear
    who = np.tile(np.arange(400), 2)
    twice = bootstrap_area(np.tile(y, 2), np.tile(first, 2), who, 2000)
    once = bootstrap_area(y, first, None, 2000, stratified=False)
    assert twice.std() == pytest.approx(once.std(), rel=0.1)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_a_rising_change_of_the_score_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    y = np.r_[0, 0, 1, 1, rng.integers(0, 2, 20)]
    x = rng.normal(size=24).round(1)
    plain = bootstrap_area(y, x, resamples=20)
    np.testing.assert_allclose(bootstrap_area(y, np.exp(x), resamples=20), plain)
    assert ((plain >= 0) & (plain <= 1)).all()


def test_missing_units_are_left_out_and_empty_groups_are_marked(noise):
    y, first, _ = noise
    gap = np.r_[first, np.nan, 1.0]
    np.testing.assert_array_equal(
        bootstrap_area(np.r_[y, 1, np.nan], gap, resamples=5), bootstrap_area(y, first, resamples=5)
    )
    rare = bootstrap_area([1, 1, 0, 0, 0, 0], np.arange(6.0), resamples=200, stratified=False)
    assert np.isnan(rare).any()
    assert np.isfinite(rare).any()


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([0, 1],), "needs a test"),
        (([0, 0, 1], [1, 2, 3]), "at least two positive and two negative units"),
        (([0, 2, 1, 1], [1, 2, 3, 4]), "must be 0 or 1, found 2"),
        (([0, 1, 1], [1, 2]), "do not fit"),
    ],
)
def test_what_has_no_area_is_refused(arrays, words):
    with pytest.raises(UserError, match=words):
        bootstrap_areas(*arrays)
    with pytest.raises(UserError, match="one person"):
        bootstrap_areas([0, 0, 1, 1], [1, 2, 3, 4], person=[1, 1, 1, 1])
