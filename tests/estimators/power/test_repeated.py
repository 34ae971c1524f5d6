import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.power import simulate_design, within_between


def test_the_within_effect_is_recovered_whatever_lies_between():
    found = simulate_design(within_between(0.3, -1.5, missing=0.2), 60, replicates=200, seed=3)
    assert found.converged.value == 1
    assert abs(found.bias.value) < 4 * found.bias.se
    assert found.coverage.value > 0.90
    null = simulate_design(within_between(0.0, -1.5), 40, replicates=200)
    assert null.type_one.value < 0.05 + 4 * 0.0154


def test_designs_are_of_people_and_visits():
    design, y, person = within_between(0.3, visits=3, missing=0.3).make(
        np.random.default_rng(1), 50
    )
    assert len(design) == len(y) == len(person) < 150
    # Deviations sum to 0 in each person.
    np.testing.assert_allclose(np.bincount(person, design[:, 1]), 0, atol=1e-10)
    with pytest.raises(UserError, match="two visits"):
        within_between(0.3, visits=1)
