import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.frames.responders import (
    CLASSES,
    cumulative_curve,
    find_threshold,
    needed_to_treat,
    response_times,
    risk_difference,
    risk_ratio,
)

NPRS = st.integers(0, 10)


def test_a_response_needs_both_the_points_and_the_percent():
    found = find_threshold("nprs_avg")
    before, after = np.array([8.0, 8, 3, 10, 2]), np.array([6.0, 5, 1, 7, 0])
    # 8 to 6 is 25 %; 10 to 7 is 30 % exactly.
    assert found.responds(before, after).tolist() == [False, True, True, True, True]
    assert found.responds(before, after, 0.5).tolist() == [False, False, True, False, True]
    assert found.counted(before).tolist() == [True, True, True, True, False]


def test_thresholds_of_other_outcomes():
    odi = find_threshold("odi_pct")
    assert (odi.mic.value, odi.mdc.value, odi.floor) == (10, 10, 10)
    assert find_threshold("hip_abd_nm_kg") is None


def test_a_change_within_the_mdc_is_never_improvement():
    found = find_threshold("nprs_avg")
    before = np.array([5.0, 5, 10, 5, 5, 8])
    after = np.array([2.0, 4, 8, 6, 7, 6])
    names = [CLASSES[k] for k in found.classify(before, after)]
    assert names == [
        "improved beyond MIC and MDC",
        "within MDC: no change shown",
        "beyond MDC only, below MIC",
        "within MDC: no change shown",
        "worse beyond MDC",
        "beyond MDC only, below MIC",
    ]


@given(st.lists(st.tuples(NPRS, NPRS), min_size=1, max_size=30))
def test_every_person_has_one_class_and_improvement_is_beyond_both(pairs):
    before, after = (np.array(v, dtype=float) for v in zip(*pairs, strict=True))
    found = find_threshold("nprs_avg")
    classes = found.classify(before, after)
    assert set(classes) <= set(range(len(CLASSES)))
    improved = classes == 0
    assert (before - after)[improved].size == 0 or ((before - after)[improved] >= 2).all()


def test_differences_and_ratios_by_hand():
    response = np.r_[np.ones(60), np.zeros(40), np.ones(45), np.zeros(55)].astype(bool)
    arm = np.repeat([1.0, 0.0], 100)
    gap = risk_difference(response, arm, 0.95)
    assert gap.estimate == pytest.approx(0.15)
    # Newcombe's method 10 by hand from the Wilson limits .502 to .691 and .356 to .548.
    assert (gap.low, gap.high) == pytest.approx((0.0117, 0.2805), abs=2e-4)
    ratio = risk_ratio(response, arm, 0.95)
    assert ratio.estimate == pytest.approx(4 / 3)
    assert ratio.low < 4 / 3 < ratio.high
    needed = needed_to_treat(gap)
    assert needed == pytest.approx((1 / 0.15, 1 / gap.high, 1 / gap.low))


def test_no_number_needed_to_treat_where_the_difference_may_be_none():
    response = np.r_[np.ones(5), np.zeros(5), np.ones(5), np.zeros(5)].astype(bool)
    arm = np.repeat([1.0, 0.0], 10)
    assert needed_to_treat(risk_difference(response, arm, 0.95)) is None
    nobody = np.zeros(20, dtype=bool)
    assert risk_ratio(nobody, arm, 0.95) is None
    assert np.isnan(risk_difference(nobody, arm, 0.95).p)
    with pytest.raises(UserError, match="nobody"):
        risk_difference(nobody, np.ones(20), 0.95)


@given(st.lists(st.integers(-8, 8), min_size=12, max_size=60))
def test_the_cumulative_curve_falls_and_hides_the_few(falls):
    fall = np.array(falls, dtype=float)
    points = cumulative_curve(fall, 5)
    shares = [share for _, share in points]
    assert shares == sorted(shares, reverse=True)
    assert all(5 / len(fall) - 1e-9 <= share <= 1 - 5 / len(fall) + 1e-9 for share in shares)
    for cut, share in points:
        assert share == pytest.approx((fall >= cut).mean())


def test_time_to_response_counts_those_who_are_seen():
    nan = np.nan
    y = np.array([[6.0, 3, 6], [6, 6, 2], [6, nan, 2], [6, 6, nan], [2, 0, 0], [nan, 1, 1]])
    found = response_times(y, find_threshold("nprs_avg"), 2)
    # Week 1: 3 at risk, 1 responds. Week 2: 2 at risk (one responded, one is gone), both respond.
    assert [(visit, n) for visit, n, _ in found] == [(1, 3), (2, 2)]
    assert [share for _, _, share in found] == pytest.approx([1 / 3, 1.0])
