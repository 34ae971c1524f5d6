import numpy as np
import pytest

from gluteal.estimators.sem import fit_indices, fit_sem
from gluteal.estimators.sem.indices import rmsea

NAMES = ("a", "b", "c", "d")


def test_the_interval_has_its_tails():
    from scipy.stats import ncx2

    found = rmsea(60.0, 24, 301)
    for bound, tail in ((found.low, 0.95), (found.high, 0.05)):
        assert ncx2.cdf(60.0, 24, bound**2 * 24 * 301) == pytest.approx(tail, abs=1e-9)
    assert found.p_close == pytest.approx(1 - ncx2.cdf(60.0, 24, 0.05**2 * 24 * 301))


def test_a_saturated_model_fits():
    data = np.random.default_rng(1).normal(size=(60, 3))
    found = fit_indices(fit_sem("a ~ b + c; b ~ c", data, NAMES[:3]))
    assert (found.cfi, found.tli, found.rmsea.value) == (1, 1, 0)
    assert found.srmr == pytest.approx(0, abs=1e-8)


def test_bad_fit_is_seen():
    rng = np.random.default_rng(1)
    f = rng.normal(size=(400, 2))
    data = np.column_stack([f[:, [0, 0, 1, 1]] + 0.5 * rng.normal(size=(400, 4))])
    found = fit_indices(fit_sem("f =~ a + b + c + d", data, NAMES))
    assert found.cfi < 0.8
    assert found.rmsea.low > 0.3
    assert found.rmsea.p_close < 1e-6
    assert found.srmr > 0.1


def test_robust_indices_need_a_robust_fit():
    data = np.random.default_rng(1).normal(size=(60, 4))
    fit = fit_sem("a ~ b; b ~ c; c ~ d", data, NAMES)
    assert np.isnan(fit_indices(fit).cfi_scaled)
    robust = fit_indices(fit_sem("a ~ b; b ~ c; c ~ d", data, NAMES, robust=True))
    assert np.isfinite([robust.cfi_scaled, robust.cfi_robust, robust.rmsea_robust.high]).all()
