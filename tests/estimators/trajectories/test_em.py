import numpy as np
import pytest

from gluteal.estimators.trajectories import em
from gluteal.estimators.trajectories.em import (
    Mixture,
    climb,
    expect,
    from_flat,
    gradient,
    maximise,
)
from gluteal.estimators.trajectories.information import free_parameters, spread_parameters
from gluteal.estimators.trajectories.starts import draw_starts
from gluteal.estimators.trajectories.sums import sum_people


@pytest.fixture(scope="module")
def data(courses):
    return sum_people(*courses, 1)


@pytest.fixture
def mixture(data):
    return draw_starts(data.sums[None], 2, 3, 4, np.random.default_rng(1))


def by_hand(data, mixture, run):
    """Log density of each person in each class, row by row."""
    share = np.exp(mixture.log_share[0, run])
    out = np.zeros((len(data.sums), 3))
    for c in range(3):
        variance = np.exp(mixture.log_variance[0, run, c])
        rest = data.y - data.x @ mixture.coef[0, run, c]
        row = -0.5 * np.log(2 * np.pi * variance) - rest**2 / (2 * variance)
        out[:, c] = np.log(share[c]) + np.bincount(data.of_person, row)
    return out


def test_expectation_equals_row_by_row(data, mixture, monkeypatch):
    weighted, likelihood = expect(data.sums[None], mixture)
    for run in range(4):
        logs = by_hand(data, mixture, run)
        top = logs.max(1, keepdims=True)
        total = np.log(np.exp(logs - top).sum(1)) + top[:, 0]
        assert likelihood[0, run] == pytest.approx(total.sum(), rel=1e-12)
        own = np.exp(logs - total[:, None])
        np.testing.assert_allclose(weighted[0, run], own.T @ data.sums, rtol=1e-9, atol=1e-9)
    monkeypatch.setattr(em, "TILE", 12 * 20)  # several tiles of people
    again, other = expect(data.sums[None], mixture)
    np.testing.assert_allclose(again, weighted, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(other, likelihood, rtol=1e-12)


def test_maximisation_is_weighted_least_squares(data, mixture):
    logs = by_hand(data, mixture, 2)
    own = np.exp(logs - logs.max(1, keepdims=True))
    own /= own.sum(1, keepdims=True)
    found = maximise(expect(data.sums[None], mixture)[0], shared=False)
    for c in range(3):
        w = own[data.of_person, c]
        beta = np.linalg.solve((data.x * w[:, None]).T @ data.x, data.x.T @ (w * data.y))
        np.testing.assert_allclose(found.coef[0, 2, c], beta, rtol=1e-7)
        variance = (w * (data.y - data.x @ beta) ** 2).sum() / w.sum()
        assert np.exp(found.log_variance[0, 2, c]) == pytest.approx(variance, rel=1e-7)
    np.testing.assert_allclose(np.exp(found.log_share[0, 2]), own.mean(0), rtol=1e-9)


@pytest.mark.parametrize("shared", [True, False])
def test_the_likelihood_never_falls_and_ends_where_the_gradient_is_zero(data, mixture, shared):
    values = [
        climb(data.sums[None], mixture, shared=shared, steps=k, tolerance=1e-9)[1]
        for k in (1, 2, 4, 8, 16)
    ]
    assert (np.diff(values, axis=0) > -1e-8).all()
    end, _, settled = climb(data.sums[None], mixture, shared=shared, steps=500, tolerance=1e-9)
    assert settled.all()
    slope = gradient(expect(data.sums[None], end)[0], end, shared=shared)
    assert np.abs(slope).max() < 1e-4


@pytest.mark.parametrize("shared", [True, False])
def test_gradient_equals_differences(data, mixture, shared):
    one = mixture.take(np.array([[1]]))
    if shared:
        one = Mixture(one.log_share, one.coef, np.full_like(one.log_variance, -0.3))
    base = free_parameters(one, shared=shared)
    steps = 1e-6 * np.eye(len(base))
    up, down = (
        expect(data.sums[None], spread_parameters(base + s * steps, one, shared=shared))[1][0]
        for s in (1, -1)
    )
    slope = gradient(expect(data.sums[None], one)[0], one, shared=shared)[0, 0]
    np.testing.assert_allclose((up - down) / 2e-6, slope, rtol=1e-5, atol=1e-4)


def test_data_sets_do_not_touch_each_other(data, mixture):
    half = data.sums[: len(data.sums) // 2]
    both = np.stack([half, half[::-1] * 1.0, data.sums[len(data.sums) // 2 :]])
    start = draw_starts(both, 2, 2, 5, np.random.default_rng(3))
    together = climb(both, start, shared=True, steps=30, tolerance=1e-12)[1]
    for k in range(3):
        alone = Mixture(
            *(part[k : k + 1] for part in (start.log_share, start.coef, start.log_variance))
        )
        one = climb(both[k : k + 1], alone, shared=True, steps=30, tolerance=1e-12)[1]
        np.testing.assert_allclose(together[k], one[0], rtol=1e-10)


def test_flat_and_back(mixture):
    again = from_flat(mixture.flat(), 3)
    for a, b in zip(
        (again.log_share, again.coef, again.log_variance),
        (mixture.log_share, mixture.coef, mixture.log_variance),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12)
