import numpy as np
import pytest

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.multiverse import bootstrap, expand_grid, run_multiverse
from gluteal.estimators.multiverse.bootstrap import bootstrap_curves, sum_by_person
from gluteal.estimators.multiverse.specifications import make_plan


@pytest.fixture(scope="module")
def said(answers):
    return answers("multiverse")


def test_resampled_null_curves_equal_lm_of_outcomes_without_the_effect(said, monkeypatch):
    small = np.array([[row[name] for name in ("y", "x", "z", "w")] for row in said["small"]])
    draws = np.array(said["draws"]).T
    counts = np.array([np.bincount(row, minlength=len(small)) for row in draws])
    monkeypatch.setattr(bootstrap, "resample_people", lambda *_: iter([counts[:10], counts[10:]]))
    grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)])
    plan = make_plan(small, grid)
    seen = run_multiverse(small, grid).estimate
    parts = list(bootstrap_curves(plan, np.arange(4), seen, np.arange(len(small)), 25, 1))
    b, t = (np.concatenate([part[k] for part in parts]) for k in range(2))
    forced = np.array(said["forced"])
    np.testing.assert_allclose(b, forced[:, 0::2], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(t, forced[:, 1::2], rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_one_step_is_near_the_refit(family, monkeypatch):
    rng = np.random.default_rng(2)
    n = 2000
    x, z = rng.normal(size=(2, n))
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-0.5 * x - z))).astype(float)
    counts = np.array([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(5)])
    monkeypatch.setattr(bootstrap, "resample_people", lambda *_: iter([counts]))
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


def test_a_singular_resample_is_nan(monkeypatch):
    rng = np.random.default_rng(2)
    columns = np.column_stack([rng.normal(size=10), np.arange(10) < 2])
    counts = np.array([[0, 0, 2, 2, 1, 1, 1, 1, 1, 1], [1] * 10])
    monkeypatch.setattr(bootstrap, "resample_people", lambda *_: iter([counts]))
    grid = expand_grid([0], [1])
    seen = run_multiverse(columns, grid).estimate
    b, t = next(bootstrap_curves(make_plan(columns, grid), np.arange(1), seen, np.arange(10), 2, 1))
    assert np.isnan(b[0]).all()
    assert np.isnan(t[0]).all()
    assert b[1] == pytest.approx(0, abs=1e-12)
