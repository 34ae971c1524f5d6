import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.impute import Column, Passive
from gluteal.estimators.impute.columns import (
    as_columns,
    compute,
    fill_passive,
    is_constant_within,
    method_of,
    seems_constant_within,
)


def test_methods_follow_the_kind():
    kinds = ("continuous", "binary", "ordinal", "nominal")
    assert [method_of(Column(kind=k)) for k in kinds] == ["pmm", "logistic", "ordinal", "nominal"]
    assert method_of(Column(method="norm")) == "norm"


def test_all_faults_are_named_at_once():
    data = np.column_stack([[np.inf, 1.0, 2], [0, 1, 2.0], [1, 2, 3.0], [0, 1, 1.0]])
    columns = [
        Column("pain"),
        Column("sex", "binary"),
        Column("site", "nominal", delta=1.0),
        Column("group", "binary", "norm", delta=np.zeros(2)),
    ]
    with pytest.raises(UserError) as caught:
        as_columns(data, columns)
    text = str(caught.value)
    for part in (
        "pain has 1 infinite",
        "sex is binary but has 3",
        "site: categories without an order",
        "group is binary: its method can be logistic or pmm",
        "delta needs one value or 3",
    ):
        assert part in text


def test_faults_of_the_whole():
    with pytest.raises(UserError, match="nothing to learn"):
        as_columns(np.empty((0, 2)), None)
    with pytest.raises(UserError, match="no column has an observed value"):
        as_columns([[np.nan], [np.nan]], None)
    with pytest.raises(UserError, match="60 categories"):
        as_columns(np.arange(60.0)[:, None], [Column(kind="nominal")])
    with pytest.raises(UserError, match="delta must be finite"):
        as_columns(np.eye(2), [Column(delta=np.nan), Column()])
    with pytest.raises(ValueError, match="2 columns of data, but 1"):
        as_columns(np.eye(2), [Column()])
    with pytest.raises(ValueError, match="rows and columns"):
        as_columns([1.0, 2.0], None)


def test_the_data_given_are_left_alone():
    data = np.eye(3)
    values, _ = as_columns(data, None)
    values[:] = 9
    assert data[0, 0] == 1


def test_functions_of_functions_come_from_data():
    values = np.array([[1.0, 2, 0, 0], [3, np.nan, 0, 8.0]])
    passive = [Passive(2, (0, 1), np.add), Passive(3, (2, 0), np.multiply)]
    roots, events = fill_passive(values, [Column(n) for n in "abcd"], passive)
    assert roots == {2: {0, 1}, 3: {0, 1}}
    np.testing.assert_array_equal(values[:, 2:], [[3, 3], [np.nan, np.nan]])
    assert "column c: 1 recorded values are not what its parts give" in events
    assert "column d: 1 recorded values give way to those of its parts" in events


def test_functions_need_their_order():
    with pytest.raises(ValueError, match="must come after"):
        fill_passive(
            np.eye(3),
            [Column()] * 3,
            [Passive(1, (2,), np.negative), Passive(2, (0,), np.negative)],
        )
    with pytest.raises(ValueError, match="shape of its parts"):
        compute(Passive(1, (0,), lambda a: a.sum()), [np.ones(3)], "sum")
    with pytest.raises(UserError, match="column log: its function"):
        compute(Passive(1, (0,), np.log), [np.array([0.0])], "log")


def test_what_is_constant_within_people_is_seen_through_gaps():
    codes = np.array([0, 0, 1, 1, 2])
    assert is_constant_within(np.array([1, np.nan, 2, 2, np.nan]), codes, 3)
    assert not is_constant_within(np.array([1, 1, 2, 3, np.nan]), codes, 3)


def test_one_value_a_person_does_not_tell_that_it_is_constant():
    codes = np.repeat(np.arange(4), 2)
    once = np.array([1, np.nan, 2, np.nan, 3, np.nan, 4, np.nan])
    assert is_constant_within(once, codes, 4)
    assert not seems_constant_within(once, codes, 4)
    assert seems_constant_within(np.repeat([1.0, 2, 3, 4], 2), codes, 4)
    assert seems_constant_within(np.repeat([1.0, 2, 3, np.nan], 2), codes, 4)
    assert not seems_constant_within(np.repeat([1.0, 2, np.nan, np.nan], 2), codes, 4)
