import numpy as np

from gluteal.estimators.multiverse.sweeping import grow_tree, sweep


def test_sweeping_leaves_the_products_of_residuals():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6))
    x -= x.mean(0)
    x /= np.sqrt((x**2).sum(0))
    sets = [(), (2,), (2, 3), (2, 3, 5), (3, 4), (2, 3, 4, 5), (2, 3)]
    size = np.array([len(s) for s in sets])
    covariates = np.array([[*s, *[-1] * (4 - len(s))] for s in sets])
    tree = grow_tree(np.zeros(7, dtype=int), covariates, size, 6)
    y, e = np.zeros(7, dtype=int), np.ones(7, dtype=int)
    found = sweep(tree, (x.T @ x)[None], e, y)
    for k, used in enumerate(sets):
        z = x[:, list(used)]
        rest = x - z @ np.linalg.lstsq(z, x, rcond=None)[0]
        products = rest.T @ rest
        np.testing.assert_allclose(found.xx[k], products[1, 1], rtol=1e-9)
        np.testing.assert_allclose(found.xy[k], products[0, 1], rtol=1e-9)
        np.testing.assert_allclose(found.yy[k], products[0, 0], rtol=1e-9)


def test_a_full_grid_takes_one_sweep_a_set():
    sets = [tuple(j for j in range(6) if i >> j & 1) for i in range(64)]
    covariates = np.array([[*s, *[-1] * (6 - len(s))] for s in sets])
    size = np.array([len(s) for s in sets])
    tree = grow_tree(np.zeros(64, dtype=int), covariates, size, 8)
    assert sum(len(v) for v in tree.variables) == 63


def test_a_dependent_column_leaves_no_pivot():
    z = np.random.default_rng(1).normal(size=(30, 3))
    x = np.column_stack([z, z[:, 1] - z[:, 2]])
    x -= x.mean(0)
    x /= np.sqrt((x**2).sum(0))
    one = np.ones(1, dtype=int)
    tree = grow_tree(0 * one, np.array([[1, 2, 3]]), 3 * one, 4)
    assert sweep(tree, (x.T @ x)[None], 0 * one, 0 * one).least[0] < 1e-12
