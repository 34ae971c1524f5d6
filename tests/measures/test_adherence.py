import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures.adherence import adherence, adherence_to_date, sessions_done, volume

DOSE = st.integers(0, 500)


def test_adherence_by_hand():
    # Person 0: 30 + 0 + 15 of 30 + 30 + 30 = 45 / 90 = 0.5
    # Person 1: 200 of 100 = 2, capped at 1.2; person 2: no session
    done = [30, 0, 15, 200]
    found = adherence(done, [30, 30, 30, 100], [0, 0, 0, 1], 3)
    np.testing.assert_allclose(found, [0.5, 1.2, np.nan])


def test_unknown_doses_are_left_out_of_both_sums():
    found = adherence([30, np.nan, 30], [30, 30, np.nan], [0, 0, 0])
    assert found[0] == 1


def test_nothing_prescribed_has_no_adherence():
    assert np.isnan(adherence([10.0], [0.0], [0]))[0]


@given(st.lists(st.tuples(DOSE, DOSE), min_size=1, max_size=12))
def test_range_and_monotony(doses):
    done, asked = (np.array(x) for x in zip(*doses, strict=True))
    group = np.zeros(len(done), dtype=int)
    first = adherence(done, asked, group)[0]
    more = adherence(done + 10, asked, group)[0]
    if asked.sum() > 0:
        assert 0 <= first <= more <= 1.2
    else:
        assert np.isnan(first)


def test_dose_is_sets_times_repetitions_and_load():
    # 3 sets of 10 at 20 kg: 30 repetitions, 600 kg
    assert volume([3], [10])[0] == 30
    assert volume([3], [10], [20])[0] == 600
    with pytest.raises(UserError, match="reps"):
        volume([3], [-1])


def test_sessions_are_counted_where_anything_was_done():
    assert sessions_done([30, 0, np.nan, 5], [0, 0, 0, 1], 3).tolist() == [1, 1, 0]


def test_adherence_to_date_by_hand():
    # Person 0 has visits 0 to 2, person 1 visits 3 and 4. Before visit 1 30 of 60, before visit 2
    # nothing new; person 1 starts again from nothing: 90 of 30 before visit 4, capped.
    order, person = [0, 1, 2, 3, 4], [0, 0, 0, 1, 1]
    found = adherence_to_date([30, 0, np.nan, 90], [30, 30, 30, 30], [1, 1, 2, 4], order, person)
    np.testing.assert_allclose(found, [np.nan, 0.5, 0.5, np.nan, 1.2])


@given(st.lists(st.tuples(DOSE, DOSE, st.integers(0, 3)), min_size=1, max_size=12))
def test_all_sessions_together_are_the_whole_adherence(doses):
    done, asked, visit = (np.array(x) for x in zip(*doses, strict=True))
    found = adherence_to_date(done, asked, visit, np.arange(5), np.zeros(5, dtype=int))
    np.testing.assert_allclose(found[4], adherence(done, asked, np.zeros(len(done), dtype=int))[0])
