import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.measures.activation import squeeze_contradicts, squeeze_difference, squeeze_grade


def test_grades_are_whole_and_missing_stays_missing():
    np.testing.assert_array_equal(squeeze_grade([0, 4, np.nan]), [0, 4, np.nan])


@pytest.mark.parametrize("bad", [5, -1, 2.5])
def test_other_scales_are_refused(bad):
    with pytest.raises(UserError, match="squeeze_grade"):
        squeeze_grade([3, bad])


def test_hold_and_grade_that_contradict_each_other():
    # Grade 4 needs 10 s; grade 0 cannot be held; grade 3 fits any time.
    found = squeeze_contradicts([4, 4, 0, 0, 3, 3, np.nan], [10, 9.9, 0, 1, 4, 12, 3])
    assert found.tolist() == [False, True, False, True, False, False, False]


def test_difference_is_right_minus_left():
    np.testing.assert_array_equal(squeeze_difference([4, 2, np.nan], [2, 4, 1]), [2, -2, np.nan])
