import numpy as np
import pytest

from gluteal.estimators.lmm import grouped
from gluteal.estimators.lmm.fit import covariance_shape
from gluteal.estimators.lmm.grouped import find_patterns, group_rows


def make(q, own, people=30, seed=8):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(people), rng.integers(1, 5, people))
    n = len(codes)
    t = rng.normal(size=n) if own else rng.integers(0, 3, n).astype(float)
    z = np.column_stack([t**k for k in range(q)])
    return rng.normal(size=(n, 3)), z, codes


@pytest.mark.parametrize("q", [1, 2, 3])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("correlated", [False, True])
def test_sums_and_derivatives_equal_dense_ones(q, own, correlated):
    table, z, codes = make(q, own)
    directions, squares, overall = covariance_shape(q, correlated)
    data = group_rows(table, z, codes, 30, directions, squares, overall)
    root = np.tril(np.random.default_rng(q).normal(size=(q, q)))
    full = root @ root.T
    omega = full[np.tril_indices(q)] if correlated else np.diag(full)
    whole = np.tensordot(omega, directions, 1)
    same = codes[:, None] == codes
    v = np.eye(len(codes)) + same * (z @ whole @ z.T)
    inverse = np.linalg.inv(v)
    found = data.parts(omega)
    np.testing.assert_allclose(found.cross, table.T @ inverse @ table, rtol=1e-8)
    assert found.log_det == pytest.approx(np.linalg.slogdet(v)[1], rel=1e-10)
    dense = [same * (z @ g @ z.T) for g in directions]
    for i, g in enumerate(dense):
        middle = inverse @ g @ inverse
        np.testing.assert_allclose(
            found.d_cross[i], -table.T @ middle @ table, rtol=1e-7, atol=1e-9
        )
        assert found.d_log_det[i] == pytest.approx(np.trace(inverse @ g), abs=1e-9)
        for j, h in enumerate(dense):
            both = middle @ h @ inverse
            want = table.T @ (both + both.T) @ table
            np.testing.assert_allclose(found.d2_cross[i, j], want, rtol=1e-7, atol=1e-9)
            want = -np.trace(inverse @ g @ inverse @ h)
            assert found.d2_log_det[i, j] == pytest.approx(want, abs=1e-9)


def test_pooled_stored_and_formed_anew_agree(monkeypatch):
    table, z, codes = make(2, False, people=200)
    shape = covariance_shape(2, True)
    omega = np.array([1.0, 0.2, 0.3])
    pooled = group_rows(table, z, codes, 200, *shape)
    assert len(pooled.count) < 200
    assert pooled.count.sum() == 200
    monkeypatch.setattr(grouped, "find_patterns", lambda own: None)
    stored = group_rows(table, z, codes, 200, *shape)
    monkeypatch.setattr(grouped, "MOST_STORED", 0)
    monkeypatch.setattr(grouped, "CHUNK", 64)
    anew = group_rows(table, z, codes, 200, *shape)
    assert stored.stored.size
    assert not anew.stored.size
    for other in (stored, anew):
        for key in ("cross", "d_cross", "d2_cross", "log_det", "d_log_det", "d2_log_det"):
            want = getattr(pooled.parts(omega), key)
            np.testing.assert_allclose(getattr(other.parts(omega), key), want, rtol=1e-9)


def test_patterns():
    own = np.array([[1.0, 2.0], [3.0, 0.0], [1.0, 2.0], [3.0, -0.0]])
    pattern, example = find_patterns(own)
    assert pattern.tolist() == [0, 1, 0, 1]
    np.testing.assert_array_equal(own[example], own[:2])
    # Patterns that nobody shares are not worth pooling.
    assert find_patterns(np.random.default_rng(1).normal(size=(5000, 3))) is None
    assert find_patterns(np.random.default_rng(1).normal(size=(500, 3))) is None


def test_a_clash_of_hashes_is_noticed(monkeypatch):
    monkeypatch.setattr(grouped, "_hash", lambda own: np.zeros(len(own), dtype=np.uint64))
    assert find_patterns(np.arange(6.0).reshape(3, 2)) is None


@pytest.mark.parametrize("own", [False, True])
def test_rows_beyond_what_effects_fit_are_counted(own):
    """By the rank of covariates and everybody's own effects together."""
    rng = np.random.default_rng(9)
    codes = np.repeat(np.arange(9), [1, 2, 2, 3, 1, 4, 2, 2, 3])
    t = rng.normal(size=20) if own else np.concatenate([np.arange(k) for k in np.bincount(codes)])
    z = np.column_stack([np.ones(20), t])
    x = np.linalg.qr(np.column_stack([z, rng.normal(size=20)]))[0]
    data = group_rows(x, z, codes, 9, *covariance_shape(2, True))
    each = [z * (codes == k)[:, None] for k in range(9)]
    rank = np.linalg.matrix_rank(np.column_stack([x, *each]))
    assert grouped.count_residual(data, 3) == 20 - rank


def test_some_people_stand_for_many(simulate):
    x, _, who, z = simulate(20, people=2500, times="own")
    codes = np.unique(who, return_inverse=True)[1]
    people = codes.max() + 1
    data = group_rows(x, z, codes, people, *covariance_shape(2, True))
    assert data.thinned.own.shape[2] == pytest.approx(people / (people // grouped.SAMPLE), abs=1)
    assert data.thinned.thinned is None
    # A person's own numbers are theirs in both.
    np.testing.assert_allclose(data.thinned.own[:, :, 1], data.own[:, :, people // grouped.SAMPLE])
    assert group_rows(x, z, codes, people, *covariance_shape(2, False)).thinned is not None
