from itertools import islice

import numpy as np
import pytest

from gluteal.estimators.bootstrap import draw_counts, draws
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.multiverse import bootstrap, expand_grid, run_multiverse
from gluteal.estimators.multiverse.bootstrap import bootstrap_curves, sum_by_person
from gluteal.estimators.multiverse.specifications import make_plan


class Given:
    """A block of all people with given counts."""

    def __init__(self, counts):
        self.start, self.size, self.counts = 0, counts.shape[1], iter(counts.astype(float))

    def take(self, rows):
        return np.array(list(islice(self.counts, rows)))


@pytest.fixture
def give(monkeypatch):
    def give(counts):
        monkeypatch.setattr(bootstrap, "part_units", lambda *_: [Given(counts)])

    return give


@pytest.fixture(scope="module")
def said(answers):
    return answers("multiverse")


def test_resampled_null_curves_equal_lm_of_outcomes_without_the_effect(said, give, monkeypatch):
    small = np.array([[row[name] for name in ("y", "x", "z", "w")] for row in said["small"]])
    draws = np.array(said["draws"]).T
    counts = np.array([np.bincount(row, minlength=len(small)) for row in draws])
    monkeypatch.setattr(bootstrap, "ROWS", 10)
    give(counts)
    grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)])
    plan = make_plan(small, grid)
    seen = run_multiverse(small, grid).estimate
    parts = list(bootstrap_curves(plan, np.arange(4), seen, np.arange(len(small)), 25, 1))
    b, t = (np.concatenate([part[k] for part in parts]) for k in range(2))
    forced = np.array(said["forced"])
    np.testing.assert_allclose(b, forced[:, 0::2], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(t, forced[:, 1::2], rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_one_step_is_near_the_refit(family, give):
    rng = np.random.default_rng(2)
    n = 2000
    x, z = rng.normal(size=(2, n))
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-0.5 * x - z))).astype(float)
    counts = np.array([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(5)])
    give(counts)
    columns = np.column_stack([y, 10 * x, z])
    grid = expand_grid([0], [1], [(2,)], families=[family])
    found = run_multiverse(columns, grid)
    plan = make_plan(columns, grid)
    b, t = next(bootstrap_curves(plan, np.arange(1), found.estimate, np.arange(n), 5, 1))
    for row in range(5):
        design = np.column_stack([np.ones(n), z, 10 * x])
        again = fit_glm(
            np.repeat(design, counts[row], axis=0), np.repeat(y, counts[row]), family, "classical"
        ).coefficient(2)
        assert b[row, 0] == pytest.approx(again.estimate - found.estimate[0], abs=0.1 * again.se)
        assert t[row, 0] == pytest.approx(b[row, 0] / again.se, rel=0.05)


def test_people_are_resampled_with_all_their_rows():
    """Rows that repeat a person add nothing: as many people, the same spread."""
    rng = np.random.default_rng(4)
    one = rng.normal(size=(150, 3))
    four = np.repeat(one, 4, axis=0)
    who = np.repeat(np.arange(150), 4)
    grid = expand_grid([0], [1], [(2,)])

    def spread(columns, people):
        seen = run_multiverse(columns, grid).estimate
        plan = make_plan(columns, grid)
        parts = list(bootstrap_curves(plan, np.arange(1), seen, people, 400, 1))
        return np.concatenate([p[0] for p in parts]).std()

    assert spread(four, who) == pytest.approx(spread(one, np.arange(150)), rel=1e-9)
    assert spread(four, np.arange(600)) < 0.65 * spread(four, who)


def test_sums_by_person():
    values = np.arange(8.0).reshape(4, 2)
    np.testing.assert_array_equal(
        sum_by_person(values, np.array([1, 0, 1, 3]), 4), [[2, 3], [4, 6], [0, 0], [6, 7]]
    )


def test_a_singular_resample_is_nan(give):
    rng = np.random.default_rng(2)
    columns = np.column_stack([rng.normal(size=10), np.arange(10) < 2])
    counts = np.array([[0, 0, 2, 2, 1, 1, 1, 1, 1, 1], [1] * 10])
    give(counts)
    grid = expand_grid([0], [1])
    seen = run_multiverse(columns, grid).estimate
    b, t = next(bootstrap_curves(make_plan(columns, grid), np.arange(1), seen, np.arange(10), 2, 1))
    assert np.isnan(b[0]).all()
    assert np.isnan(t[0]).all()
    assert b[1] == pytest.approx(0, abs=1e-12)


def test_blocks_of_people_and_batches_of_resamples_change_nothing(give, monkeypatch):
    rng = np.random.default_rng(6)
    columns = rng.normal(size=(300, 5))
    columns[rng.random(300) < 0.1, 3] = np.nan
    columns[:, 4] = columns[:, 4] > 0
    grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)])
    grid += expand_grid([4], [1], [(2,), (3,)], families=["logistic"])
    people = rng.permutation(np.repeat(np.arange(100), 3))
    plan, seen = make_plan(columns, grid), run_multiverse(columns, grid).estimate

    def curves():
        parts = list(bootstrap_curves(plan, np.arange(6), seen, people, 50, 1))
        return [np.concatenate([part[k] for part in parts]) for k in range(2)]

    monkeypatch.setattr(draws, "BLOCK", 7)
    with monkeypatch.context() as small:
        small.setattr(bootstrap, "MOST_NUMBERS", 600)
        parted = curves()
    give(np.concatenate(list(draw_counts([100], 50, 1))))
    for a, b in zip(parted, curves(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_steep_slopes_take_their_step_from_their_own_maximum():
    rng = np.random.default_rng(1)
    x = rng.normal(size=2000)
    y = (rng.random(2000) < 1 / (1 + np.exp(-14 * x))).astype(float)
    grid = expand_grid([0], [1], families=["logistic"])
    columns = np.column_stack([y, x])
    found = run_multiverse(columns, grid)
    assert found.converged[0]
    assert found.estimate[0] > 12
    b, _ = next(
        bootstrap_curves(
            make_plan(columns, grid), np.arange(1), found.estimate, np.arange(2000), 200, 1
        )
    )
    assert b.std() == pytest.approx(found.se[0], rel=0.25)
    assert abs(b.mean()) < found.se[0]
