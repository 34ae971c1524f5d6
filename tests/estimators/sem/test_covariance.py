import numpy as np
import pytest

from gluteal.estimators.sem import fit_sem
from gluteal.estimators.sem.covariance import invert, loose_parameters, saturated_trace
from gluteal.estimators.sem.structure import saturated


def test_inverse_of_badly_scaled_information():
    scale = np.array([1e-6, 1.0, 1e6])
    matrix = np.array([[2, 0.5, 0.1], [0.5, 1, 0.3], [0.1, 0.3, 3]]) * np.outer(scale, scale)
    found, fault = invert(matrix)
    assert fault == ""
    np.testing.assert_allclose(matrix @ found, np.eye(3), atol=1e-12 * 1e12)
    np.testing.assert_allclose(found * np.outer(scale, scale),
                               np.linalg.inv(matrix / np.outer(scale, scale)))  # fmt: skip


def test_singular_and_indefinite_are_told_apart():
    flat = np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    found, fault = invert(flat)
    assert "singular" in fault
    assert np.isnan(found).all()
    assert loose_parameters(flat, ("p", "q", "r")) == ["p", "q"]
    assert "not positive definite" in invert(np.array([[1.0, 2], [2, 1]]))[1]
    assert "not positive definite" in invert(np.array([[np.nan, 0], [0, 1]]))[1]


def test_the_saturated_trace_has_a_closed_form():
    """Complete data: the shortcut equals information and scores computed in full."""
    rng = np.random.default_rng(1)
    data = rng.standard_exponential(size=(80, 3))
    fit = fit_sem("a ~ b + c", data, ("a", "b", "c"), means=True)
    full = saturated(fit.structure)
    theta = np.concatenate(
        [fit.saturated_cov[full.s.row, full.s.col], fit.saturated_mean[full.m.row]]
    )
    short = saturated_trace(fit.moments, full, theta)
    from gluteal.estimators.sem.covariance import trace_of
    from gluteal.estimators.sem.curvature import observed_information

    bread = np.linalg.inv(observed_information(full, fit.moments.patterns, theta))
    assert short == pytest.approx(trace_of(full, fit.moments, theta, bread), rel=1e-10)


def test_robust_errors_of_a_regression_are_hc0():
    """For y on x the sandwich of the model is that of White."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=300)
    y = 0.5 * x + rng.normal(size=300) * (1 + np.abs(x))
    fit = fit_sem("y ~ x", np.column_stack([x, y]), ("x", "y"), robust=True, means=True)
    design = np.column_stack([np.ones(300), x])
    bread = np.linalg.inv(design.T @ design)
    residual = y - design @ (bread @ design.T @ y)
    hc0 = bread @ (design * residual[:, None] ** 2).T @ design @ bread
    assert fit.estimate("y ~ x").se == pytest.approx(np.sqrt(hc0[1, 1]), rel=1e-8)
