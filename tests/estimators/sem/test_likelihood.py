import numpy as np
import pytest

from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.likelihood import evaluate, score_and_information
from gluteal.estimators.sem.moments import collect
from gluteal.estimators.sem.reader import read_model

NAMES = ("a", "b", "c", "y")
MODEL = "f =~ a + b + k*c; y ~ k*f; y ~ 1; a ~ 1; b ~ 1; c ~ m*1; f ~ m*1"


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(1)
    data = rng.normal(size=(150, 1)) + rng.normal(size=(150, 4))
    data[rng.random(data.shape) < 0.15] = np.nan
    moments = collect(data, NAMES)
    structure = compile_model(read_model(MODEL), NAMES)
    theta = rng.uniform(0.4, 0.9, structure.free)
    return structure, moments, theta


def test_the_value_is_the_sum_over_people(case):
    from scipy.stats import multivariate_normal

    structure, moments, theta = case
    state = evaluate(structure, moments.patterns, theta[None])
    total = 0.0
    for row in moments.data:
        o = np.isfinite(row)
        total += multivariate_normal(state.mean[0][o], state.cov[0][np.ix_(o, o)]).logpdf(row[o])
    assert state.value[0] == pytest.approx(-total, rel=1e-12)


def test_the_score_is_the_slope_of_the_value(case):
    structure, moments, theta = case
    value = lambda t: evaluate(structure, moments.patterns, t[None]).value[0]  # noqa: E731
    state = evaluate(structure, moments.patterns, theta[None])
    score, _ = score_and_information(structure, moments.patterns, theta[None], state)
    steps = np.eye(len(theta)) * 1e-5
    slope = [(value(theta - e) - value(theta + e)) / 2e-5 for e in steps]
    np.testing.assert_allclose(score[0], slope, rtol=1e-6, atol=1e-6)


def test_the_information_is_the_variance_of_the_score():
    """Scores of simulated data sets vary as the expected information says."""
    structure = compile_model(read_model("f =~ a + b + c"), NAMES[:3], means=True)
    assert structure.names[:6] == ("f =~ b", "f =~ c", "f ~~ f", "a ~~ a", "b ~~ b", "c ~~ c")
    theta = np.array([0.8, 1.2, 0.9, 1.0, 0.5, 0.6, 0.1, 0.2, 0.3])
    rng = np.random.default_rng(3)
    scores = []
    for _ in range(3000):
        f = rng.normal(0, np.sqrt(theta[2]), (40, 1))
        noise = rng.normal(size=(40, 3)) * np.sqrt(theta[3:6])
        moments = collect(f * [1, theta[0], theta[1]] + noise + theta[6:], NAMES[:3])
        state = evaluate(structure, moments.patterns, theta[None])
        score, information = score_and_information(structure, moments.patterns, theta[None], state)
        scores.append(score[0])
    seen = np.cov(np.array(scores).T)
    size = np.sqrt(np.diag(information[0]))
    np.testing.assert_allclose(seen / np.outer(size, size), information[0] / np.outer(size, size),
                               atol=0.12)  # fmt: skip


def test_many_at_once_are_each_alone(case):
    structure, moments, theta = case
    several = np.stack([theta, theta * 1.1, theta * 0.9])
    together = evaluate(structure, moments.patterns, several)
    for k, one in enumerate(several):
        alone = evaluate(structure, moments.patterns, one[None])
        assert together.value[k] == pytest.approx(alone.value[0], rel=1e-13)


def test_an_impossible_covariance_has_no_likelihood(case):
    structure, moments, theta = case
    bad = theta.copy()
    bad[list(structure.names).index("a ~~ a")] = -50
    state = evaluate(structure, moments.patterns, np.stack([theta, bad]))
    assert np.isfinite(state.value[0])
    assert np.isinf(state.value[1])


def test_a_loop_without_end_has_no_likelihood():
    structure = compile_model(read_model("a ~ p*b; b ~ p*a; a ~~ 0*b"), ("a", "b"))
    moments = collect(np.random.default_rng(1).normal(size=(30, 2)), ("a", "b"))
    theta = np.ones((1, structure.free))
    with np.errstate(invalid="ignore"):
        value = evaluate(structure, moments.patterns, theta).value[0]
    assert not np.isfinite(value)
