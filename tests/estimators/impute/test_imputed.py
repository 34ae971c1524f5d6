import numpy as np
import pytest

from gluteal.estimators.impute import impute_chained
from gluteal.estimators.impute.imputed import r_hat_of


@pytest.fixture(scope="module")
def found(missing_at_random):
    return impute_chained(missing_at_random(50, 1), m=3, cycles=5, seed=2)


def test_completed_data_keep_what_was_observed(found, missing_at_random):
    data = missing_at_random(50, 1)
    whole = found.stacked()
    assert whole.shape == (3, 50, 3)
    assert not np.isnan(whole).any()
    np.testing.assert_array_equal(whole[:, ~found.mask], [data[~np.isnan(data)]] * 3)
    np.testing.assert_array_equal(found.mask, np.isnan(data))
    np.testing.assert_array_equal(found.missing, np.isnan(data).mean(0))
    np.testing.assert_array_equal(whole[1], found.completed(1))
    with pytest.raises(IndexError):
        found.completed(3)


def test_traces_follow_the_last_cycle(found):
    assert found.imputed == (1,)
    assert found.trace_mean.shape == (1, 5, 3)
    np.testing.assert_allclose(found.trace_mean[0, -1], found.cells[1].mean(1))
    np.testing.assert_allclose(found.trace_sd[0, -1], found.cells[1].std(1))


def test_r_hat_is_near_one_where_chains_mix_and_far_where_they_do_not():
    rng = np.random.default_rng(3)
    mixed = rng.normal(size=(2, 41, 10))
    stuck = mixed + 5 * np.arange(10)
    np.testing.assert_allclose(r_hat_of(mixed), 1, atol=0.05)
    assert (r_hat_of(stuck) > 5).all()
    assert np.isnan(r_hat_of(mixed[:, :3])).all()
    assert (r_hat_of(np.ones((1, 6, 4))) == 1).all()


def test_few_cycles_are_said(missing_at_random):
    found = impute_chained(missing_at_random(50, 1), m=2, cycles=2, seed=2)
    assert "2 cycles are too few to judge whether the chains mix" in found.warnings


def test_chains_that_hang_are_flagged():
    """Two columns that are almost one, half of each missing: each keeps the other where it is."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=60)
    data = np.column_stack([a, a + 0.01 * rng.normal(size=60)])
    data[5:45, 0] = np.nan
    data[3:50, 1] = np.nan
    found = impute_chained(data, m=8, cycles=6, seed=1)
    assert not found.converged
    assert any("R-hat" in text for text in found.warnings)
