import numpy as np
import pytest
from scipy import optimize, special

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.mediation.resampled_glm import fit_regression, inverse, working


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(150), rng.normal(45, 10, 150), rng.integers(0, 2, 150)])
    eta = -2 + 0.04 * x[:, 1] + 0.7 * x[:, 2]
    return x, (rng.uniform(size=150) < special.expit(eta)).astype(float), eta + rng.normal(size=150)


def prepared(x, y, link, weights=None):
    return fit_regression(x, y, link, ("1", "age", "female"), "pain", weights)


def counts_of(resamples, n=150):
    rng = np.random.default_rng(2)
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)


def test_linear_resamples_equal_least_squares_of_their_rows(data):
    x, _, y = data
    fit = prepared(x, y, "linear")
    coef, sigma, sound = fit.fit(counts_of(10))
    assert sound.all()
    for b, counts in enumerate(counts_of(10)):
        rows = np.repeat(np.arange(150), counts.astype(int))
        want = fit_linear(x[rows], y[rows], "classical")
        np.testing.assert_allclose(coef[b], want.coef, rtol=1e-9)
        assert sigma[b] == pytest.approx(np.sqrt(want.deviance / 147), rel=1e-9)
    whole = fit_linear(x, y, "classical")
    assert fit.model().coefficient(1).p == pytest.approx(whole.coefficient(1).p, rel=1e-6)
    np.testing.assert_allclose(fit.cov, whole.cov, rtol=1e-9)


def test_logit_resamples_equal_glm_of_their_rows(data):
    x, y, _ = data
    fit = prepared(x, y, "logit")
    coef, _, sound = fit.fit(counts_of(10))
    assert sound.all()
    for b, counts in enumerate(counts_of(10)):
        rows = np.repeat(np.arange(150), counts.astype(int))
        np.testing.assert_allclose(coef[b], fit_glm(x[rows], y[rows], "logistic").coef, rtol=1e-7)
    whole = fit_glm(x, y, "logistic", "classical")
    np.testing.assert_allclose(fit.model().fitted, whole.fitted, rtol=1e-8)
    assert fit.model().coefficient(1).p == pytest.approx(whole.coefficient(1).p, rel=1e-6)
    np.testing.assert_allclose(fit.cov, whole.cov, rtol=1e-7)


def test_probit_resamples_have_the_greatest_likelihood(data):
    x, y, _ = data
    fit = prepared(x, y, "probit")
    coef, _, sound = fit.fit(counts_of(5))
    assert sound.all()
    for b, counts in enumerate(counts_of(5)):

        def loss(beta, counts=counts):
            eta = x @ (beta / fit.scale)
            return -(counts * special.log_ndtr(np.where(y == 1, eta, -eta))).sum()

        here = coef[b] * fit.scale
        slope = optimize.approx_fprime(here, loss, 1e-6)
        np.testing.assert_allclose(slope, 0, atol=2e-3)
        assert loss(here) <= optimize.minimize(loss, here + 0.05).fun + 1e-7


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_scores_are_derivatives_of_the_likelihood(link):
    eta, y = np.array([[-2.0, -0.3, 0.0, 1.5]]), np.array([1.0, 0, 1, 0])

    def likelihood(eta):
        mu = inverse(link, eta)
        return y * np.log(mu) + (1 - y) * np.log(1 - mu)

    weight, score = working(link, eta, y)
    want = (likelihood(eta + 1e-6) - likelihood(eta - 1e-6)) / 2e-6
    np.testing.assert_allclose(score, want, rtol=1e-6)
    mu = inverse(link, eta)
    slope = (inverse(link, eta + 1e-6) - inverse(link, eta - 1e-6)) / 2e-6
    np.testing.assert_allclose(weight, slope**2 / (mu * (1 - mu)), rtol=1e-6)


def test_weights_are_copies(data):
    x, y, _ = data
    weights = np.tile([1.0, 3.0, 0.0], 50)
    rows = np.repeat(np.arange(150), weights.astype(int))
    one, two = prepared(x, y, "logit", weights), prepared(x[rows], y[rows], "logit")
    np.testing.assert_allclose(one.coef, two.coef, rtol=1e-8)
    np.testing.assert_allclose(one.cov, two.cov, rtol=1e-6)


def test_resamples_without_an_estimate_are_marked(data):
    x, y, _ = data
    counts = counts_of(4)
    counts[1, y == 1] = 0  # no event
    counts[2, x[:, 2] == 1] = 0  # one group only
    for link in ("logit", "probit"):
        coef, _, sound = prepared(x, y, link).fit(counts)
        assert sound.tolist() == [True, False, False, True]
        assert np.isnan(coef[1:3]).all() and np.isfinite(coef[[0, 3]]).all()
    _, _, sound = prepared(x, data[2], "linear").fit(counts)
    assert sound.tolist() == [True, True, False, True]


def test_faults_are_named(data):
    x, y, _ = data
    for link in ("logit", "probit"):
        with pytest.raises(UserError, match="pain must be 0 or 1"):
            prepared(x, y * 2, link)
        with pytest.raises(UserError, match="pain is 0 in every row"):
            prepared(x, y * 0, link)
        with pytest.raises(UserError, match="separate pain"):
            prepared(x, (x[:, 1] > 45).astype(float), link)
    with pytest.raises(UserError, match="pain is an exact combination"):
        prepared(x, 2 * x[:, 1] + 1, "linear")
    with pytest.raises(UserError, match="column female of the design is a combination"):
        prepared(x[:, [0, 1, 1]], y, "logit")
    with pytest.raises(UserError, match="cannot carry 3"):
        prepared(x[:3], y[:3], "linear")
