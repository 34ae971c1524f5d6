import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures.stance import (
    censored_share,
    cst30_reps,
    mean_misleads,
    summarise_stance,
    trendelenburg_pos,
)


def test_best_mean_and_cap_by_hand():
    # Leg 0: 20, 45 (stopped at the cap), 31 -> best 45, mean 32, at the cap
    # Leg 1: 12, one trial lost -> best 12, mean 12, not at the cap; leg 2: nothing known
    found = summarise_stance(
        [20, 45, 31, 12, np.nan, np.nan], [0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 1, 2]
    )
    np.testing.assert_array_equal(found.best_s, [45, 12, np.nan])
    np.testing.assert_array_equal(found.mean_s, [32, 12, np.nan])
    np.testing.assert_array_equal(found.censored, [1, 0, np.nan])
    assert found.n.tolist() == [3, 1, 0]


def test_the_protocols_cap_marks_what_the_data_do_not():
    found = summarise_stance([45.0, 44.9], [False, False], [0, 1], cap_s=45)
    assert found.censored.tolist() == [1, 0]


def test_share_and_the_limit_of_fifteen_percent():
    assert censored_share([1, 0, 0, 0, np.nan]) == 0.25
    assert np.isnan(censored_share([np.nan]))
    assert not mean_misleads([1] * 3 + [0] * 17)  # exactly 15 %
    assert mean_misleads([1] * 4 + [0] * 16)  # 20 %
    assert not mean_misleads([])


@given(st.lists(st.floats(0, 45), min_size=1, max_size=9))
def test_best_is_never_below_the_mean(times):
    found = summarise_stance(times, [False] * len(times), [0] * len(times))
    assert found.best_s[0] >= found.mean_s[0] - 1e-9


def test_negative_times_are_refused():
    with pytest.raises(UserError, match="sls_time_s"):
        summarise_stance([-1.0], [False], [0])


def test_sign_from_grade():
    np.testing.assert_array_equal(trendelenburg_pos([0, 1, 2, np.nan]), [0, 1, 1, np.nan])
    with pytest.raises(UserError, match="trendelenburg_grade"):
        trendelenburg_pos([3])


def test_standing_up_with_the_arms_scores_nothing():
    np.testing.assert_array_equal(cst30_reps([12, 9, np.nan], [False, True, True]), [12, 0, np.nan])
    assert cst30_reps([7]).tolist() == [7]
