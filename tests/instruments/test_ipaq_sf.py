import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

KEYS = ("vig_days", "vig_min", "mod_days", "mod_min", "walk_days", "walk_min")


def sheet(*answers):
    return dict(zip(KEYS, answers, strict=True))


def one(score, *answers):
    scores, notes = score("ipaq_sf", [sheet(*answers)])
    return scores["ipaq_met_min_wk"][0], scores["ipaq_class"][0], notes


def test_met_minutes_by_hand(score):
    # 8 x 2 x 30 + 4 x 3 x 40 + 3.3 x 5 x 20 = 480 + 480 + 330 = 1290
    scores, _ = score("ipaq_sf", [sheet(2, 30, 3, 40, 5, 20)])
    assert scores["ipaq_met_min_wk"][0] == pytest.approx(1290)
    assert scores["log_met"][0] == pytest.approx(np.log(1291))


@pytest.mark.parametrize(
    ("answers", "total", "level"),
    [
        ((3, 60, 0, 0, 1, 20), 1506, "high"),  # 3 vigorous days, 1440 + 66 in all: 1500 reached
        ((3, 60, 0, 0, 0, 0), 1440, "moderate"),  # 3 vigorous days, 1500 not reached
        ((2, 120, 0, 0, 0, 0), 1920, "low"),  # 2 vigorous days: no rule fits
        ((2, 90, 3, 90, 2, 90), 3114, "high"),  # 7 days of anything, 3000 reached
        ((2, 90, 3, 80, 2, 90), 2994, "moderate"),  # 7 days of anything, under 3000
        ((3, 20, 0, 0, 0, 0), 480, "moderate"),  # 3 vigorous days of 20 min
        ((3, 19, 0, 0, 0, 0), 456, "low"),
        ((0, 0, 2, 30, 3, 30), 537, "moderate"),  # 2 + 3 days of 30 min
        ((0, 0, 2, 29, 3, 30), 529, "low"),  # only 3 of the 5 days reach 30 min
        ((0, 0, 0, 0, 5, 29), 478.5, "low"),
        ((0, 0, 5, 25, 1, 40), 632, "moderate"),  # 6 days of anything, 600 reached
        ((0, 0, 0, 0, 0, 0), 0, "low"),
    ],
)
def test_classes_by_hand(score, answers, total, level):
    found, name, _ = one(score, *answers)
    assert found == pytest.approx(total)
    assert name == level


def test_over_180_minutes_are_cut(score):
    # 4 x 2 x 180 = 1440, not 1920; exactly 180 is not cut
    found, _, notes = one(score, 0, 0, 2, 240, 0, 0)
    assert found == 1440
    assert notes["truncated to 180 minutes a day"] == 1
    assert one(score, 0, 0, 2, 180, 0, 0)[2]["truncated to 180 minutes a day"] == 0


def test_over_960_minutes_a_day_exclude(score):
    found, name, notes = one(score, 1, 400, 1, 400, 1, 161)  # 961
    assert np.isnan(found)
    assert name != name
    assert notes["excluded (over 960 minutes a day)"] == 1
    assert notes["truncated to 180 minutes a day"] == 0
    found, _, _ = one(score, 1, 400, 1, 400, 1, 160)  # 960: kept, two cut at 180
    assert found == pytest.approx(180 * 8 + 180 * 4 + 160 * 3.3)


@pytest.mark.parametrize("place", range(6))
def test_any_missing_day_or_minute_excludes(score, place):
    answers = [2.0, 30.0, 3.0, 40.0, 5.0, 20.0]
    answers[place] = np.nan
    found, name, notes = one(score, *answers)
    assert np.isnan(found)
    assert name != name
    assert notes["excluded (a day or minute missing)"] == 1


def test_no_days_need_no_minutes(score):
    # The form skips the minutes of an activity not done: 3.3 x 5 x 20 = 330
    assert one(score, 0, np.nan, 0, np.nan, 5, 20)[0] == pytest.approx(330)


def test_bouts_under_ten_minutes_count_as_none_with_their_days(score):
    # 9 minutes of walking on 7 days vanish, so that the 7-day rule does not hold either
    found, name, notes = one(score, 3, 150, 0, 0, 7, 9)
    assert found == 3600
    assert name == "high"  # by 3 vigorous days and 1500
    assert notes["bouts under 10 minutes counted as none"] == 1
    assert one(score, 2, 180, 0, 0, 5, 9)[1] == "low"
    assert one(score, 2, 180, 0, 0, 5, 10)[0] == pytest.approx(2880 + 165)
    assert one(score, 2, 180, 0, 0, 5, 10)[1] == "high"  # 7 days and 3045


def test_sitting_changes_nothing(score):
    scores, _ = score("ipaq_sf", [{**sheet(2, 30, 3, 40, 5, 20), "sit_min": 900}])
    assert scores["ipaq_met_min_wk"][0] == pytest.approx(1290)


DAYS, MINUTES = st.integers(0, 7), st.integers(0, 300)


@given(DAYS, MINUTES, DAYS, MINUTES, DAYS, MINUTES, st.integers(0, 60))
def test_more_walking_is_never_less_activity(score, vd, vm, md, mm, wd, wm, more):
    scores, _ = score(
        "ipaq_sf", [sheet(vd, vm, md, mm, wd, wm), sheet(vd, vm, md, mm, wd, wm + more)]
    )
    low, high = scores["ipaq_met_min_wk"]
    order = ("low", "moderate", "high")
    if high == high:  # over 960 minutes there is no score
        assert low <= high + 1e-9
        first, second = scores["ipaq_class"]
        assert order.index(first) <= order.index(second)
