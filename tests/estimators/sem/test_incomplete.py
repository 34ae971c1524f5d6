import numpy as np
import pytest

from gluteal.estimators.sem import fit_indices, fit_sem
from gluteal.estimators.sem.incomplete import corrected_statistic, moment_slopes
from gluteal.estimators.sem.likelihood import evaluate
from gluteal.estimators.sem.structure import saturated

NAMES = ("a", "b", "c", "d", "e", "g")
MODEL = "f =~ a + b + c + d + e + g"


def simulate(n=800, seed=1):
    """One factor fitted where a second binds two variables."""
    rng = np.random.default_rng(seed)
    f, g = rng.normal(size=(2, n, 1))
    return f + rng.normal(size=(n, 6)) + 0.7 * g * [1, 1, 0, 0, 0, 0]


def test_nothing_is_corrected_where_nothing_is_missing():
    fit = fit_sem(MODEL, simulate(), NAMES, means=True)
    statistic, trace = corrected_statistic(
        fit.structure, fit.theta, fit.moments, fit.saturated_mean, fit.saturated_cov, robust=False
    )
    assert statistic == pytest.approx(fit.test.statistic, rel=1e-9)
    assert trace == pytest.approx(fit.test.df, rel=1e-9)


def test_missing_values_no_longer_flatter_the_model():
    """RMSEA of incomplete data is lower than that of the whole; the corrected one is not."""
    data = simulate(20_000)
    whole = fit_indices(fit_sem(MODEL, data, NAMES))
    holes = data.copy()
    holes[:8_000, :2] = np.nan
    found = fit_indices(fit_sem(MODEL, holes, NAMES))
    assert found.rmsea.value < 0.9 * whole.rmsea.value
    assert found.rmsea_robust.value == pytest.approx(whole.rmsea.value, rel=0.05)
    assert found.cfi_robust == pytest.approx(whole.cfi, abs=0.005)


def test_slopes_of_moments():
    fit = fit_sem(MODEL, simulate(), NAMES, means=True)
    full = saturated(fit.structure)
    found = moment_slopes(fit.structure, full, fit.theta)

    def moments(theta):
        state = evaluate(fit.structure, (), theta[None])
        return np.concatenate([state.cov[0][full.s.row, full.s.col], state.mean[0][full.m.row]])

    for k, move in enumerate(np.eye(fit.free) * 1e-6):
        slope = (moments(fit.theta + move) - moments(fit.theta - move)) / 2e-6
        np.testing.assert_allclose(found[:, k], slope, atol=1e-8)
