import numpy as np
import pytest

from gluteal.estimators.impute import ordered
from gluteal.estimators.impute.categories import Pseudo, augment
from gluteal.estimators.impute.ordered import draw_ordered, fit_ordered
from gluteal.estimators.ordinal import fit_ordinal


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(250, 2))
    return x, np.digitize(x @ [1.0, -0.5] + rng.logistic(size=250), [-1.5, 0, 1]).astype(np.intp)


def test_without_pseudo_rows_it_is_the_proportional_odds_model(sample, monkeypatch):
    monkeypatch.setattr(ordered, "PRIOR", 0.0)
    x, y = sample
    theta, information, converged = fit_ordered(x, y, 4, Pseudo(np.empty((0, 3)), 0.0))
    fit = fit_ordinal(x, y)
    assert converged
    np.testing.assert_allclose(theta[3:], fit.coef, rtol=1e-4)
    np.testing.assert_allclose(theta[:3], fit.extra["thresholds"], rtol=1e-3)
    np.testing.assert_allclose(np.linalg.inv(information)[3:, 3:], fit.cov, rtol=1e-3)


def test_a_warm_start_and_a_bad_one_end_at_the_same_place(sample):
    x, y = sample
    none = Pseudo(np.empty((0, 3)), 0.0)
    theta, _, _ = fit_ordered(x, y, 4, none)
    again, _, _ = fit_ordered(x, y, 4, none, theta + 0.1)
    np.testing.assert_allclose(again, theta, atol=1e-4)
    crossed, _, converged = fit_ordered(x, y, 4, none, np.array([2.0, 1, 0, 0, 0]))
    assert converged
    np.testing.assert_allclose(crossed, theta, atol=1e-4)


def test_separated_categories_stay_finite():
    x = np.linspace(-1, 1, 30)[:, None]
    y = np.digitize(x[:, 0], [-0.3, 0.4]).astype(np.intp)
    both = np.column_stack([np.ones(30), x])
    pseudo = augment(both.mean(0), both.std(0), both.min(0), both.max(0), 3)
    theta, information, converged = fit_ordered(x, y, 3, pseudo)
    assert converged
    assert 1 < theta[-1] < 40
    assert np.linalg.eigvalsh(information)[0] > 0


def test_chances_add_up_and_follow_delta(sample):
    x, y = sample
    theta, information, _ = fit_ordered(x, y, 4, Pseudo(np.empty((0, 3)), 0.0))
    plain = draw_ordered(theta, information, x, np.zeros(5), 4, 0.0)
    moved = draw_ordered(theta, information, x, np.zeros(5), 4, 1.5)
    np.testing.assert_allclose(plain.sum(1), 1)
    below = np.cumsum(plain, axis=1)[:, :-1]
    after = np.cumsum(moved, axis=1)[:, :-1]
    np.testing.assert_allclose(np.log(after / (1 - after)), np.log(below / (1 - below)) - 1.5)


def test_crossed_thresholds_are_put_in_order(sample):
    x, y = sample
    theta, information, _ = fit_ordered(x, y, 4, Pseudo(np.empty((0, 3)), 0.0))
    for seed in range(20):
        z = 15 * np.random.default_rng(seed).standard_normal(5)
        assert (draw_ordered(theta, information, x, z, 4, 0.0) >= 0).all()


def test_far_outliers_leave_the_likelihood_concave(sample):
    x, y = sample
    far = x.copy()
    far[:3] *= 1000
    theta, information, converged = fit_ordered(far, y, 4, Pseudo(np.empty((0, 3)), 0.0))
    assert converged
    assert np.isfinite(theta).all()
    assert np.linalg.eigvalsh(information)[0] > 0
