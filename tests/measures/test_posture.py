import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.measures import posture
from gluteal.measures.posture import incidence_gap_deg, mean_of_sides, side_difference_deg


def test_one_side_alone_is_not_the_pelvis():
    np.testing.assert_array_equal(
        mean_of_sides([8, 8, np.nan], [10, np.nan, 5]), [9, np.nan, np.nan]
    )


def test_side_difference_is_right_minus_left():
    assert side_difference_deg([12.0], [9.5])[0] == 2.5


def test_incidence_is_tilt_plus_slope():
    # 63.03 = 22.55 + 40.48 (rounded); a column under the wrong name shows a gap
    gap = incidence_gap_deg([63.03, 63.03], [22.55, 40.0], [40.48, 40.48])
    np.testing.assert_allclose(gap, [0, -17.45], atol=1e-9)


def test_an_angle_beyond_180_is_refused():
    with pytest.raises(UserError, match="sacral_slope_deg"):
        incidence_gap_deg([60.0], [20.0], [400.0])


def test_nothing_turns_one_pelvic_tilt_into_the_other():
    names = [name for name in dir(posture) if not name.startswith("_")]
    assert not [n for n in names if "asis" in n.lower() or "convert" in n.lower()]
