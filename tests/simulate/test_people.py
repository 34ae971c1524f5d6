import numpy as np
import pytest

from gluteal.simulate import people
from gluteal.simulate.course import draw_course
from gluteal.simulate.streams import blocks, settle


def frame(maker, *settings, **options):
    return next(maker(settle(*settings, **options))).to_pandas()


def test_participants_have_their_group_and_arm():
    rows = frame(people.make_participants, 400, 1)
    assert rows["lbp"].value_counts().to_dict() == {"1": 240, "0": 160}
    assert (rows.loc[rows["lbp"] == "0", "arm"] == "NA:not_applicable").all()
    assert set(rows.loc[rows["lbp"] == "1", "arm"]) == {"control", "programme"}
    assert (rows.loc[rows["lbp"] == "0", "pain_side"] == "none").all()
    assert (rows.loc[rows["lbp"] == "1", "pain_side"] != "none").all()
    assert rows["participant_id"].is_unique


def test_columns_that_apply_to_nobody_are_left_out():
    assert "arm" not in frame(people.make_participants, 20, 1, design="repeated")
    assert "lbp_duration_wk" not in frame(people.make_participants, 20, 1, design="cohort")


def test_every_scheduled_visit_has_a_row_and_an_absence_its_reason():
    rows = frame(people.make_visits, 400, 1)
    assert len(rows) == 5 * 400
    gone = rows["attended"] == "0"
    assert 0.1 < gone.mean() < 0.2
    assert (rows.loc[gone, "body_mass_kg"] == "NA:absent").all()
    assert (rows["reason_absent"] == "not_applicable").eq(~gone).all()
    days = rows.loc[~gone].assign(study_day=lambda d: d["study_day"].astype(str).astype(int))
    order = days.groupby("participant_id", observed=True)["study_day"]
    assert order.apply(lambda day: day.is_monotonic_increasing).all()
    assert (days.loc[days["visit"] == "baseline", "study_day"] == 0).all()


def test_events_are_heard_of_only_from_people_seen_later():
    settings = settle(2000, 1)
    rows = next(people.make_events(settings)).to_pandas()
    course = draw_course(next(blocks(settings)))
    fell = rows.loc[rows["event"] == "lbp_onset", "participant_id"]
    places = fell.astype(str).str[1:].astype(int).to_numpy() - 1
    assert not course.traits.people.lbp[places].any()
    last = np.where(course.attended, np.arange(5), -1).max(axis=1)
    assert (last[places] >= course.onset[places]).all()
    assert (rows["event"] == "dropout").sum() == (course.left >= 0).sum()


def test_the_way_into_the_study_ends_at_the_participants():
    rows = frame(people.make_dispositions, 400, 1)
    reached = rows[rows["reached"] == "1"]["stage"].value_counts()
    assert reached["screened"] > reached["eligible"] > reached["enrolled"] == 400
    assert reached["allocated"] == 240
    assert (rows.loc[rows["reached"] == "0", "reason"] != "na").all()
    assert not rows.duplicated(["participant_id", "stage"]).any()


def test_chances_are_kept():
    drawn = people.pick(np.random.default_rng(1), [0.2, 0.0, 0.8], 20_000)
    assert np.bincount(drawn) / 20_000 == pytest.approx([0.2, 0, 0.8], abs=0.01)


def test_the_painful_side_is_one_of_the_words(block):
    made = block(500)
    side = people.painful_side(made, draw_course(made))
    assert set(np.unique(side)) == set(range(len(people.PAIN_SIDES)))
