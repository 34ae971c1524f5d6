import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.power import (
    power_anova,
    power_correlation,
    power_proportions,
    power_regression,
    power_t_test,
    solve_effect,
    solve_size,
)


@pytest.fixture(scope="module")
def said(answers):
    return answers("power")


def test_power_equals_pwr(said):
    found = {
        "t": [
            power_t_test(20, 0.7),
            power_t_test(35, 0.4, sample="paired"),
            power_t_test(15, 0.6, sample="one", alpha=0.01, sides=1),
            power_t_test(30, 0.55, n_other=70),
            power_t_test(50, -0.3),
        ],
        "r": [power_correlation(30, 0.4), power_correlation(200, 0.1, alpha=0.01)],
        "anova": [power_anova(25, 0.3, 4), power_anova(10, 0.5, 2, alpha=0.1)],
        "proportions": [
            power_proportions(120, 0.2, 0.35),
            power_proportions(60, 0.1, 0.25, n_other=140),
        ],
        "regression": [
            power_regression(97, 0.1, 1, 0),
            power_regression(58, 0.2, 3, 4, alpha=0.01),
        ],
    }
    for name, values in found.items():
        np.testing.assert_allclose(values, said[name], rtol=1e-9, err_msg=name)


def test_sizes_equal_pwr_and_the_reference(said):
    found = [
        solve_size(lambda n: power_t_test(n, 0.5)),
        solve_size(lambda n: power_correlation(n, 0.3)),
        solve_size(lambda n: power_anova(n, 0.25, 3)),
        solve_size(lambda n: power_proportions(n, 0.5, 0.3)),
    ]
    # pwr searches its roots to 1e-4.
    np.testing.assert_allclose(found, said["size"], rtol=1e-6)
    np.testing.assert_allclose(found, [63.76561, 84.07364, 52.39660, 92.69608], atol=6e-6)
    assert solve_effect(lambda d: power_t_test(64, d)) == pytest.approx(said["effect"], abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(5, 500), d=st.floats(0, 2), alpha=st.floats(0.001, 0.2))
def test_power_is_a_chance_that_grows(n, d, alpha):
    found = power_t_test(n, d, alpha=alpha)
    assert alpha - 1e-9 <= found <= 1
    assert power_t_test(n + 5, d, alpha=alpha) >= found - 1e-9
    assert power_t_test(n, d + 0.1, alpha=alpha) >= found - 1e-9
    assert power_t_test(n, -d, alpha=alpha) == pytest.approx(found, abs=1e-9)
    assert power_t_test(n, 0, alpha=alpha) == pytest.approx(alpha, rel=1e-6)


def test_two_groups_are_an_anova():
    assert power_anova(30, 0.2, 2) == pytest.approx(power_t_test(30, 0.4), rel=1e-9)


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (lambda: power_t_test(-3, 0.5), "n is -3"),
        (lambda: power_t_test(np.nan, 0.5), "n is nan"),
        (lambda: power_t_test(1, 0.5, sample="one"), "degrees of freedom"),
        (lambda: power_t_test(20, 0.5, alpha=1.5), "alpha 1.5"),
        (lambda: power_correlation(3, 0.5), "too few"),
        (lambda: power_correlation(30, 1.0), "correlation of 1"),
        (lambda: power_anova(10, 0.2, 1), "1 groups"),
        (lambda: power_regression(3, 0.2, 2, 2), "degrees of freedom"),
        (lambda: power_regression(30, 0.2, 0), "at least one term"),
        (lambda: power_proportions(30, 1.2, 0.5), "proportions 1.2"),
        (lambda: solve_size(lambda n: power_t_test(n, 0.5), 1.0), "power of 1"),
        (lambda: solve_size(lambda n: power_t_test(n, 0.0)), "no size"),
        (lambda: solve_effect(lambda d: 0.5), "no effect"),
    ],
)
def test_faults_are_named(work, why):
    with pytest.raises(UserError, match=why):
        work()


@pytest.mark.parametrize(
    ("power_of", "wanted"),
    [
        (lambda r: power_correlation(10, r), 0.8),
        (lambda r: power_correlation(12, r), 0.9),
        (lambda d: power_proportions(30, 0.5, 0.5 + d), 0.8),
    ],
)
def test_effects_near_their_bound_are_found(power_of, wanted):
    """Doubling the effect passes 1 before the wanted power is reached."""
    assert power_of(solve_effect(power_of, wanted)) == pytest.approx(wanted, abs=1e-8)


def test_a_bound_below_the_answer_is_named():
    with pytest.raises(UserError, match=r"no effect up to 0\.5 reaches a power of 0\.8"):
        solve_effect(lambda r: power_correlation(10, r), most=0.5)
    with pytest.raises(UserError, match="no effect up to 1 reaches"):
        solve_effect(lambda r: power_correlation(4, 0.5 * r + 0.0 * power_correlation(9, r)))


@pytest.mark.parametrize("covariates", [3, 5, 9, 20])
@pytest.mark.parametrize("f2", [0.1, 0.5, 3.0])
def test_sizes_begin_where_degrees_of_freedom_do(covariates, f2):
    size = solve_size(lambda n: power_regression(n, f2, 1, covariates))
    assert power_regression(size, f2, 1, covariates) == pytest.approx(0.8, abs=1e-8)
    with pytest.raises(UserError, match="alpha"):
        solve_size(lambda n: power_regression(n, f2, 1, covariates, alpha=2))
