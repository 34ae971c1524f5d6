import numpy as np
import pytest

from gluteal.estimators.multiverse import least_squares
from gluteal.estimators.multiverse.least_squares import cross_products, slopes_of
from gluteal.estimators.multiverse.specifications import expand_grid, make_plan


@pytest.fixture
def plan():
    rng = np.random.default_rng(6)
    columns = rng.normal([0, 0, 1e4, 0, 0, 0, 50, 0, 0], size=(90, 9))
    sets = [tuple(j for j in range(4, 9) if i >> (j - 4) & 1) for i in range(32)]
    subsets = np.stack([np.ones(90, dtype=bool), rng.uniform(size=90) < 0.6])
    return make_plan(columns, expand_grid([0, 1], [2, 3], sets, [0, 1]), subsets)


def test_batches_change_nothing(plan, monkeypatch):
    which = np.arange(len(plan))
    products = cross_products(plan.columns, plan.rows)
    whole = slopes_of(plan, which, products)
    monkeypatch.setattr(least_squares, "MOST_NUMBERS", 81 * 7)
    parts = slopes_of(plan, which, products)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_slopes_equal_least_squares(plan):
    which = np.arange(0, len(plan), 13)
    found = slopes_of(plan, which, cross_products(plan.columns, plan.rows))
    assert not found.doubtful.any()
    for row, k in enumerate(which):
        x, y = plan.design(k) - [0, *[0] * plan.size[k], 0], plan.response(k)
        x[:, 1:] -= x[:, 1:].mean(0)
        beta, rss, *_ = np.linalg.lstsq(x, y, rcond=None)
        df = len(y) - x.shape[1]
        se = np.sqrt(np.linalg.inv(x.T @ x)[-1, -1] * rss[0] / df)
        assert found.estimate[row] == pytest.approx(beta[-1], rel=1e-9)
        assert found.se[row] == pytest.approx(se, rel=1e-9)
        assert found.df[row] == df


def test_a_column_that_does_not_vary_is_doubtful():
    columns = np.column_stack([np.random.default_rng(1).normal(size=20), np.full(20, 0.1)])
    plan = make_plan(columns, expand_grid([0], [1]))
    assert slopes_of(plan, np.arange(1), cross_products(columns, plan.rows)).doubtful.all()
