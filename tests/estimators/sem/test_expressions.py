import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.sem.expressions import derivative, read_expression


@settings(max_examples=30)
@given(a=st.floats(0.2, 5), b=st.floats(0.2, 5))
def test_values_and_derivatives(a, b):
    rule = read_expression("q", "-a*b^2/(1 + exp(a)) + sqrt(b) - log(a)")
    at = np.array([a, b])
    value = -a * b**2 / (1 + np.exp(a)) + np.sqrt(b) - np.log(a)
    np.testing.assert_allclose(rule.function(at), [value], rtol=1e-12)
    e = np.exp(a)
    by_a = -(b**2) * (1 + e - a * e) / (1 + e) ** 2 - 1 / a
    by_b = -2 * a * b / (1 + e) + 0.5 / np.sqrt(b)
    np.testing.assert_allclose(derivative(rule, at), [[by_a, by_b]], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "a if b else c", "f(a)", "a +", "'x'"])
def test_anything_but_arithmetic_is_refused(text):
    with pytest.raises(UserError, match="q: "):
        read_expression("q", text)


def test_a_constant_has_no_derivative():
    assert derivative(read_expression("q", "2"), np.array([])).shape == (1, 0)
