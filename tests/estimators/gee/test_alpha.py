import numpy as np
import pytest

from gluteal.estimators.gee.alpha import bounds_of, estimate_alpha
from gluteal.estimators.gee.working import lay_out, whiten


def test_bounds_depend_on_the_largest_cluster_and_on_broken_times():
    five = lay_out(np.zeros(5, dtype=int), None, "exchangeable")
    assert bounds_of(five, "exchangeable") == (-0.25, 1.0)
    whole = lay_out(np.zeros(3, dtype=int), np.array([0.0, 1, 3]), "ar1")
    assert bounds_of(whole, "ar1") == (-1.0, 1.0)
    broken = lay_out(np.zeros(3, dtype=int), np.array([0.0, 0.5, 3]), "ar1")
    assert bounds_of(broken, "ar1") == (0.0, 1.0)


@pytest.mark.parametrize("by", ["moment", "estimating_equation"])
@pytest.mark.parametrize(("working", "truth"), [("exchangeable", 0.4), ("ar1", 0.6), ("ar1", -0.5)])
def test_the_correlation_is_recovered(by, working, truth):
    rng = np.random.default_rng(2)
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    shared = truth**apart if working == "ar1" else np.where(apart == 0, 1, truth)
    noise = 3 * rng.normal(size=(4000, 4)) @ np.linalg.cholesky(shared).T
    layout = lay_out(np.repeat(np.arange(4000), 4), None, working)
    scale, alpha = estimate_alpha(noise.ravel(), None, 2, layout, working, by, 0.0)
    assert alpha == pytest.approx(truth, abs=0.02)
    assert scale == pytest.approx(9, rel=0.03)


def test_gaps_keep_the_meaning_of_the_correlation():
    """Every other visit of an AR(1) shows the same correlation per unit of time."""
    rng = np.random.default_rng(4)
    shared = 0.7 ** np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    noise = (rng.normal(size=(5000, 7)) @ np.linalg.cholesky(shared).T)[:, [0, 2, 4, 6]]
    time = np.tile([0.0, 2, 4, 6], 5000)
    layout = lay_out(np.repeat(np.arange(5000), 4), time, "ar1")
    for by in ("moment", "estimating_equation"):
        _scale, alpha = estimate_alpha(noise.ravel(), None, 1, layout, "ar1", by, 0.0)
        assert alpha == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("working", ["exchangeable", "ar1"])
def test_single_rows_have_no_correlation(working):
    layout = lay_out(np.arange(5), None, working)
    found = estimate_alpha(np.array([1.0, -1, 2, 0, 1]), None, 1, layout, working, "moment", 0.0)
    assert found == (7 / 4, 0.0)
    values = np.arange(5.0)
    np.testing.assert_array_equal(whiten(values, 0.3, layout, working), values)
