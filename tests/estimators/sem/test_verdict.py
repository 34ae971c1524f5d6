import numpy as np

from gluteal.estimators.sem import fit_sem, riclpm

NAMES = ("x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4")


def panel(trait, seed=1, n=400):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, n))
    xs, ys = [], []
    traits = trait * rng.normal(size=(2, n))
    for _ in range(4):
        x = 0.3 * x + rng.normal(size=n)
        y = 0.3 * y + rng.normal(size=n)
        xs.append(x + traits[0])
        ys.append(y + traits[1])
    return np.column_stack(xs + ys)


def test_absent_traits_are_flagged():
    fit = fit_sem(riclpm(NAMES[:4], NAMES[4:], lags_equal=True), panel(0.0), NAMES)
    assert any("trait" in w for w in fit.warnings)


def test_present_traits_are_not():
    fit = fit_sem(riclpm(NAMES[:4], NAMES[4:], lags_equal=True), panel(1.5), NAMES)
    assert not any("trait" in w for w in fit.warnings)


def test_a_heywood_case_is_flagged():
    """An indicator that shares more than its own variance."""
    cov = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    data = _with_covariance(cov, 100)
    fit = fit_sem("f =~ a + b + c", data, ("a", "b", "c"))
    assert "negative variance: a ~~ a" in fit.warnings


def test_few_people_are_flagged():
    data = np.random.default_rng(1).normal(size=(10, 8))
    fit = fit_sem(riclpm(NAMES[:4], NAMES[4:]), data, NAMES)
    assert fit.free > 10
    assert any(f"10 people are fewer than {fit.free} parameters" in w for w in fit.warnings)


def _with_covariance(cov, n):
    z = np.random.default_rng(1).normal(size=(n, len(cov)))
    z -= z.mean(0)
    root = np.linalg.cholesky(np.cov(z.T, bias=True))
    return z @ np.linalg.inv(root).T @ np.linalg.cholesky(cov).T
