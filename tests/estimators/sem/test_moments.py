import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.sem import fit_sem
from gluteal.estimators.sem.moments import collect, saturate

NAMES = ("a", "b", "c")


def holes(seed=1, n=300):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(n, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.7], [0, 0, 1]])
    data[rng.random(data.shape) < 0.2] = np.nan
    return data


def test_patterns_hold_everybody_once():
    data = holes()
    found = collect(data, NAMES)
    empty = int(np.isnan(data).all(1).sum())
    assert found.dropped == empty
    assert sum(float(p.n[0]) for p in found.patterns) == found.n == len(data) - empty
    for part in found.patterns:
        block = found.data[part.rows]
        assert (np.isfinite(block).all(0) == np.isin(np.arange(3), part.seen)).all()
        np.testing.assert_allclose(part.mean[0], block[:, part.seen].mean(0))
        cov = np.cov(block[:, part.seen].T, bias=True).reshape(part.cov[0].shape)
        np.testing.assert_allclose(part.cov[0], cov, atol=1e-12)


def test_many_columns_are_sorted_alike():
    rng = np.random.default_rng(2)
    data = rng.normal(size=(200, 70))
    data[:50, 3] = np.nan
    found = collect(data, tuple(f"v{k}" for k in range(70)))
    assert sorted(float(p.n[0]) for p in found.patterns) == [50, 150]


def test_em_is_stationary():
    """At the maximum, expected complete-data moments are the estimates themselves."""
    moments = collect(holes(), NAMES)
    mean, cov = saturate(moments, tolerance=1e-13, limit=5000)
    data = moments.data
    first, second = np.zeros(3), np.zeros((3, 3))
    for row in data:  # person by person, as the textbook has it
        o = np.isfinite(row)
        full, left = mean.copy(), cov.copy()
        slope = cov[:, o] @ np.linalg.inv(cov[np.ix_(o, o)])
        full += slope @ (row[o] - mean[o])
        left -= slope @ cov[o]
        first += full
        second += np.outer(full, full) + left
    first /= len(data)
    np.testing.assert_allclose(first, mean, atol=1e-8)
    np.testing.assert_allclose(second / len(data) - np.outer(first, first), cov, atol=1e-8)


def test_listwise_keeps_complete_people():
    data = holes()
    found = collect(data, NAMES, listwise=True)
    assert found.complete
    assert found.n == int(np.isfinite(data).all(1).sum())


def test_people_without_a_fixed_covariate_are_lost_and_counted():
    data = holes()
    found = collect(data, NAMES, x=("c",))
    assert found.dropped == int((np.isnan(data[:, 2]) | np.isnan(data).all(1)).sum())


def test_too_sparse_data_are_refused():
    data = np.full((8, 3), np.nan)
    data[:4, :2] = np.outer([1, 2, 4, 5], [1, 2])
    data[4:, 1:] = np.outer([2, 3, 7, 8], [1, 3])
    with pytest.raises(UserError, match="together"):
        fit_sem("a ~ b; b ~ c", data, NAMES)
