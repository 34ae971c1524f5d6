import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.sem import fit_sem, riclpm
from gluteal.estimators.sem.expressions import derivative
from gluteal.estimators.sem.lags import matrix_power, power_of_lags

NAMES = ("x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4")


@settings(max_examples=30)
@given(
    a=st.floats(0.05, 0.9), d=st.floats(0.05, 0.9), b=st.floats(-0.5, 0.5),
    c=st.floats(-0.5, 0.5), time=st.floats(0.2, 4),
)  # fmt: skip
def test_powers_are_exponentials_of_the_drift(a, b, c, d, time):
    from scipy.linalg import expm, logm

    values = np.array([a, b, c, d])
    roots = np.linalg.eigvals(values.reshape(2, 2))
    if np.isreal(roots).all() and roots.real.min() < 0.01:
        return
    if abs(roots[0] - roots[1]) < 1e-3:
        return
    want = expm(np.real(logm(values.reshape(2, 2))) * time).ravel()
    np.testing.assert_allclose(np.real(matrix_power(values, time)), want, rtol=1e-7, atol=1e-10)
    by = derivative(power_of_lags(("e", "f", "g", "h"), time), values)
    for k in range(4):
        move = np.eye(4)[k] * 1e-6
        slope = (matrix_power(values + move, time) - matrix_power(values - move, time)) / 2e-6
        np.testing.assert_allclose(by[:, k], np.real(slope), rtol=1e-4, atol=1e-6)


def test_equal_roots_and_negative_roots():
    same = matrix_power(np.array([0.5, 0.0, 0.0, 0.5]), 1.5)
    np.testing.assert_allclose(same, [0.5**1.5, 0, 0, 0.5**1.5])
    assert np.isnan(matrix_power(np.array([-0.5, 0.0, 0.0, 0.5]), 1.5)).all()
    np.testing.assert_allclose(matrix_power(np.array([-0.5, 0, 0, 0.5]), 2), [0.25, 0, 0, 0.25])


def test_equal_times_are_equal_lags():
    data = simulate([1, 1, 1])
    timed = fit_sem(riclpm(NAMES[:4], NAMES[4:], lag_times=[2, 2, 2]), data, NAMES)
    equal = fit_sem(riclpm(NAMES[:4], NAMES[4:], lags_equal=True), data, NAMES)
    assert timed.log_likelihood == pytest.approx(equal.log_likelihood, abs=1e-8)
    assert timed.estimate("c").se == pytest.approx(equal.estimate("c").se, rel=1e-6)
    assert timed.warnings == ()


def test_lags_of_a_process_in_continuous_time_are_recovered():
    times = [1.0, 2.5, 1.0]
    fit = fit_sem(riclpm(NAMES[:4], NAMES[4:], lag_times=times), simulate(times, 20_000), NAMES)
    for name, want in zip("abcd", (0.5, 0.0, 0.25, 0.6), strict=True):
        got = fit.estimate(name)
        assert abs(got.estimate - want) < 4 * got.se
        assert got.se < 0.05
    assert fit.test.p > 0.001
    assert "experimental" in fit.warnings[0]
    long = np.real(matrix_power(np.array([fit.estimate(n).estimate for n in "abcd"]), 2.5))
    found = [fit.estimate(f"{n}_2.5").estimate for n in "abcd"]
    np.testing.assert_allclose(found, long, rtol=1e-10)


def simulate(times, n=2000):
    rng = np.random.default_rng(1)
    unit = np.array([0.5, 0.0, 0.25, 0.6])
    traits, now = rng.normal(size=(2, 2, n))
    seen = [now + traits]
    for time in times:
        lag = np.real(matrix_power(unit, time)).reshape(2, 2)
        now = lag @ now + 0.7 * rng.normal(size=(2, n))
        seen.append(now + traits)
    return np.column_stack([s[0] for s in seen] + [s[1] for s in seen])
