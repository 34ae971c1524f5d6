import numpy as np
import pytest

from gluteal.estimators.power import (
    cohort_cross_lagged,
    cohort_group_difference,
    cohort_incidence,
    cohort_mediation,
    cohort_programme,
    simulate_design,
)
from gluteal.simulate.truth import exact, truths
from gluteal.simulate.worlds import WORLDS


@pytest.mark.parametrize(
    ("design", "n", "replicates"),
    [
        (cohort_group_difference(), 300, 150),
        (cohort_programme(), 300, 150),
        (cohort_incidence("seed"), 1200, 60),
        (cohort_mediation("seed", resamples=300), 250, 100),
    ],
)
def test_designs_find_the_truth_of_their_world(design, n, replicates):
    found = simulate_design(design, n, replicates=replicates, seed=2)
    assert found.converged.value > 0.98
    # The truth of measured strength is a little off the latent one.
    assert abs(found.bias.value) < 4 * found.bias.se + 0.03 * abs(design.truth)
    assert found.coverage.value > 0.95 - 4 * np.sqrt(0.05 * 0.95 / replicates)
    assert found.power.value > 0.5


def test_lagged_effects_within_people():
    found = simulate_design(cohort_cross_lagged("seed"), 300, replicates=50, seed=1)
    assert abs(found.bias.value) < 4 * found.bias.se
    assert found.coverage.value > 0.8
    null = simulate_design(
        cohort_cross_lagged("null", direction="pain_to_strength"), 200, replicates=40
    )
    assert null.type_one.value < 0.2


def test_no_effect_is_not_found():
    found = simulate_design(cohort_group_difference("null"), 200, replicates=300)
    assert found.rejection.value < 0.05 + 4 * 0.0126
    none = simulate_design(cohort_mediation("null", resamples=200), 150, replicates=100)
    assert none.type_one.value < 0.1


def test_truths_are_those_of_the_simulator():
    assert cohort_programme().truth == truths("evidence")["m4_arm_week12_nprs"][0]
    assert cohort_incidence("seed").truth == exact(WORLDS["seed"])["m2_ln_hr_latent"]
    assert cohort_cross_lagged("seed").truth == -2.4


def test_the_same_seed_gives_the_same_people():
    design = cohort_cross_lagged("evidence")
    one, two = (design.make(np.random.default_rng(7), 80) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert np.isnan(one).any()
    assert not np.array_equal(one, design.make(np.random.default_rng(8), 80), equal_nan=True)
