import numpy as np
import pytest

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.multiverse import likelihood
from gluteal.estimators.multiverse.likelihood import newton_slopes
from gluteal.estimators.multiverse.specifications import expand_grid, make_plan


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_all_coefficients_equal_fit_glm_and_tiles_change_nothing(family, monkeypatch):
    rng = np.random.default_rng(7)
    n = 400
    z = rng.normal(size=(n, 5)) * [1, 8, 0.1, 1, 1] + [0, 170, 0, 3, 0]
    y = (rng.uniform(size=n) < 0.4).astype(float)
    sets = [tuple(j for j in range(2, 6) if i >> (j - 2) & 1) for i in range(16)]
    plan = make_plan(np.column_stack([y, z]), expand_grid([0], [1], sets, families=[family]))
    found = newton_slopes(plan, np.arange(16))
    assert found.settled.all()
    for k in range(16):
        want = fit_glm(plan.design(k), y, family, "classical").coef
        got = np.r_[found.coef[k, : plan.size[k] + 1], found.coef[k, -1]]
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-9)
    monkeypatch.setattr(likelihood, "TILE_ROWS", 64)
    monkeypatch.setattr(likelihood, "TILE_NUMBERS", 64)
    again = newton_slopes(plan, np.arange(16))
    np.testing.assert_allclose(again.estimate, found.estimate, rtol=1e-10)
    np.testing.assert_allclose(again.se, found.se, rtol=1e-7)


def test_a_separated_model_does_not_settle_and_spares_its_neighbours():
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(2, 60))
    columns = np.column_stack([(x > 0).astype(float), x, z])
    plan = make_plan(columns, expand_grid([0], [1, 2], families=["logistic"]))
    assert newton_slopes(plan, np.arange(2)).settled.tolist() == [False, True]
