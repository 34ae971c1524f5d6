import numpy as np
import pytest
from scipy import stats

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.power import group_difference, power_regression, simulate_design, slope


@pytest.mark.parametrize("test", ["student", "welch"])
def test_each_replicate_is_the_t_test_of_its_data(test):
    design = group_difference(0.4, sd=1.0, sd_other=2.0, share=0.3, test=test)
    first, second = design.make(np.random.default_rng(3), 50)
    assert (first.shape, second.shape) == ((1, 35), (1, 15))
    found = design.fit((first, second), 0.95)
    want = stats.ttest_ind(second[0], first[0], equal_var=test == "student")
    limits = want.confidence_interval(0.95)
    assert found.estimate / found.se == pytest.approx(want.statistic)
    np.testing.assert_allclose([found.low, found.high], limits, rtol=1e-9)


def test_unequal_spread_needs_welch():
    how = {"sd": 1.0, "sd_other": 3.0, "share": 0.2}
    student = simulate_design(group_difference(0.0, **how), 60, replicates=8000)
    welch = simulate_design(group_difference(0.0, test="welch", **how), 60, replicates=8000)
    assert student.type_one.value > 0.15
    assert abs(welch.type_one.value - 0.05) < 0.015


def test_each_slope_is_least_squares():
    design = slope(0.5, confounding=0.4, sd_exposure=2.0)
    x, z, y = design.make(np.random.default_rng(1), 40)
    found = design.fit((x, z, y), 0.95)
    want = fit_linear(np.column_stack([np.ones(40), z[0], x[0]]), y[0], "classical").coefficient(2)
    for name in ("estimate", "se", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(want, name), rel=1e-9)


def test_slope_recovers_truth_and_the_analytic_power():
    found = simulate_design(slope(0.25, confounding=0.5), 150, replicates=10_000)
    assert abs(found.bias.value) < 4 * found.bias.se
    assert abs(found.coverage.value - 0.95) < 4 * found.coverage.se
    # Given the covariate, the exposure has variance 0.75; its size varies a little over samples.
    exact = power_regression(150, 0.25**2 * 0.75, 1, 1)
    assert found.power.value == pytest.approx(exact, abs=0.02)


def test_parts_of_a_batch_join(monkeypatch):
    from gluteal.estimators.power import designs

    monkeypatch.setattr(designs, "DRAWN", 500)
    found = simulate_design(group_difference(0.5), 100, replicates=33)
    assert found.replicates == found.used == 33


def test_faults():
    with pytest.raises(UserError, match="share of 1"):
        simulate_design(group_difference(0.5, share=1.0), 40, replicates=5)
    with pytest.raises(UserError, match="correlation of 1"):
        slope(0.2, confounding=1.0)
