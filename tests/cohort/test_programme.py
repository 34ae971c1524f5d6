import numpy as np
import pytest

from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.simulate import simulate


def session(who, number, day, stage, done, **more):
    return {
        "participant_id": who,
        "session": str(number),
        "study_day": str(day),
        "stage": stage,
        "rx_sets": "3",
        "rx_reps": "10",
        "done_sets": done,
        "done_reps": "10",
        "pain_during_0_10": "NA:not_applicable" if done == "0" else str(number),
        "neutral_spine_ok": "NA:not_applicable" if done == "0" else str(number % 2),
        **more,
    }


SESSIONS = [
    session("A", 1, 0, "1", "3"),  # the day of the baseline visit: after its measurements
    session("A", 2, 10, "1", "0"),
    session("A", 3, 27, "2", "3"),
    session("A", 4, 28, "3", "3"),  # the day of week 4: counts for week 8
    session("A", 5, 50, "3", "0"),
    session("A", 6, 99, "3", "3"),  # after the last visit
    session("B", 1, 40, "1", "NA:not_recorded"),
    session("B", 2, 41, "1", "6"),
]


@pytest.fixture
def package(rows):
    def make(sessions):
        people = [rows.person(p, lbp="1") for p in "ABC"]
        visits = [
            rows.visit(p, name, week)
            for p in "ABC"
            for name, week in (("baseline", "0"), ("week04", "4"), ("week08", "8"))
        ]
        return rows.package(participants=people, visits=visits, sessions=sessions)

    return make


def check(cohort, name, who, want):
    values = cohort.visits.set_index(["participant_id", "visit"])[name].loc[who]
    np.testing.assert_allclose(values.astype("float64"), want)


def test_each_visit_looks_back_on_its_sessions(package):
    made = derive(package(SESSIONS))
    # A: week 4 has 30 + 0 + 30 of 90; week 8 has 30 + 0 of 60; in all 90 of 150.
    check(made, "adherence_interval", "A", [np.nan, 2 / 3, 0.5])
    check(made, "adherence_to_date", "A", [np.nan, 2 / 3, 0.6])
    check(made, "session_pain_mean", "A", [np.nan, 2, 4])
    check(made, "neutral_spine_share", "A", [np.nan, 1, 0])
    stages = made.visits.set_index(["participant_id", "visit"])["stage_at_visit"]
    assert stages.cat.ordered
    assert stages["A"].tolist()[1:] == ["2", "3"]
    assert stages["A"].isna().tolist() == [True, False, False]


def test_doses_above_the_cap_and_doses_not_known(package):
    made = derive(package(SESSIONS))
    # B: the session without a record is left out of both sums; 60 of 30 is capped.
    check(made, "adherence_interval", "B", [np.nan, np.nan, 1.2])
    check(made, "adherence_to_date", "B", [np.nan, np.nan, 1.2])
    for name in ("adherence_interval", "adherence_to_date", "session_pain_mean"):
        check(made, name, "C", [np.nan] * 3)


def test_the_order_of_the_rows_does_not_matter(package):
    one, two = derive(package(SESSIONS)).visits, derive(package(SESSIONS[::-1])).visits
    assert one.equals(two)


def test_what_was_not_recorded_is_no_column(package):
    bare = [{k: v for k, v in s.items() if k not in ("stage", "rx_sets")} for s in SESSIONS]
    made = derive(package(bare)).visits
    assert "adherence_interval" not in made
    assert "stage_at_visit" not in made
    assert "session_pain_mean" in made


def test_the_last_visit_agrees_with_the_person(tmp_path):
    simulate(tmp_path / "package", 200, 3, form="parquet", design="programme")
    made = derive(read_package(tmp_path / "package"))
    last = made.visits[made.visits["visit"] == "week26"].set_index("participant_id")
    people = made.people.set_index("participant_id")
    trained = people["adherence"].notna()
    assert trained.sum() > 50
    np.testing.assert_allclose(last["adherence_to_date"][trained], people["adherence"][trained])
    stage, reached = last["stage_at_visit"].cat.codes, people["stage_reached"].cat.codes
    assert (stage == reached).all()
    # The last session was on day 83: it lies after week 12 only for those who came early to it.
    assert last["adherence_interval"].notna().mean() < 0.2
    assert last["adherence_to_date"][~trained].isna().all()
