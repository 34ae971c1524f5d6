import numpy as np
import pytest

from gluteal.cohort.derive import derive
from gluteal.cohort.history import duration_class, spinal_disorder


def test_duration_classes_at_their_borders():
    found = duration_class([0, 5.99, 6, 12, 12.01, np.nan]).tolist()
    assert found == ["acute", "acute", "subacute", "subacute", "chronic", None]


def test_spinal_disorder():
    found = spinal_disorder(["normal", "disc_hernia", "spondylolisthesis", "other", None])
    np.testing.assert_array_equal(found, [0, 1, 1, np.nan, np.nan])


@pytest.fixture
def cohort(rows):
    def session(who, number, done, stage, rx="3"):
        return {
            "participant_id": who,
            "session": str(number),
            "study_day": str(number),
            "stage": stage,
            "rx_sets": rx,
            "rx_reps": "10",
            "done_sets": done,
            "done_reps": "10",
        }

    def event(who, day, what="lbp_onset"):
        return {"participant_id": who, "study_day": str(day), "event": what}

    free = {"lbp": "0", "red_flag": "0"}
    people = [rows.person(p, **free) for p in ("A", "B", "C")] + [rows.person("D", lbp="1")]
    visits = [
        rows.visit(p, name, week, attended=attended)
        for p in "ABCD"
        for name, week, attended in (
            ("baseline", "0", "1"),
            ("week04", "4", "0" if p == "C" else "1"),
            ("week08", "8", "0" if p in "BC" else "1"),
        )
    ]
    return derive(
        rows.package(
            participants=people,
            visits=visits,
            sessions=[
                session("A", 1, "3", "1"),
                session("A", 2, "0", "2"),
                session("B", 1, "3", "1"),
                session("B", 2, "3", "2"),
                session("B", 3, "NA:not_recorded", "3"),
            ],
            events=[event("A", 40), event("D", 30), event("C", 20, "dropout")],
        )
    )


def test_new_pain_counts_people_without_it_at_entry(cohort):
    people = cohort.people.set_index("participant_id")["incident_lbp"]
    assert bool(people["A"])
    assert not bool(people["B"])
    assert people[["C", "D"]].isna().all()  # C was never seen again, D had pain at entry


def test_new_pain_by_visit(cohort):
    visits = cohort.visits.set_index(["participant_id", "visit"])["incident_lbp"]
    assert visits["A"].tolist() == [False, False, True]  # day 40 lies between weeks 4 and 8
    assert visits["B"].tolist()[:2] == [False, False]
    assert visits["B"].isna().tolist() == [False, False, True]
    assert visits["D"].isna().all()


def test_days_of_onset_and_of_the_last_look(cohort):
    people = cohort.people.set_index("participant_id")
    assert people["incident_lbp_day"].dropna().to_dict() == {"A": 40}  # not D, who had pain
    # B missed week 8; C dropped out on day 20, but was last known to be free at baseline.
    assert people["follow_up_day"].dropna().to_dict() == {"A": 40, "B": 28, "C": 0}


def test_adherence_stage_and_sessions(cohort):
    people = cohort.people.set_index("participant_id")
    # A did 30 of 60; B 60 of 60, the session without a record is left out of both sums.
    assert people["adherence"].tolist()[:2] == [0.5, 1.0]
    assert people["sessions_done"].tolist()[:2] == [1, 2]
    assert people["stage_reached"].tolist()[:2] == ["1", "2"]
    assert people["sessions_done"].isna().tolist() == [False, False, True, True]
