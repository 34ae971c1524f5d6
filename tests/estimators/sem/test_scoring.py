import numpy as np
import pytest

from gluteal.estimators.sem import fit_sem, riclpm
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.likelihood import evaluate, score_and_information
from gluteal.estimators.sem.moments import collect
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.scoring import polish, search
from gluteal.estimators.sem.starts import start_values

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(2)
    data = rng.normal(size=(120, 1)) * [1, 0.8, 1.1, 0.7] + rng.normal(size=(120, 4))
    data[rng.random(data.shape) < 0.2] = np.nan
    model = read_model("f =~ a + b + c + d")
    moments = collect(data, NAMES)
    structure = compile_model(model, NAMES, means=True)
    mean, var = np.nanmean(data, 0), np.nanvar(data, 0)
    return structure, moments, start_values(model, structure, mean, np.diag(var))


def test_both_ways_reach_the_same_top(case):
    structure, moments, start = case
    slow = search(structure, moments.patterns, start[None], tolerance=1e-18)
    fast = polish(structure, moments.patterns, search(structure, moments.patterns, start[None], 1))
    assert slow.converged[0]
    assert fast.converged[0]
    np.testing.assert_allclose(fast.theta, slow.theta, rtol=1e-6, atol=1e-8)
    state = evaluate(structure, moments.patterns, fast.theta)
    score, _ = score_and_information(structure, moments.patterns, fast.theta, state)
    assert np.abs(score).max() < 1e-6


def test_bad_starts_are_damped_and_do_not_disturb_good_ones(case):
    structure, moments, start = case
    wild = start.copy()
    wild[: structure.free - 4] *= 30
    both = search(structure, moments.patterns, np.stack([start, wild]), tolerance=1e-16)
    alone = search(structure, moments.patterns, start[None], tolerance=1e-16)
    np.testing.assert_allclose(both.theta[0], alone.theta[0], rtol=1e-8)
    assert both.value[1] <= evaluate(structure, moments.patterns, wild[None]).value[0]


def test_too_few_turns_are_no_convergence(case):
    structure, moments, start = case
    assert not search(structure, moments.patterns, start[None], 1e-16, limit=2).converged[0]


def test_an_impossible_start_does_not_converge(case):
    structure, moments, start = case
    bad = start.copy()
    bad[structure.names.index("a ~~ a")] = -99
    found = search(structure, moments.patterns, bad[None])
    assert not found.converged[0]


def test_a_ridge_without_a_top_is_left_and_flagged():
    """Noise without traits: a lag runs off while a variance runs to zero."""
    names = tuple(f"{v}{t}" for v in "xy" for t in range(1, 4))
    data = np.random.default_rng(134).normal(size=(40, 6))
    fit = fit_sem(riclpm(names[:3], names[3:]), data, names)
    assert not fit.converged
    assert "did not converge" in fit.warnings[0]
    assert fit.iterations < 1000


def test_a_saddle_is_no_peak():
    """Both signs of a loading fit alike; between them lies a saddle, where the score is zero."""
    z = np.random.default_rng(1).normal(size=(200, 2))
    z -= z.mean(0)
    data = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T, bias=True))).T
    data = data @ np.linalg.cholesky(np.array([[1, 0.5], [0.5, 1]])).T
    model = read_model("f =~ k*a + k*b; f ~~ 1*f; a ~~ v*a; b ~~ v*b", auto=False)
    moments = collect(data, ("a", "b"))
    structure = compile_model(model, ("a", "b"))
    saddle = np.array([[0.0, 1.0]])
    assert structure.names == ("k", "v")
    found = polish(structure, moments.patterns, search(structure, moments.patterns, saddle))
    assert not found.peak
