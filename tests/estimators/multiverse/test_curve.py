import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.multiverse import (
    Specification,
    expand_grid,
    run_multiverse,
    summarise_curve,
)


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(11)
    x, z = rng.normal(size=(2, 120))
    y = 0.4 * x - 0.9 * z + rng.normal(size=120)
    return np.column_stack([y, y + rng.normal(size=120), x, z, x + 1.2 * z, np.ones(120)])


def test_shares_and_vibration(columns):
    found = run_multiverse(columns, expand_grid([0, 1], [2, 4], [(), (3,)]))
    curve = summarise_curve(found)
    b = found.estimate
    side = np.sign(np.median(b))
    assert curve.share_positive == (b > 0).mean()
    assert curve.share_same_sign == (np.sign(b) == side).mean()
    outside = (found.low > 0) | (found.high < 0)
    assert curve.share_significant == outside.mean()
    assert curve.share_significant_same_sign == (outside & (np.sign(b) == side)).mean()
    assert curve.vibration == pytest.approx(np.quantile(b, 0.99) - np.quantile(b, 0.01))
    assert curve.vibration_p > 0
    assert curve.janus
    assert curve.median_n == 120


def test_what_has_no_answer_is_counted(columns):
    grid = [Specification(0, 2), Specification(0, 5), Specification(0, 3)]
    curve = summarise_curve(run_multiverse(columns, grid))
    assert (curve.specifications, curve.fitted) == (3, 2)
    assert curve.warnings == ("1 of 3: collinear",)
    with pytest.raises(UserError, match="no specification has an answer"):
        summarise_curve(run_multiverse(columns, grid[1:2]))
