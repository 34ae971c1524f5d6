import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.inference import interval
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.power import group_difference, power_t_test, simulate_design, simulate_power


def make(rng):
    x = rng.integers(0, 2, 40)
    return np.column_stack([np.ones(40), x]), 0.8 * x + rng.normal(size=40)


def fit(data):
    return fit_linear(*data, "classical").coefficient(1)


def test_a_replicate_can_be_made_again():
    one = simulate_power(make, fit, 0.8, replicates=30, seed=4)
    again = simulate_power(make, fit, 0.8, replicates=30, seed=4)
    assert one == again
    alone = fit(make(np.random.default_rng([4, 0])))
    first = simulate_power(make, fit, 0.8, replicates=1, seed=4)
    assert first.bias.value == pytest.approx(alone.estimate - 0.8)


def test_type_one_error_and_coverage_of_an_exact_test():
    def nothing(rng):
        return np.column_stack([np.ones(20), np.arange(20) % 2]), rng.normal(size=20)

    found = simulate_power(nothing, fit, 0.0, replicates=2000)
    assert abs(found.type_one.value - 0.05) < 4 * found.type_one.se
    assert abs(found.coverage.value - 0.95) < 4 * found.coverage.se


def test_fits_that_fail_are_counted_and_named():
    def sometimes(data):
        if data[1][0] > 0:
            raise UserError("the outcome starts high")
        return None if data[1][1] > 0 else fit(data)

    found = simulate_power(make, sometimes, 0.8, replicates=80)
    assert found.used < 60
    assert any("times: the outcome starts high" in text for text in found.warnings)
    assert any("did not converge" in text for text in found.warnings)
    with pytest.raises(ZeroDivisionError):  # a fault of the program is not a finding
        simulate_power(make, lambda data: 1 / 0, 0.8, replicates=2)


def test_the_interval_must_be_of_the_level_asked_for():
    with pytest.raises(ValueError, match=r"at 0.95, not at 0.9"):
        simulate_power(make, fit, 0.8, replicates=2, level=0.9)
    found = simulate_power(
        make, lambda d: fit_linear(*d).coefficient(1, 0.9), 0.8, replicates=50, level=0.9
    )
    assert found.level == 0.9


def test_all_at_once_and_one_by_one_are_the_same_study():
    design = group_difference(0.6, share=0.3)
    batch = simulate_design(design, 60, replicates=4000)
    alone = simulate_power(
        lambda rng: design.make(rng, 60), lambda d: design.fit(d, 0.95), 0.6, replicates=600
    )
    assert abs(batch.power.value - alone.power.value) < 4 * alone.power.se
    assert batch.width.value == pytest.approx(alone.width.value, abs=5 * alone.width.se)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_simulated_power_is_the_analytic_power(level):
    found = simulate_design(group_difference(0.5), 128, replicates=20_000, level=level)
    exact = power_t_test(64, 0.5, alpha=1 - level)
    assert abs(found.power.value - exact) < 4 * found.power.se
    assert abs(found.coverage.value - level) < 4 * found.coverage.se


def test_faults():
    with pytest.raises(UserError, match="at least 4 people, not 3"):
        simulate_design(group_difference(0.5), 3)
    for run in (
        lambda: simulate_design(group_difference(0.5), 30, replicates=0),
        lambda: simulate_power(make, fit, 0.8, replicates=0),
    ):
        with pytest.raises(ValueError, match="at least one replicate"):
            run()


def test_another_null_is_tested_by_the_interval():
    found = simulate_power(
        lambda rng: rng.normal(2, 1), lambda b: interval(b, 1.0), 2.0, null=2.0, replicates=1500
    )
    assert abs(found.type_one.value - 0.05) < 4 * found.type_one.se
