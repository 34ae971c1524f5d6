import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.moments import place, take_moments


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(1)
    return rng.normal([45, 120, 0.3], [10, 30, 0.01], size=(60, 3))


def products(moments, columns, weights, rows):
    z = np.column_stack([np.ones(len(columns)), (columns - moments.centre) / moments.scale])
    return {
        place(i, j): (z[rows, i] * z[rows, j] * weights[rows]).sum()
        for i in range(4)
        for j in range(i, 4)
    }


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("grouped", [None, "sorted", "mixed"])
def test_products_are_those_of_the_rows_of_each_unit(columns, weighted, grouped):
    who = np.repeat(np.arange(20), 3)
    if grouped == "mixed":
        who = np.random.default_rng(2).permutation(who)
    weights = np.linspace(0.5, 2, 60) if weighted else np.ones(60)
    found = take_moments(
        columns,
        weights=weights if weighted else None,
        cluster=who if grouped else None,
    )
    assert found.weight == pytest.approx(weights.sum())
    for unit in (0, 7, 19):
        rows = np.flatnonzero(who == unit) if grouped else np.array([unit])
        for at, want in products(found, columns, weights, rows).items():
            assert found.packed[at, unit] == pytest.approx(want, abs=1e-12)


def test_strata_reorder_the_units(columns):
    strata = np.arange(60) % 2
    found = take_moments(columns, strata=strata)
    plain = take_moments(columns)
    np.testing.assert_allclose(found.packed[:, 0], plain.packed[:, 0])
    np.testing.assert_allclose(found.packed[:, 30], plain.packed[:, 1])


def test_columns_are_on_one_scale(columns):
    found = take_moments(columns)
    total = found.total[:, 0] / 60
    np.testing.assert_allclose([total[place(j, j)] for j in range(4)], 1)
    np.testing.assert_allclose([total[place(0, j)] for j in range(1, 4)], 0, atol=1e-12)


def test_left_out_lacks_one_unit(columns):
    found = take_moments(columns, cluster=np.repeat(np.arange(20), 3))
    np.testing.assert_allclose(found.left_out + found.packed, np.tile(found.total, 20), atol=1e-9)


def test_all_faults_at_once():
    x = np.ones((4, 3))
    x[1, 0], x[2, 0] = np.nan, np.inf
    x[:, 2] = [1, 2, 3, 4]
    with pytest.raises(UserError) as caught:
        take_moments(x, weights=[1, -1, 1, 1], names=["tilt", "pain", "age"])
    text = str(caught.value)
    assert "column tilt is missing or infinite in row 1, 2" in text
    assert "column pain has the same value" in text
    assert "age" not in text
    assert "not negative" in text


def test_absurd_units_are_refused_and_large_ones_are_not():
    x = np.random.default_rng(1).normal(size=(30, 2))
    assert np.isfinite(take_moments(x * [1e40, 1e-40]).packed).all()
    for scale in ([1e60, 1], [1, 1e-60]):
        with pytest.raises(UserError, match="take another unit"):
            take_moments(x * scale)
    with pytest.raises(UserError, match="column 1 has the same value"):
        take_moments(x * [1, 1e-6] + [0, 1e9])


def test_rows_without_weight_need_no_spread():
    x = np.random.default_rng(1).normal(size=(30, 2))
    x[:20, 1] = 4
    weights = np.repeat([1.0, 0.0], [20, 10])
    with pytest.raises(UserError, match="column 1 has the same value"):
        take_moments(x, weights=weights)
    assert take_moments(x, weights=1 - weights).rows == 10


def test_too_many_columns_are_refused():
    with pytest.raises(UserError, match="201 columns are too many"):
        take_moments(np.random.default_rng(1).normal(size=(5, 201)))


def test_misuse_is_a_value_error():
    with pytest.raises(ValueError, match="matrix"):
        take_moments(np.ones(3))
    with pytest.raises(ValueError, match="weight each"):
        take_moments(np.eye(3), weights=[1, 2])
