import numpy as np
import pytest
from scipy import linalg

from gluteal.estimators.gee.sandwich import adjustments, cluster_products, sandwich
from gluteal.estimators.gee.working import lay_out

KINDS = ("robust", "bias_reduced", "kauermann_carroll", "fay_graubard")


@pytest.fixture
def setting():
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(8), [1, 2, 3, 3, 4, 4, 5, 6])
    slope, residual = rng.normal(size=(28, 3)), rng.normal(size=28)
    return slope, residual, np.linalg.inv(slope.T @ slope), lay_out(codes, None, "independence")


def leverage_power(kind, hat):
    gap = np.eye(len(hat)) - hat
    return {
        "robust": np.eye(len(hat)),
        "bias_reduced": np.linalg.inv(gap),
        "kauermann_carroll": np.linalg.inv(linalg.sqrtm(gap).real),
    }[kind]


def test_products_are_those_of_each_cluster(setting):
    slope, _residual, _bread, layout = setting
    want = [part.T @ part for part in np.split(slope, layout.starts[1:])]
    np.testing.assert_allclose(cluster_products(slope, layout), want)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_small_matrices_equal_the_leverage_blocks(setting, kind):
    """What is solved in p x p equals the m x m corrections of residuals, and their df."""
    slope, residual, bread, layout = setting
    found = sandwich(slope, residual, bread, layout, kind)
    hat = slope @ bread @ slope.T
    scores, lines = [], []
    for rows in np.split(np.arange(28), layout.starts[1:]):
        turn = leverage_power(kind, hat[np.ix_(rows, rows)])
        scores.append(slope[rows].T @ turn @ residual[rows])
        lines.append((np.eye(28) - hat)[:, rows] @ turn @ slope[rows] @ bread[:, 1])
    want = bread @ sum(np.outer(s, s) for s in scores) @ bread
    np.testing.assert_allclose(found.cov, want, rtol=1e-9)
    gram = np.array(lines) @ np.array(lines).T
    df = np.trace(gram) ** 2 / (gram**2).sum()
    assert found.df_of(np.array([0.0, 1, 0])) == pytest.approx(df, rel=1e-9)


def test_corrections_are_ordered(setting):
    slope, residual, bread, layout = setting
    found = {kind: np.trace(sandwich(slope, residual, bread, layout, kind).cov) for kind in KINDS}
    assert found["robust"] < found["kauermann_carroll"] < found["bias_reduced"]
    assert found["robust"] < found["fay_graubard"]


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_cluster_that_fits_itself_is_counted_and_stays_finite(kind):
    slope = np.column_stack([np.ones(12), np.r_[1.0, np.zeros(11)]])
    layout = lay_out(np.repeat(np.arange(6), 2), None, "independence")
    slope[1, 1] = 1.0
    bread = np.linalg.inv(slope.T @ slope)
    factors, own = adjustments(cluster_products(slope, layout), bread, kind)
    assert own == 1
    assert np.isfinite(factors).all()
