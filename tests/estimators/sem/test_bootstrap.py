import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.bootstrap import draw_counts
from gluteal.estimators.sem import bootstrap_sem, fit_sem, read_model, riclpm
from gluteal.estimators.sem.bootstrap import resample_patterns

NAMES = ("x", "m", "y")
MODEL = "m ~ a*x; y ~ b*m; ab := a*b"


def simulate(n=120, seed=1, holes=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    m = 0.5 * x + rng.normal(size=n)
    y = 0.4 * m + rng.normal(size=n)
    data = np.column_stack([x, m, y])
    data[rng.random(data.shape) < holes] = np.nan
    return data


@pytest.mark.parametrize("holes", [0.0, 0.15])
@pytest.mark.parametrize("fixed_x", [False, True])
def test_each_draw_is_the_fit_to_its_people(holes, fixed_x):
    """Row by row: counts repeated as rows and fitted alone give the same estimates."""
    data = simulate(holes=holes)
    fit = fit_sem(read_model(MODEL, fixed_x=fixed_x), data, NAMES, means=True)
    found = bootstrap_sem(fit, resamples=12, seed=3)
    order = [np.arange(fit.n)[p.rows] for p in fit.moments.patterns]
    counts = next(draw_counts([fit.n], 12, 3)).astype(int)
    for k in range(12):
        people = np.repeat(np.concatenate(order), counts[k])
        alone = fit_sem(read_model(MODEL, fixed_x=fixed_x), fit.moments.data[people], NAMES,
                        means=True)  # fmt: skip
        np.testing.assert_allclose(found.draws[k], alone.model.coef, rtol=1e-4, atol=2e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), shift=st.floats(-1e4, 1e4))
def test_moments_of_resamples(seed, shift):
    data = simulate(60, seed, 0.2) + shift
    fit = fit_sem(MODEL, data, NAMES)
    parts = resample_patterns(fit.moments, 4, seed)
    np.testing.assert_allclose(sum(p.n for p in parts), fit.n)
    counts = next(draw_counts([fit.n], 4, seed))
    start = 0
    for part in parts:
        rows = np.arange(fit.n)[part.rows]
        w = counts[:, start : start + rows.size]
        start += rows.size
        block = fit.moments.data[rows][:, part.seen]
        for k in np.flatnonzero(part.n):
            mean = np.average(block, axis=0, weights=w[k])
            np.testing.assert_allclose(part.mean[k], mean, rtol=1e-10)
            cov = ((block - mean) * w[k][:, None]).T @ (block - mean) / w[k].sum()
            np.testing.assert_allclose(part.cov[k], cov, atol=1e-9)


def test_errors_agree_with_theory_in_large_samples():
    fit = fit_sem(MODEL, simulate(2000), NAMES, robust=True)
    found = bootstrap_sem(fit, resamples=1500)
    se = np.sqrt(np.diag(fit.model.cov))
    np.testing.assert_allclose(found.se, se, rtol=0.1)
    assert found.singular == 0


def test_defined_parameters_have_skewed_intervals():
    found = bootstrap_sem(fit_sem(MODEL, simulate(60), NAMES), resamples=2000)
    k = len(found.estimate) - 1
    assert found.high[k] - found.estimate[k] > found.estimate[k] - found.low[k]
    np.testing.assert_allclose(found.draws[:, k], found.draws[:, 0] * found.draws[:, 1])


def test_a_seed_gives_the_same_draws():
    fit = fit_sem(MODEL, simulate(), NAMES)
    one = bootstrap_sem(fit, resamples=150, seed=5)
    np.testing.assert_array_equal(one.draws, bootstrap_sem(fit, resamples=150, seed=5).draws)
    assert (one.draws[:5] != bootstrap_sem(fit, resamples=150, seed=6).draws[:5]).any()


def test_failures_are_counted_not_hidden():
    """Few people and a weak factor: some resamples have no maximum."""
    rng = np.random.default_rng(2)
    names = tuple(f"{v}{t}" for v in "xy" for t in range(1, 4))
    data = rng.normal(size=(12, 6))
    fit = fit_sem(riclpm(names[:3], names[3:]), data, names)
    found = bootstrap_sem(fit, resamples=100)
    assert found.singular > 0
    assert any("resamples have no estimate" in w for w in found.warnings)
    assert np.isnan(found.draws).all(1).sum() == found.singular


def test_one_resample_is_no_bootstrap():
    with pytest.raises(ValueError, match="at least 2"):
        bootstrap_sem(fit_sem(MODEL, simulate(), NAMES), resamples=1)
