import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.multiverse.specifications import Specification, expand_grid, make_plan


def test_a_grid_leaves_out_what_uses_a_column_twice():
    grid = expand_grid([0, 1], [1, 2], [(), (2,), (3,)])
    assert len(grid) == 3 * 2 - 1 + 3 - 1
    assert Specification(0, 1, (2,)) in grid
    assert Specification(0, 2, (2,)) not in grid


def test_rows_are_those_complete_in_the_columns_used():
    columns = np.ones((6, 4))
    columns[0, 1] = columns[1, 2] = columns[2, 3] = np.nan
    subsets = np.array([[True] * 6, [True] * 3 + [False] * 3])
    grid = [Specification(0, 1), Specification(0, 1, (2,)), Specification(0, 1, (2,), subset=1)]
    grid += [Specification(0, 3), Specification(0, 1, (3, 2))]
    plan = make_plan(columns, grid, subsets)
    used = [np.flatnonzero(plan.rows[r]).tolist() for r in plan.of_rows]
    assert used == [[1, 2, 3, 4, 5], [2, 3, 4, 5], [2], [0, 1, 3, 4, 5], [3, 4, 5]]
    assert plan.covariates[4].tolist() == [2, 3]
    assert plan.design(4).shape == (3, 4)


def test_specifications_with_the_same_gaps_share_their_rows():
    columns = np.ones((6, 5))
    columns[0, 1] = np.nan
    plan = make_plan(columns, expand_grid([0], [1, 2], [(), (3,), (4,), (3, 4)]))
    assert len(plan.rows) == 2


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (Specification(0, 1, (2, 2)), "one column twice"),
        (Specification(0, -1), "column outside 0 to 2"),
        (Specification(0, 1, subset=1), "subset outside 0 to 0"),
        (Specification(0, 1, family="gamma"), "another family"),
    ],
)
def test_misuse_is_named(spec, why):
    with pytest.raises(ValueError, match=why):
        make_plan(np.ones((4, 3)), [Specification(0, 1), spec])


def test_nothing_to_fit():
    with pytest.raises(UserError, match="no specification"):
        make_plan(np.ones((4, 3)), [])
    with pytest.raises(UserError, match="rows by columns"):
        make_plan(np.ones(4), [Specification(0, 1)])
    with pytest.raises(ValueError, match="True or False"):
        make_plan(np.ones((4, 3)), [Specification(0, 1)], np.ones(4))
