import numpy as np

from gluteal.estimators.impute import Column
from gluteal.estimators.impute.start import as_people, prepare, start_state
from gluteal.estimators.impute.targets import find_cells, make_target, units_of

NONE = np.empty(0, dtype=np.intp)


def test_cells_of_rows_and_of_people():
    values = np.array([[1.0], [1.0], [np.nan], [np.nan], [np.nan], [4.0]])
    starts, counts = np.array([0, 2, 5]), np.array([2, 3, 1])
    rows = find_cells(values, Column(), 0, NONE, NONE, by_person=False)
    assert rows.rows.tolist() == rows.missing.tolist() == [2, 3, 4]
    people = find_cells(values, Column(), 0, starts, counts, by_person=True)
    assert people.missing.tolist() == [1]
    assert people.observed.tolist() == [0, 2]
    assert people.seen.tolist() == [1, 4]
    assert people.spread_out(np.array([[7.0]])).tolist() == [[7.0, 7.0, 7.0]]


def test_delta_follows_the_cells():
    values = np.array([[np.nan], [1.0], [np.nan]])
    delta = np.array([1.0, 2.0, 3.0])
    cells = find_cells(values, Column(delta=delta), 0, NONE, NONE, by_person=False)
    assert cells.delta.tolist() == [1, 3]
    assert find_cells(values, Column(), 0, NONE, NONE, by_person=False).delta == 0


def test_touched_rows_are_all_of_the_people_whose_means_change():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(9, 2))
    values[[1, 8], 0] = np.nan
    columns = [Column("a", method="norm"), Column("b")]
    people = as_people(np.repeat([0, 1, 2], 3), 9)
    start = prepare(values, columns, [], {}, people)
    state = start_state(start, columns, [], [rng])
    allowed = np.array([False, True])
    target, _events, warnings = make_target(start.cells[0], allowed, state, [], {}, columns)
    assert target.touched.tolist() == [0, 1, 2, 6, 7, 8]
    assert target.inside.tolist() == [1, 5]
    assert target.predictors.tolist() == [0, 2, 4]  # intercept, b, its person means
    assert target.draws == 3 + 2 + 3  # coefficients, rows, people's levels
    assert not warnings
    np.testing.assert_array_equal(units_of(state, target.cells, np.array([3])), state.x[:, [3]])


def test_few_values_for_many_coefficients_are_said():
    values = np.random.default_rng(2).normal(size=(12, 6))
    values[:3, 0] = np.nan
    columns = [Column(n) for n in "abcdef"]
    start = prepare(values, columns, [], {}, as_people(None, 12))
    state = start_state(start, columns, [], [np.random.default_rng(1)])
    allowed = np.arange(6) > 0
    _target, _events, warnings = make_target(start.cells[0], allowed, state, [], {}, columns)
    assert warnings == ["column a: 9 observed values for 6 coefficients"]
