import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from gluteal.estimators.bootstrap import draws
from gluteal.estimators.bootstrap.draws import draw_counts, resample_totals


def all_counts(sizes, resamples, seed):
    return np.concatenate(list(draw_counts(sizes, resamples, seed)))


@pytest.mark.parametrize("sizes", [[1], [2], [7], [50], [1000], [5000], [3, 1, 40], [4097, 300]])
def test_each_stratum_gets_its_draws(sizes):
    counts = all_counts(sizes, 40, seed=3)
    assert counts.shape == (40, sum(sizes))
    assert counts.min() >= 0
    edges = np.cumsum([0, *sizes])
    for a, b in pairwise(edges):
        assert (counts[:, a:b].sum(1) == b - a).all()


@pytest.mark.parametrize("units", [3, 12, 60])
def test_a_unit_is_drawn_as_often_as_a_binomial_says(units):
    counts = all_counts([units], 6000, seed=1)
    expected = stats.binom.pmf(np.arange(5), units, 1 / units) * counts.size
    seen = np.array([(counts == k).sum() for k in range(5)])
    assert (np.abs(seen - expected) <= 4 * np.sqrt(expected)).all()


@pytest.mark.parametrize("block", [4096, 20])
def test_counts_covary_as_multinomial_ones(monkeypatch, block):
    """Also across blocks, which get their draws from one another's share."""
    monkeypatch.setattr(draws, "BLOCK", block)
    units, resamples = 60, 20_000
    counts = all_counts([units], resamples, seed=2)
    cov = np.cov(counts.T)
    error = 1 / np.sqrt(resamples)
    np.testing.assert_allclose(counts.mean(0), 1, atol=5 * error)
    np.testing.assert_allclose(np.diag(cov), 1 - 1 / units, atol=8 * error)
    off = cov[~np.eye(units, dtype=bool)]
    assert off.mean() == pytest.approx(-1 / units, abs=error / units * 5)
    # Halves of the units share the draws as a binomial does.
    half = counts[:, : units // 2].sum(1)
    assert half.var() == pytest.approx(units / 4, rel=0.05)
    assert stats.skew(half) == pytest.approx(0, abs=0.07)
    # The third moment tells multinomial counts from near relatives: it is that of a binomial.
    want = stats.binom.stats(units, 1 / units, moments="s")
    assert stats.skew(counts.ravel()) == pytest.approx(float(want), abs=0.02)


def test_counts_do_not_depend_on_how_many_are_made_at_a_time(monkeypatch):
    want = all_counts([900, 5], 60, seed=4)
    monkeypatch.setattr(draws, "CACHED", 2000)
    np.testing.assert_array_equal(all_counts([900, 5], 60, seed=4), want)
    monkeypatch.setattr(draws, "ROWS", 3)
    np.testing.assert_array_equal(all_counts([900, 5], 60, seed=4), want)
    batches = list(draw_counts([900, 5], 60, seed=4, at_once=2))
    assert {len(batch) for batch in batches} == {2}
    np.testing.assert_array_equal(np.concatenate(batches), want)


def test_the_first_resamples_stay_the_same_when_more_are_asked_for():
    np.testing.assert_array_equal(
        all_counts([9000], 10, seed=4), all_counts([9000], 30, seed=4)[:10]
    )


def test_seeds_give_other_counts():
    first = all_counts([50], 10, seed=1)
    assert (first != all_counts([50], 10, seed=2)).any()
    assert (first != all_counts([50], 10, seed=[1, 1])).any()
    np.testing.assert_array_equal(first, all_counts([50], 10, seed=[1]))


@pytest.mark.parametrize("sizes", [[700], [9000], [30, 9000, 1]])
def test_totals_use_the_same_counts(sizes):
    packed = np.random.default_rng(1).normal(size=(4, sum(sizes)))
    totals = resample_totals(packed, sizes, 25, seed=7)
    np.testing.assert_allclose(totals, packed @ all_counts(sizes, 25, seed=7).T, atol=1e-10)


@pytest.mark.parametrize(("margin", "block"), [(0.3, 4096), (1.5, 4096), (2.5, 4096), (0.3, 4)])
def test_whole_resamples_have_multinomial_probabilities(monkeypatch, margin, block):
    """How the 8 draws split up, whichever units they fall on, with many and few draws topped up."""
    monkeypatch.setattr(draws, "MARGIN", margin)
    monkeypatch.setattr(draws, "BLOCK", block)
    resamples = 60_000
    counts = np.sort(all_counts([8], resamples, seed=6).astype(int), axis=1)[:, ::-1]
    patterns, seen = np.unique(counts, axis=0, return_counts=True)
    chance = []
    for pattern in patterns:
        units = math.factorial(8) / math.prod(math.factorial(int(k)) for k in np.bincount(pattern))
        ways = math.factorial(8) / math.prod(math.factorial(int(k)) for k in pattern)
        chance.append(units * ways / 8**8)
    expected = np.array(chance) * resamples
    common = expected > 5
    assert expected[common].sum() > 0.999 * resamples
    statistic = ((seen - expected) ** 2 / expected)[common].sum()
    assert stats.chi2.sf(statistic, common.sum() - 1) > 1e-4


def test_no_stream_serves_two_purposes(monkeypatch):
    """A key and the same key with zeros after it are one stream to numpy."""
    real, made = np.random.default_rng, []
    monkeypatch.setattr(draws.np.random, "default_rng", lambda key: made.append(key) or real(key))
    draws.part_units([5000, 9000], 2, seed=1)
    states = [real(key).bit_generator.state["state"]["state"] for key in made]
    assert len(set(states)) == len(states)
