import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.inputs import (
    as_design,
    as_groups,
    as_weights,
    check_weighted,
    dependent_columns,
)


def test_a_sound_design_passes_unchanged():
    x, y = as_design([[1, 2], [1, 3], [1, 5]], [1, 2, 3])
    assert x.dtype == y.dtype == np.float64
    assert x.tolist() == [[1, 2], [1, 3], [1, 5]]


def test_all_faults_come_in_one_message():
    x = np.ones((4, 2))
    x[1, 1] = np.nan
    with pytest.raises(UserError) as caught:
        as_design(x, [np.inf, 1, 2, np.nan], names=("intercept", "age_years"), least_df=3)
    said = str(caught.value)
    assert "the outcome is missing or infinite in row 0, 3" in said
    assert "column age_years of the design is missing or infinite in row 1" in said
    assert "4 rows cannot carry 2 coefficients" in said


def test_an_empty_outcome_is_said_so():
    with pytest.raises(UserError, match="has no finite value"):
        as_design(np.ones((3, 1)), [np.nan] * 3)


def test_shapes_must_fit():
    with pytest.raises(UserError, match="shape"):
        as_design(np.ones((3, 1)), [1, 2])


def test_units_do_not_make_columns_dependent():
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(50), 1e6 + rng.normal(size=50), rng.normal(size=50) * 1e-9])
    assert dependent_columns(x) == []


@given(st.integers(0, 1000), st.integers(2, 5))
def test_a_combination_is_found_whatever_the_scale(seed, p):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(30), rng.normal(size=(30, p)) * 10.0 ** rng.integers(-3, 4, p)])
    both = np.column_stack([x, x @ rng.normal(size=p + 1)])
    assert dependent_columns(x) == []
    assert dependent_columns(both) == [p + 1]


def test_a_zero_column_is_named():
    assert dependent_columns(np.column_stack([np.ones(4), np.zeros(4)])) == [1]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_groups_are_numbered_alike_for_numbers_and_text(who):
    codes, count = as_groups(who, len(who))
    words, again = as_groups([f"p{one}" for one in who], len(who))
    assert count == again == len(set(who))
    assert codes.tolist() == words.tolist()
    ordered, _ = as_groups(sorted(who), len(who))
    assert ordered.tolist() == sorted(codes.tolist())


@pytest.mark.parametrize("who", [[1.0, np.nan], [1], ["a", None]])
def test_a_row_without_a_person_is_a_fault(who):
    with pytest.raises(UserError, match="person"):
        as_groups(np.array(who, dtype=object if None in who else None), 2)


def test_weights_are_checked():
    assert as_weights(None, 3) is None
    assert as_weights([1, 0, 2], 3).dtype == float
    for weights, message in (
        ([1, 2], "weight each"),
        ([1, np.nan, 1], "the weight is missing or infinite in row 1"),
        ([1, 1, -2], "row 2 is negative"),
        ([0, 0, 0], "all weights are zero"),
    ):
        with pytest.raises(UserError, match=message):
            as_weights(weights, 3)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=40))
def test_groups_do_not_depend_on_the_type_of_number(who):
    want, count = as_groups([float(one) for one in who], len(who))
    for kind in (np.uint8, np.int16, np.int64, object):
        codes, again = as_groups(np.array(who, dtype=kind), len(who))
        assert again == count
        assert (codes[:, None] == codes).tolist() == (want[:, None] == want).tolist()


def test_small_types_do_not_wrap():
    who = np.array([100, -100, 100, 0], dtype=np.int8)
    assert as_groups(np.tile(who, 20), 80)[1] == 3
    assert as_groups(np.array([2, 1, 2], dtype=np.uint8), 3)[1] == 2


def test_rows_of_positive_weight_must_carry_every_column():
    x = np.column_stack([np.ones(6), [0, 0, 0, 0, 1, 1]])
    check_weighted(x, None)
    check_weighted(x, np.array([0.0, 1, 1, 1, 1, 1]))
    with pytest.raises(UserError, match="column 1 is a combination of others in the 4 rows"):
        check_weighted(x, np.array([1.0, 1, 1, 1, 0, 0]))
    with pytest.raises(UserError, match="1 rows of positive weight cannot carry 2"):
        check_weighted(x, np.array([1.0, 0, 0, 0, 0, 0]))
