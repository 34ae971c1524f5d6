import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.power import summarise_replicates


def intervals(rng, k, truth=0.3, se=0.2):
    b = truth + se * rng.normal(size=k)
    s = se * np.sqrt(rng.chisquare(50, k) / 50)
    return b, s, b - 2 * s, b + 2 * s


def test_each_number_is_what_it_says():
    b, s, low, high = intervals(np.random.default_rng(1), 500)
    found = summarise_replicates(b, s, low, high, 0.3)
    assert found.bias.value == pytest.approx(b.mean() - 0.3)
    assert found.empirical_sd.value == pytest.approx(b.std(ddof=1))
    assert found.model_se.value == pytest.approx(np.sqrt((s**2).mean()))
    assert found.mse.value == pytest.approx(((b - 0.3) ** 2).mean())
    assert found.coverage.value == ((low < 0.3) & (high > 0.3)).mean()
    assert found.power.value == ((low > 0) | (high < 0)).mean()
    assert np.isnan(found.type_one.value)
    assert found.width.value == pytest.approx((high - low).mean())
    assert found.exaggeration > 1
    null = summarise_replicates(b, s, low, high, 0.3, null=0.3)
    assert null.type_one.value == pytest.approx(1 - found.coverage.value)
    assert np.isnan(null.power.value)


def test_monte_carlo_errors_are_the_spread_over_simulations():
    rng = np.random.default_rng(2)
    many = [summarise_replicates(*intervals(rng, 200), 0.3) for _ in range(600)]
    for name in ("bias", "empirical_sd", "model_se", "mse", "coverage", "rejection", "width"):
        values = [getattr(m, name).value for m in many]
        claimed = np.mean([getattr(m, name).se for m in many])
        assert np.std(values) == pytest.approx(claimed, rel=0.15), name


def test_replicates_without_a_result_show_nothing():
    b, s, low, high = intervals(np.random.default_rng(3), 100, truth=5)
    high[:40] = np.nan
    found = summarise_replicates(b, s, low, high, 5)
    assert found.used == 60
    assert found.converged.value == 0.6
    assert found.power.value == 0.6
    assert found.coverage.value > 0.8
    assert found.warnings == ("40 of 100 replicates gave no interval",)


@settings(max_examples=25, deadline=None)
@given(k=st.integers(1, 20), bad=st.integers(0, 20), seed=st.integers(0, 99))
def test_few_replicates_never_fail(k, bad, seed):
    b, s, low, high = intervals(np.random.default_rng(seed), k)
    b[:bad] = np.nan
    found = summarise_replicates(b, s, low, high, 0.3)
    assert found.used == max(k - bad, 0)
    assert (0 <= found.coverage.value <= 1) == (found.used > 0)
    assert bool(found.warnings) == (bad > 0)


def test_no_replicates_is_misuse():
    with pytest.raises(ValueError, match="no replicates"):
        summarise_replicates([], [], [], [], 0.0)
