import numpy as np
import pytest

from gluteal.estimators.causal.scores import fit_scores
from gluteal.estimators.sensitivity import replicates
from gluteal.estimators.sensitivity.replicates import Noise, Noisy, solve_replicates


def problem(family, n=150, seed=1):
    rng = np.random.default_rng(seed)
    z, w = np.c_[np.ones(n), rng.normal(size=n)], rng.normal(size=n)
    y = rng.poisson(np.exp(0.3 * w)) if family == "poisson" else rng.normal(size=n) + w
    if family == "logistic":
        y = y > 0
    return Noisy(z, w, np.asarray(y, float), family, 0.5, np.array([0.5, 2.0]))


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_each_replicate_is_its_own_regression(family):
    of = problem(family)
    noise = Noise(150, 3, 7)
    start = fit_scores(np.c_[of.z, of.w], of.y, family)
    coef, info, squares, converged = solve_replicates(of, noise, start.coef)
    assert converged
    assert coef.shape == (2, 6, 3)
    [(_rows, u)] = list(noise.blocks())
    for k, extra in enumerate(of.lambdas):
        for b in range(6):
            sign, column = (1, b) if b < 3 else (-1, b - 3)
            x = np.c_[of.z, of.w + sign * extra**0.5 * 0.5 * u[:, column]]
            fit = fit_scores(x, of.y, family)
            np.testing.assert_allclose(coef[k, b], fit.coef, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(np.linalg.inv(info[k, b]), fit.bread, rtol=1e-6, atol=1e-9)
            assert squares[k, b] == pytest.approx(((of.y - fit.mean) ** 2).sum(), rel=1e-8)


def test_blocks_change_nothing_and_noise_stays_the_same(monkeypatch):
    of = problem("linear")
    start = fit_scores(np.c_[of.z, of.w], of.y, "linear").coef
    monkeypatch.setattr(replicates, "BLOCK_CELLS", 240)
    kept = solve_replicates(of, Noise(150, 4, 7), start)[0]
    monkeypatch.setattr(replicates, "KEPT_CELLS", 0)
    again = Noise(150, 4, 7)
    drawn = solve_replicates(of, again, start)[0]
    np.testing.assert_array_equal(kept, drawn)
    assert not again.kept
    assert sum(len(u) for _rows, u in again.blocks()) == 150
