import numpy as np
import pytest

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.impute import categories
from gluteal.estimators.impute.categories import (
    Pseudo,
    augment,
    draw_categories,
    draw_coefficients,
    fit_categories,
    is_split,
    shares,
)


@pytest.fixture
def no_prior(monkeypatch):
    """The weak prior left out: then fits equal maximum likelihood to all digits."""
    monkeypatch.setattr(categories, "PRIOR", 0.0)


NONE = Pseudo(np.empty((0, 3)), 0.0)


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    eta = np.column_stack([np.zeros(300), x @ [0.2, 0.8, 0], x @ [-0.3, -0.5, 0.6]])
    return x, (eta + rng.gumbel(size=(300, 3))).argmax(1)


def test_two_categories_are_logistic_regression(sample, no_prior):
    x, y = sample
    code = (y == 1).astype(int)
    coef, information, converged = fit_categories(x[None], code, 2, NONE)
    fit = fit_glm(x, code, "logistic", "classical")
    assert converged
    np.testing.assert_allclose(coef[0, 0], fit.coef, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.inv(information[0]), fit.cov, rtol=1e-4)


def test_the_score_of_three_categories_vanishes(sample, no_prior):
    """At the maximum, observed and expected sums of every predictor agree."""
    x, y = sample
    coef, _, converged = fit_categories(x[None], y, 3, NONE)
    chance = shares(x @ coef[0].T)
    assert converged
    seen = np.eye(3)[y]
    np.testing.assert_allclose(x.T @ chance, x.T @ seen, atol=1e-3)


def test_batches_equal_single_fits(sample, no_prior):
    x, y = sample
    other = x * [1, 2, 0.5]
    both, _, _ = fit_categories(np.stack([x, other]), y, 3, NONE)
    np.testing.assert_allclose(both[1] * [1, 2, 0.5], both[0], rtol=1e-3, atol=1e-4)


def test_a_warm_start_ends_at_the_same_place(sample):
    x, y = sample
    first, _, _ = fit_categories(x[None], y, 3, NONE)
    again, _, _ = fit_categories(x[None], y, 3, NONE, first + 0.5)
    np.testing.assert_allclose(again, first, atol=1e-4)


def test_pseudo_rows_weigh_as_white_daniel_and_royston_say():
    """Two predictors, two categories: 8 rows of mice's ``augment`` with a weight of 3/8 each."""
    found = augment(
        np.array([1.0, 0, 0]),
        np.array([0, 1.0, 2]),
        np.array([1, -9.0, -9]),
        np.array([1, 9.0, 9]),
        2,
    )
    assert len(found.x) * 2 == 8
    assert found.weight == pytest.approx(3 / 8)
    np.testing.assert_allclose(sorted(found.x[:, 1]), [-0.5, 0, 0, 0.5])
    np.testing.assert_allclose(sorted(found.x[:, 2]), [-1, 0, 0, 1])


def test_augmented_fit_equals_a_weighted_one(sample, no_prior):
    """Pseudo-rows repeated: weights of whole numbers are copies of rows."""
    x, y = sample
    code = (y == 1).astype(int)
    rows = np.array([[1.0, 0.5, 0], [1, -0.5, 0], [1, 0, 0.5], [1, 0, -0.5]])
    coef, _, _ = fit_categories(x[None], code, 2, Pseudo(rows, 2.0))
    more = np.concatenate([x, *[rows] * 4])
    want = fit_glm(more, np.r_[code, [0] * 8, [1] * 8], "logistic", "classical").coef
    np.testing.assert_allclose(coef[0, 0], want, rtol=1e-4, atol=1e-6)


def test_separated_categories_stay_finite():
    x = np.column_stack([np.ones(20), np.linspace(-1, 1, 20)])
    code = (x[:, 1] > 0).astype(int)
    pseudo = augment(x.mean(0), x.std(0), x.min(0), x.max(0), 2)
    coef, information, converged = fit_categories(x[None], code, 2, pseudo)
    assert converged
    assert 1 < coef[0, 0, 1] < 30
    assert np.linalg.eigvalsh(information[0])[0] > 0
    assert is_split(x[:, 1:], code, 2)


def test_overlap_is_no_split(sample):
    x, y = sample
    assert not is_split(x[:, 1:], y, 3)


def test_draws_have_the_inverse_information_as_covariance(sample):
    x, y = sample
    coef, information, _ = fit_categories(x[None], y, 3, NONE)
    z = np.random.default_rng(5).standard_normal((20_000, 6))
    many = np.repeat(information, 20_000, axis=0)
    drawn = draw_coefficients(np.repeat(coef, 20_000, axis=0), many, z).reshape(-1, 6)
    want = np.linalg.inv(information[0])
    np.testing.assert_allclose(np.cov(drawn.T), want, atol=0.04 * want.max())


def test_categories_come_with_their_chances():
    u = np.random.default_rng(1).random((1, 50_000))
    chance = np.broadcast_to([0.1, 0.6, 0.3], (1, 50_000, 3))
    share = np.bincount(draw_categories(chance, u)[0]) / 50_000
    np.testing.assert_allclose(share, [0.1, 0.6, 0.3], atol=0.01)


def test_the_prior_moves_no_estimate_that_the_data_hold(sample, monkeypatch):
    x, y = sample
    with_prior, information, _ = fit_categories(x[None], y, 3, NONE)
    monkeypatch.setattr(categories, "PRIOR", 0.0)
    without, _, _ = fit_categories(x[None], y, 3, NONE)
    se = np.sqrt(np.diag(np.linalg.inv(information[0])))
    assert (np.abs(with_prior - without).ravel() / se).max() < 0.01
