import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.impute import Column, Passive, impute_chained
from gluteal.estimators.impute.columns import fill_passive
from gluteal.estimators.impute.start import as_people, prepare, start_state


def test_rows_come_together_by_person():
    people = as_people(["b", "a", "b", "a"], 4)
    assert people.order.tolist() == [1, 3, 0, 2]
    assert people.starts.tolist() == [0, 2]
    assert people.counts.tolist() == [2, 2]
    assert not len(as_people(None, 3).counts)
    with pytest.raises(UserError, match="person each"):
        as_people([1, 2], 3)


def test_first_values_are_observed_ones():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(30, 3))
    values[:9, 0] = np.nan
    passive = [Passive(2, (0, 1), np.multiply)]
    columns = [Column(n) for n in "abc"]
    roots, _ = fill_passive(values, columns, passive)
    start = prepare(values, columns, passive, roots, as_people(None, 30))
    state = start_state(start, columns, passive, [np.random.default_rng(i) for i in range(4)])
    coding = start.layout.codings[0]
    first = state.x[:, :9, coding.at[0]] * coding.spread[0] + coding.centre[0]
    assert all(np.abs(v - values[9:, 0]).min() < 1e-6 for v in first.ravel())
    np.testing.assert_allclose(state.raw[2][:, :9], state.raw[0][:, :9] * values[:9, 1])
    double = state.x.astype(float)
    np.testing.assert_allclose(state.gram, double.swapaxes(1, 2) @ double, atol=3e-5)
    assert list(start.rows) == [0, 2]


def test_one_observed_value_is_all_there_can_be():
    data = np.array([[1.0, 5], [2, np.nan], [3, 5], [np.nan, 5]])
    found = impute_chained(data, [Column("a"), Column("b", "binary")], m=2, cycles=1, seed=1)
    assert "column b: only the value 5 is observed and imputed" in found.warnings
    assert found.completed(0)[1, 1] == 5
    assert found.mask[1, 1]


def test_a_column_without_values_is_named_and_its_functions_too():
    data = np.column_stack([np.full(5, np.nan), np.arange(5.0), np.full(5, np.nan)])
    data[0, 1] = np.nan
    passive = [Passive(2, (0, 1), np.add)]
    found = impute_chained(data, [Column(n) for n in "abc"], m=2, cycles=1, seed=1, passive=passive)
    assert "column a: nothing observed, so nothing imputed" in found.warnings
    assert "column c: a part of it cannot be imputed" in found.warnings
    assert not found.converged
    assert not np.isnan(found.completed(1)[:, 1]).any()


def test_rows_without_any_value_are_counted():
    data = np.array([[1.0, 5], [2, 4], [3, 5], [np.nan, np.nan]])
    found = impute_chained(data, m=2, cycles=1, seed=1)
    assert "1 rows have no observed value" in found.warnings
