import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.robust import (
    blocks_of,
    check_clusters,
    cr2_covariance,
    hc_covariance,
    leverages,
)


@pytest.fixture
def setting():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(30), rng.normal(size=30)])
    r = rng.normal(size=30)
    bread = np.linalg.inv(x.T @ x)
    return x, r, bread


def test_leverages_are_the_hat_diagonal(setting):
    x, _r, bread = setting
    np.testing.assert_allclose(leverages(x, np.ones(30), bread), np.diag(x @ bread @ x.T))


def test_hc_kinds_are_ordered(setting):
    x, r, bread = setting
    h = leverages(x, np.ones(30), bread)
    traces = [np.trace(hc_covariance(x, r, h, bread, k)) for k in ("HC0", "HC2", "HC3")]
    assert traces == sorted(traces)


def test_cr2_of_single_rows_is_hc2(setting):
    x, r, bread = setting
    h = leverages(x, np.ones(30), bread)
    cov, _df = cr2_covariance(x, r, np.ones(30), np.arange(30), bread)
    np.testing.assert_allclose(cov, hc_covariance(x, r, h, bread, "HC2"), rtol=1e-10)


def test_satterthwaite_df_equal_the_long_way(setting):
    """The n x n definition, for a design small enough to afford it."""
    x, r, bread = setting
    cluster = np.repeat(np.arange(10), 3)
    _cov, df_of = cr2_covariance(x, r, np.ones(30), cluster, bread)
    hat = x @ bread @ x.T
    lines = []
    for g in range(10):
        at = np.flatnonzero(cluster == g)
        values, vectors = np.linalg.eigh(np.eye(3) - hat[np.ix_(at, at)])
        adjust = vectors @ np.diag(values**-0.5) @ vectors.T
        lines.append((np.eye(30) - hat)[:, at] @ adjust @ x[at] @ bread[:, 1])
    gram = np.array(lines) @ np.array(lines).T
    want = np.trace(gram) ** 2 / (gram**2).sum()
    assert df_of(np.array([0.0, 1.0])) == pytest.approx(want, rel=1e-10)


def test_df_fall_below_the_number_of_clusters(setting):
    x, r, bread = setting
    _cov, df_of = cr2_covariance(x, r, np.ones(30), np.repeat(np.arange(5), 6), bread)
    assert df_of(np.array([0.0, 1.0])) < 5


def test_a_repeated_row_is_not_new_evidence():
    rng = np.random.default_rng(8)
    x = np.column_stack([np.ones(40), rng.normal(size=40)])
    y = rng.normal(size=40)
    twice, both = np.vstack([x, x]), np.r_[y, y]
    single = fit_linear(x, y, "HC2")
    robust = fit_linear(twice, both, "CR2", np.tile(np.arange(40), 2))
    naive = fit_linear(twice, both, "HC2")
    assert robust.cov[1, 1] == pytest.approx(single.cov[1, 1], rel=1e-9)
    assert naive.cov[1, 1] < 0.6 * single.cov[1, 1]


def test_clusters_are_checked():
    assert check_clusters(["b", "a", "b"], 3).tolist() == [1, 0, 1]
    with pytest.raises(UserError, match="two clusters"):
        check_clusters([1, 1, 1], 3)
    with pytest.raises(UserError, match="no cluster"):
        check_clusters([1, np.nan, 2], 3)
    with pytest.raises(ValueError, match="needs the clusters"):
        check_clusters(None, 3)


def test_clusters_of_mixed_sizes_equal_one_at_a_time(setting):
    """What is worked in batches of one size equals the definition, cluster by cluster."""
    x, r, _bread = setting
    weights = np.linspace(0.5, 2, 30)
    variance = np.linspace(0.1, 0.3, 30)
    cluster = np.repeat(np.arange(9), [1, 2, 3, 5, 2, 1, 7, 4, 5])
    bread = np.linalg.inv((x * (weights * variance)[:, None]).T @ x)
    found, _df = cr2_covariance(x, r, variance, cluster, bread, weights)
    phi, scores = variance / weights, []
    for g in range(9):
        at = cluster == g
        slope, root = x[at] * variance[at][:, None], np.diag(np.sqrt(phi[at]))
        values, vectors = np.linalg.eigh(root @ (np.diag(phi[at]) - slope @ bread @ slope.T) @ root)
        adjust = root @ vectors @ np.diag(values**-0.5) @ vectors.T @ root
        scores.append(slope.T @ np.diag(1 / phi[at]) @ adjust @ r[at])
    want = bread @ (np.array(scores).T @ np.array(scores)) @ bread
    np.testing.assert_allclose(found, want, rtol=1e-9)
    assert [block.shape for block in blocks_of(cluster)][:2] == [(2, 1), (2, 2)]


def test_one_cluster_is_refused(setting):
    x, r, bread = setting
    with pytest.raises(ValueError, match="two clusters"):
        cr2_covariance(x, r, np.ones(30), np.zeros(30), bread)
