import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.sem import fit_sem, standardise

NAMES = ("a", "b", "c", "y")
MODEL = "f =~ a + b + c; y ~ k*f; twice := 2*k"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
def test_units_do_not_matter(seed, scale):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))
    one = standardise(fit_sem(MODEL, data, NAMES))
    two = standardise(fit_sem(MODEL, data * [1, scale, 1, scale], NAMES))
    for left, right in zip(one.estimates, two.estimates, strict=True):
        assert right.estimate == pytest.approx(left.estimate, rel=1e-6, abs=1e-9)
        assert right.se == pytest.approx(left.se, rel=1e-5, abs=1e-9)
    assert one.estimate("twice").estimate == pytest.approx(2 * one.estimate("y ~ f").estimate)


def test_a_standardised_variance_is_the_share_unexplained():
    rng = np.random.default_rng(1)
    x = rng.normal(size=500)
    y = x + rng.normal(size=500)
    found = standardise(fit_sem("y ~ x", np.column_stack([x, y]), ("x", "y")))
    r = np.corrcoef(x, y)[0, 1]
    assert found.estimate("y ~~ y").estimate == pytest.approx(1 - r**2)
    assert found.estimate("x ~~ x").estimate == pytest.approx(1)
    assert found.estimate("x ~~ x").se == pytest.approx(0, abs=1e-8)
