import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.lowess import smooth


def test_risks_equal_r(parity, answers):
    table = np.loadtxt(parity / "data" / "risks.csv", delimiter=",", skiprows=1)
    across, fitted = smooth(table[:, 2], table[:, 1])
    assert (np.diff(across) >= 0).all()
    np.testing.assert_allclose(fitted, answers("calibration")["lowess"], rtol=1e-10)


def test_many_ties_equal_r(answers):
    """R's cars, of which every speed but a few occurs several times."""
    said = answers("calibration")
    fitted = smooth(said["speed"], said["dist"], share=0.4, skip=0.0)[1]
    np.testing.assert_allclose(fitted, said["cars"], rtol=1e-10)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), a=st.floats(-5, 5), b=st.floats(-5, 5))
def test_a_line_stays_a_line_and_units_do_not_matter(seed, a, b):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(size=40), rng.normal(size=40)
    across, line = smooth(x, a + b * x)
    np.testing.assert_allclose(line, a + b * across, atol=1e-9)
    plain = smooth(x, y)[1]
    np.testing.assert_allclose(smooth(100 * x + 7, 3 * y - 2)[1], 3 * plain - 2, atol=1e-8)
    order = rng.permutation(40)
    np.testing.assert_allclose(smooth(x[order], y[order])[1], plain, atol=1e-9)


def test_one_value_of_x_has_the_mean_of_y():
    np.testing.assert_allclose(smooth([2, 2, 2, 2], [0, 1, 1, 0], share=1.0)[1], 0.5)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [([1], [1], "two points"), ([1, np.nan], [1, 2], "finite"), ([1, 2, 3], [1, 2], "two points")],
)
def test_what_cannot_be_smoothed_is_refused(x, y, words):
    with pytest.raises(UserError, match=words):
        smooth(x, y)
