import importlib.util
import json
from dataclasses import dataclass

import numpy as np
import pytest

from gluteal.estimators.inputs import as_groups
from gluteal.estimators.lmm import fit_lmm, optimise
from gluteal.estimators.lmm.fit import covariance_shape, start_thetas
from gluteal.estimators.lmm.grouped import group_rows
from gluteal.estimators.lmm.optimise import descend, evaluate, minimise


@pytest.fixture(scope="module")
def data(simulate):
    x, y, who, z = simulate(14)
    codes, people = as_groups(who, len(y))
    e = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    table = np.column_stack([x, e])
    return group_rows(table, z, codes, people, *covariance_shape(2, True))


@pytest.mark.parametrize("reml", [True, False])
def test_the_optimum_is_flat_and_no_neighbour_is_lower(data, reml):
    found = minimise(data, start_thetas(2, True, 3), reml)
    assert np.abs(found.point.gradient).max() < 1e-5
    rng = np.random.default_rng(15)
    for _ in range(50):
        near = evaluate(data, found.point.theta + rng.normal(size=3) * 0.1, reml)
        assert near.deviance > found.point.deviance
    assert found.reached == 3
    assert found.converged


def test_75_hard_data_sets_reach_lme4s_optimum(root, parity):
    """Small slope variances, where MixedLM stops above the optimum and says it converged."""
    place = root / "benchmarks" / "simulations" / "lmm_optimum.py"
    spec = importlib.util.spec_from_file_location("lmm_optimum", place)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    said = json.loads((parity / "lmm_optimum.json").read_text(encoding="utf-8"))
    assert len(said["deviance"]) == script.SETS == 75
    edges = 0
    for k in range(75):
        data = script.make(k)
        assert data["y"].sum() == pytest.approx(said["sum"][k], rel=1e-12), "other data than R had"
        fit = fit_lmm(data["x"], data["y"], data["who"], data["z"])
        assert fit.deviance <= said["deviance"][k] + 1e-7
        assert fit.deviance >= said["deviance"][k] - 1e-3
        assert fit.converged
        assert fit.reached == len(fit.starts) in (3, 12)
        edges += fit.singular
    assert edges == sum(said["singular"])


def test_derivatives_by_theta(data):
    theta = np.array([0.9, 0.2, 0.4])
    here = evaluate(data, theta, True)
    for i, e in enumerate(np.eye(3)):
        high, low = (evaluate(data, theta + s * 1e-4 * e, True) for s in (1, -1))
        assert here.gradient[i] == pytest.approx((high.deviance - low.deviance) / 2e-4, abs=1e-5)
        want = (high.gradient - low.gradient) / 2e-4
        np.testing.assert_allclose(here.hessian[i], want, rtol=1e-5, atol=1e-4)


def test_a_start_on_a_ridge_leaves_it(data):
    """At theta = 0 the gradient is 0 whatever the data say."""
    point, settled, _ = descend(data, np.zeros(3), True)
    best = minimise(data, start_thetas(2, True, 3), True)
    assert settled
    assert point.deviance == pytest.approx(best.point.deviance, abs=1e-6)


@dataclass(frozen=True)
class Two:
    """A deviance with two hollows of theta, the deeper one at 3."""

    n: int = 10
    squares = np.ones((1, 1, 1))
    overall = squares
    thinned = None

    def parts(self, omega):
        return omega


def test_starts_that_end_elsewhere_are_told(monkeypatch):
    def hollows(data, theta, reml, squares=None, judge=None):
        t = theta[0]
        value = 0.2 * (t - 1) ** 2 * (t - 3) ** 2 - 0.1 * t
        slope = 0.4 * (t - 1) * (t - 3) * (2 * t - 4) - 0.1
        bend = 0.4 * ((2 * t - 4) ** 2 + 2 * (t - 1) * (t - 3))
        found = optimise.Profile(value, theta, theta, theta, theta, 1.0)
        return optimise.Point(theta, theta**2, theta, found, np.array([slope]), np.array([[bend]]))

    monkeypatch.setattr(optimise, "evaluate", hollows)
    found = minimise(Two(), [np.array([0.5]), np.array([3.5]), np.array([0.8])], True)
    assert found.point.theta[0] == pytest.approx(3, abs=0.2)
    assert found.reached == 1
    assert len(found.starts) == 3
    assert found.starts[0] > found.starts[1] + 0.1
    assert found.converged


def test_searching_some_people_first_ends_at_the_same_optimum(simulate):
    from dataclasses import replace

    x, y, who, z = simulate(21, people=2600, times="own")
    codes, people = as_groups(who, len(y))
    table = np.column_stack([x, y - x @ np.linalg.lstsq(x, y, rcond=None)[0]])
    whole = group_rows(table, z, codes, people, *covariance_shape(2, True))
    starts = start_thetas(2, True, 3)
    fast, slow = minimise(whole, starts, True), minimise(replace(whole, thinned=None), starts, True)
    assert fast.steps < slow.steps
    assert fast.point.deviance == pytest.approx(slow.point.deviance, abs=1e-8)
    assert fast.reached == slow.reached == 3
    np.testing.assert_allclose(fast.point.omega, slow.point.omega, rtol=1e-7)


def test_a_variance_of_0_above_another_is_no_valley():
    """Along L's columns the path bends, and Newton crawled; along the main axes it does not."""
    rng = np.random.default_rng(22)
    codes = np.repeat(np.arange(40), 5)
    t = np.tile(np.arange(5.0), 40)
    z = np.column_stack([np.ones(200), t, t**2 / 5])
    y = (rng.normal(size=40) * 2)[codes] * t + rng.normal(size=200)
    table = np.column_stack([np.linalg.qr(z)[0], y])
    data = group_rows(table, z, codes, 40, *covariance_shape(3, True))
    for start in start_thetas(3, True, 8):
        _, settled, steps = descend(data, start, True)
        assert settled
        assert steps < 60


def test_a_search_cut_short_says_so(monkeypatch, data):
    monkeypatch.setattr(optimise, "MOST_STEPS", 2)
    assert not minimise(data, start_thetas(2, True, 1), True).converged
