import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.agreement import compare
from gluteal.estimators.limits_over_size import fit_limits


def test_lines_equal_r(parity, answers):
    said = answers("paired")
    _, first, second = np.loadtxt(parity / "data" / "legs_twice.csv", delimiter=",", skiprows=1).T
    found = fit_limits(first, second, said["sizes"])
    for name, half in (("bias", "bias_half"), ("upper", "half"), ("lower", "half")):
        value = np.array(said[name])
        want = np.column_stack([value, value - said[half], value + said[half]])
        np.testing.assert_allclose(getattr(found, name), want, rtol=1e-8)


def test_growing_error_gives_growing_limits():
    rng = np.random.default_rng(3)
    true = rng.uniform(20, 200, 4000)
    first, second = (true * (1 + 0.05 * rng.normal(size=4000)) for _ in range(2))
    found = fit_limits(first, second, [50.0, 150.0])
    want = 1.96 * 0.05 * np.sqrt(2) * np.array([50, 150])
    np.testing.assert_allclose(found.upper[:, 0], want, rtol=0.08)
    assert ((found.upper[:, 1] < want) & (want < found.upper[:, 2])).all()
    constant = compare(first, second)
    assert found.upper[0, 0] < constant.upper.value < found.upper[1, 0]


def test_copies_of_pairs_do_not_narrow():
    rng = np.random.default_rng(4)
    a = rng.normal(size=40)
    b = a + 0.3 * rng.normal(size=40)
    once = fit_limits(a, b, [0.0], np.arange(40))
    twice = fit_limits(np.tile(a, 2), np.tile(b, 2), [0.0], np.tile(np.arange(40), 2))
    np.testing.assert_allclose(twice.upper, once.upper, rtol=0.02)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 50))
def test_exchange_and_unit(seed, scale):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(10, 2, size=(2, 15))
    plain, turned = fit_limits(a, b, [9.0, 11.0]), fit_limits(b, a, [9.0, 11.0])
    np.testing.assert_allclose(turned.upper, -plain.lower[:, [0, 2, 1]], atol=1e-9)
    other = fit_limits(scale * a, scale * b, [9.0 * scale, 11 * scale])
    np.testing.assert_allclose(other.upper, scale * plain.upper, rtol=1e-6, atol=1e-9)
    assert fit_limits(a, b).sizes[1] == pytest.approx(np.median((a + b) / 2))


def test_a_spread_below_nothing_is_flagged():
    a = np.array([1.0, 2, 3, 4, 5, 6])
    found = fit_limits(a, a + a * [0.1, -0.1, 0.1, -0.1, 0.1, -0.1], [-20.0])
    assert found.warnings
    assert found.upper[0, 0] == found.lower[0, 0] == found.bias[0, 0]


@pytest.mark.parametrize(
    ("a", "b", "more", "words"),
    [
        ([1, 2, 3], [1, 2, 4], {}, "four pairs"),
        ([1, 2, 1, 2], [2, 1, 2, 1], {}, "same mean"),
        ([1, 2, 3, 5], [1, 2, 4, 4], {"person": [1, 1, 2, 2]}, "three people"),
        ([1, 2, 3, 5], [1, 2, 4, 4], {"sizes": [np.nan]}, "finite numbers"),
    ],
)
def test_faults_are_named(a, b, more, words):
    with pytest.raises(UserError, match=words):
        fit_limits(a, b, **more)
