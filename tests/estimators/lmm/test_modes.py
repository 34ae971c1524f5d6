import numpy as np
import pytest

from gluteal.estimators.lmm import find_modes, fit_lmm, fitted_rows, residual_rows


@pytest.mark.parametrize("name", ["slope", "wb", "times", "weights"])
def test_equal_ranef(fits, said, name):
    found, want = find_modes(fits(name)), said[name]["modes"]
    np.testing.assert_allclose(found.mode[:12], np.asarray(want["mode"]).reshape(12, -1), atol=5e-7)
    np.testing.assert_allclose(found.sd[:12], np.asarray(want["sd"]).reshape(12, -1), rtol=5e-7)


def test_nested(fits, said, data):
    fit, want = fits("nested"), said["nested"]
    person = find_modes(fit, 0)
    np.testing.assert_allclose(person.mode[:12, 0], np.ravel(want["modes"]["mode"]), atol=5e-7)
    np.testing.assert_allclose(person.sd[:12, 0], np.ravel(want["modes"]["sd"]), rtol=5e-7)
    side, at = find_modes(fit, 1), data["nested"]
    for k, (who, which) in enumerate(zip(want["side"]["id"], want["side"]["side"], strict=True)):
        row = np.flatnonzero((at["id"] == who) & (at["side"] == which))[0]
        level = fit.solution.codes[1][row]
        assert side.mode[level, 0] == pytest.approx(want["side"]["mode"][k], abs=5e-7)
        assert side.sd[level, 0] == pytest.approx(want["side"]["sd"][k], rel=5e-7)


def test_crossed(fits, said):
    for factor, name in enumerate(("id", "rater")):
        found, want = find_modes(fits("crossed"), factor), said["crossed"]["modes"][name]
        np.testing.assert_allclose(found.mode[:6, 0], want["mode"], atol=5e-8)
        np.testing.assert_allclose(found.sd[:6, 0], want["sd"], rtol=5e-8)


def test_fitted_values(fits, said):
    fit = fits("slope")
    np.testing.assert_allclose(fitted_rows(fit)[:20], said["slope"]["fitted"], rtol=1e-7)
    np.testing.assert_allclose(fitted_rows(fit) + residual_rows(fit), fit.solution.rows.y)


@pytest.mark.parametrize("name", ["slope", "nested", "crossed", "weights"])
def test_the_mixed_model_equations_hold(fits, name):
    """With an intercept, weighted residuals about modes add up to 0; so do modes of a factor."""
    fit = fits(name)
    rest, rows = residual_rows(fit), fit.solution.rows
    w = rows.root**2 if rows.root.size else np.ones(fit.n)
    np.testing.assert_allclose((rows.x.T * w) @ rest, 0, atol=1e-6)
    for factor in range(len(fit.levels)):
        assert find_modes(fit, factor).mode[:, 0].sum() == pytest.approx(0, abs=1e-7)


def test_modes_shrink_means(simulate):
    x, y, who, _ = simulate(16, miss=0)
    fit = fit_lmm(x[:, :2], y, who)
    rest = y - fit.model.fitted
    means = np.bincount(who, weights=rest) / np.bincount(who)
    share = fit.covariance[0, 0] / (fit.covariance[0, 0] + fit.residual_variance / 4)
    np.testing.assert_allclose(find_modes(fit).mode[:, 0], share * means, rtol=1e-8)


def test_no_spread_no_modes(fits):
    found = find_modes(fits("none"))
    np.testing.assert_allclose(found.mode, 0, atol=1e-10)
    np.testing.assert_allclose(found.sd, 0, atol=1e-6)
