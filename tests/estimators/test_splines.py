import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.linear import fit_linear
from gluteal.estimators.splines import place_knots, spline_basis


@pytest.fixture(scope="module")
def said(answers):
    return answers("splines")


@pytest.mark.parametrize("knots", [3, 4, 5, 6, 7])
def test_basis_equals_hmisc(base, said, knots):
    x, want = base["glute"].to_numpy(), said["basis"][f"k{knots}"]
    placed = place_knots(x, knots)
    np.testing.assert_allclose(placed, want["knots"], rtol=1e-12)
    basis = spline_basis(x, placed)
    np.testing.assert_allclose(basis[:5], want["first"], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(basis.sum(0), want["sums"], rtol=1e-9)


def test_few_values_take_the_fifth_from_each_end(base, said):
    x = base["glute"].to_numpy()[:40]
    np.testing.assert_allclose(place_knots(x, 4), said["few"]["knots"], rtol=1e-12)


@pytest.fixture(scope="module")
def spline_design(base):
    x = base["glute"].to_numpy()
    basis = spline_basis(x, place_knots(x, 4))
    return np.column_stack([np.ones(len(x)), basis, base["age"], base["female"]])


def test_fit_and_nonlinearity_test_equal_rms(base, spline_design, said):
    fit = fit_linear(spline_design, base["pain"], "classical")
    np.testing.assert_allclose(fit.coef, said["coef"], rtol=1e-8)
    found = fit.wald([2, 3])
    np.testing.assert_allclose((found.statistic, found.df, found.p), said["nonlinear"], rtol=1e-8)


def test_robust_nonlinearity_test(base, spline_design, said):
    found = fit_linear(spline_design, base["pain"], "HC3").wald([2, 3])
    np.testing.assert_allclose((found.statistic, found.p), said["robust"], rtol=1e-8)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=6, unique=True), st.floats(0.1, 10))
def test_straight_beyond_the_outer_knots(knots, step):
    t = np.sort(knots)
    if np.diff(t).min() < 0.05:
        return
    right = spline_basis(t[-1] + step * np.arange(3), t)
    left = spline_basis(t[0] - step * np.arange(3), t)
    size = np.abs(right).max()
    np.testing.assert_allclose(np.diff(right, n=2, axis=0), 0, atol=1e-7 * max(size, 1))
    assert np.all(left[:, 1:] == 0)


@given(st.floats(0.01, 1000))
def test_another_unit_scales_every_column(scale):
    x = np.linspace(0, 3, 20)
    t = place_knots(x, 4)
    np.testing.assert_allclose(
        spline_basis(scale * x, scale * t),
        scale * spline_basis(x, t),
        rtol=1e-8,
        atol=1e-12 * scale,
    )


def test_ties_give_fewer_knots():
    assert len(place_knots([0] * 60 + [1] * 30 + [2] * 30, 5)) < 5


def test_two_knots_are_refused():
    with pytest.raises(ValueError, match="three"):
        spline_basis([1.0], [0.0, 1.0])
