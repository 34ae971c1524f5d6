from functools import partial

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.power import cohort_group_difference, planned, power_t_test, simulate_design


def test_arms_are_compared_as_least_squares_would():
    design = planned.arm_difference(-0.5, sd=1.8, correlation=0.6)
    b, se, low, high = design.batch(np.random.default_rng(3), 60, 1, 0.95)
    first, own = np.random.default_rng(3).standard_normal((2, 1, 60))
    arm = np.repeat([0.0, 1.0], 30)
    y = 1.8 * (0.6 * first + 0.8 * own) - 0.5 * arm
    want = fit_linear(np.column_stack([np.ones(60), arm, first[0]]), y[0], "classical")
    found = want.coefficient(1, 0.95)
    assert (b[0], se[0]) == pytest.approx((found.estimate, found.se))
    assert (low[0], high[0]) == pytest.approx((found.low, found.high))


def test_hazards_are_those_of_a_poisson_model_with_time_at_risk():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((2, 300))
    time = np.minimum(rng.exponential(1 / (0.3 * np.exp(0.5 * x))), 1.0)
    event = (time < 1).astype(float)
    slope, se = planned._exponential(x, event, time)
    for k in range(2):
        design = np.column_stack([np.ones(300), x[k]])
        want = fit_glm(design, event[k], "poisson", "classical", offset=np.log(time[k]))
        assert slope[k] == pytest.approx(want.coef[1], abs=1e-8)
        assert se[k] == pytest.approx(np.sqrt(want.cov[1, 1]), abs=1e-6)
    none, _ = planned._exponential(x, np.zeros_like(x), np.ones_like(x))
    assert np.isnan(none).all()


def test_people_are_compared_with_themselves():
    n, pairs = 40, 3
    design = planned.within_slope(-2.0, visits=4, sd_within=0.5, missing=0.0)
    b, se, *_ = design.batch(np.random.default_rng(8), n, 1, 0.95)
    rng = np.random.default_rng(8)
    x = 0.5 * rng.standard_normal((1, n, pairs))
    rng.standard_normal((1, n, pairs))
    y = -2.0 * x + rng.standard_normal((1, n, pairs))
    dummies = np.kron(np.eye(n), np.ones((pairs, 1)))
    want = fit_linear(np.column_stack([x.ravel(), dummies]), y.ravel(), "classical")
    assert b[0] == pytest.approx(want.coef[0])
    assert se[0] == pytest.approx(np.sqrt(want.cov[0, 0]))


@pytest.mark.parametrize(
    ("design", "n", "formula"),
    [
        (planned.arm_difference(0.5, sd=1.8, correlation=0.6), 200,
         power_t_test(100, 0.5 / 1.8 / 0.8)),
        (planned.hazard_slope(-0.5, risk=0.15), 300,
         planned.power_of_hazard(300, -0.5, risk=0.15)),
        (planned.hazard_slope(-0.5, risk=0.15, reliability=0.8, explained=0.4), 500,
         planned.power_of_hazard(500, -0.5, risk=0.15, reliability=0.8, explained=0.4)),
        (planned.within_slope(-0.2, visits=5, missing=0.1), 100,
         planned.power_of_within(100, -0.2, visits=5, sd_within=1, sd_residual=1, missing=0.1)),
        (planned.within_slope(-0.4, visits=4, reliability=0.6), 100,
         planned.power_of_within(100, -0.4, visits=4, sd_within=1, sd_residual=1,
                                 reliability=0.6)),
    ],
)  # fmt: skip
def test_simulation_and_formula_agree(design, n, formula):
    found = simulate_design(design, n, replicates=2000)
    assert found.converged.value == 1
    assert found.rejection.value == pytest.approx(formula, abs=0.04)


@pytest.mark.parametrize(
    "make", [planned.arm_difference, planned.hazard_slope, partial(planned.within_slope, visits=4)]
)
def test_nothing_is_found_where_nothing_is(make):
    found = simulate_design(make(0.0), 150, replicates=3000)
    assert found.type_one.value == pytest.approx(0.05, abs=0.015)
    assert found.coverage.value == pytest.approx(0.95, abs=0.015)


def test_measurement_error_shrinks_what_is_estimated():
    found = simulate_design(planned.within_slope(-1.0, reliability=0.6), 200, replicates=300)
    assert found.bias.value == pytest.approx(0.4, abs=0.03)
    clean = simulate_design(planned.within_slope(-1.0), 200, replicates=300)
    assert clean.bias.value == pytest.approx(0, abs=0.02)


def test_the_strength_comparison_of_the_simulated_world_has_the_stated_power():
    # domain reference: about 98 % at n = 400
    found = simulate_design(cohort_group_difference("evidence"), 400, replicates=60)
    assert found.power.value >= 0.93


def test_one_replicate_can_be_made_by_itself():
    design = planned.hazard_slope(-0.3)
    data = design.make(np.random.default_rng(1), 200)
    assert design.fit(data, 0.95).level == 0.95


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: planned.arm_difference(1, correlation=1.0), "correlation of 1"),
        (lambda: planned.hazard_slope(1, risk=0.0), "risk of 0"),
        (lambda: planned.hazard_slope(1, reliability=0.0), "reliability of 0"),
        (lambda: planned.within_slope(1, visits=2), "three visits"),
        (lambda: planned.within_slope(1, missing=1.5), "missing of 1.5"),
    ],
)
def test_settings_that_are_refused(make, words):
    with pytest.raises(UserError, match=words):
        make()
