import numpy as np
import pytest

from gluteal.estimators.gee.equations import Rows, solve_equations
from gluteal.estimators.gee.working import lay_out, normal_equations


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
@pytest.mark.parametrize("working", ["independence", "exchangeable", "ar1"])
def test_the_equations_are_zero_at_the_end(family, working):
    rng = np.random.default_rng(1)
    person = np.repeat(np.arange(40), 3)
    x = np.column_stack([np.ones(120), rng.normal(size=120)])
    y = (x[:, 1] + rng.normal(size=40)[person] + rng.normal(size=120) > 0).astype(float)
    weights = rng.uniform(0.5, 1.5, 120)
    layout = lay_out(person, None, working)
    state = solve_equations(Rows(x, y, weights, None, family), layout, working, "moment")
    assert state.settled
    _left, right = normal_equations(state.slope, state.residual, state.alpha, layout, working)
    np.testing.assert_allclose(right, 0, atol=1e-6)


def test_separation_fails_with_its_reason():
    x = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    layout = lay_out(np.repeat(np.arange(10), 2), None, "exchangeable")
    state = solve_equations(
        Rows(x, x[:, 1], None, None, "logistic"), layout, "exchangeable", "moment"
    )
    assert state.failed
    assert "separate" in state.warnings[0]
