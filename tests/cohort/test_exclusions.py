import pandas as pd
import pytest

from gluteal.cohort.derive import derive
from gluteal.cohort.exclusions import exclude


def stage(who, name, reached="1", reason="na"):
    return {"participant_id": who, "stage": name, "reached": reached, "reason": reason}


@pytest.fixture
def package(rows):
    people = [rows.person("P1"), rows.person("P2"), rows.person("P3", red_flag="1")]
    for one in people[:2]:
        one["red_flag"] = "0"
    return rows.package(
        participants=people,
        visits=[
            rows.visit("P1", reason_absent="not_applicable"),
            rows.visit("P1", "week04", "4", attended="0", reason_absent="lost", mass="NA:absent"),
            rows.visit("P2", reason_absent="not_applicable"),
            rows.visit("P3", reason_absent="not_applicable"),
        ],
        measurements=[rows.measure("P1", "cst30", 12, unit="stands")],
        dispositions=[
            *(stage(f"P{n}", s) for n in (1, 3) for s in ("screened", "eligible", "enrolled")),
            stage("P2", "screened"),
            stage("P2", "eligible"),
            stage("P2", "enrolled", "0", "declined"),
            stage("P9", "screened"),
            stage("P9", "eligible", "0", "pregnant"),
        ],
    )


def test_the_flow_from_screening_to_data(package):
    flow = derive(package).flow
    assert flow.to_numpy().tolist() == [
        ["screened", 4, 0, ""],
        ["eligible", 3, 1, "pregnant"],
        ["enrolled", 2, 1, "declined"],
        ["included", 1, 1, "red flag at screening"],
        ["visit baseline", 1, 0, ""],
        ["visit week04", 0, 1, "lost to follow-up"],
        ["with data", 1, 0, ""],
    ]


def test_the_excluded_are_in_no_table(package):
    cohort = derive(package)
    assert cohort.people["participant_id"].tolist() == ["P1"]
    assert set(cohort.visits["participant_id"]) == {"P1"}
    assert cohort.meta["n_participants"] == 3
    assert cohort.meta["n_analysed"] == 1


def test_no_person_is_named_in_flow_or_meta(package):
    import json

    cohort = derive(package)
    text = cohort.flow.to_csv() + json.dumps(cohort.meta)
    assert not any(name in text for name in ("P1", "P2", "P3", "P9"))


def test_the_first_reason_counts():
    people = pd.DataFrame({"participant_id": ["A", "B", "C"], "red_flag": [1.0, 1.0, 0.0]})
    steps = pd.DataFrame(
        {
            "participant_id": ["A", "B", "C"],
            "stage": ["eligible", "enrolled", "eligible"],
            "reached": [0.0, 1.0, 1.0],
            "reason": ["surgery", "na", None],
        }
    )
    assert exclude(people, steps) == {
        "A": "not eligible: surgery",
        "B": "red flag at screening",
        "C": "not enrolled: no reason given",
    }


def test_without_dispositions_everybody_is_in():
    assert exclude(pd.DataFrame({"participant_id": ["A"]}), None) == {}
