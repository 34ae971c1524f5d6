import csv

import pytest

from gluteal.cohort.queries import summarise, write_queries
from gluteal.errors import Fault, UserError

FAULTS = [
    Fault("in/visits.csv", "odd, indeed", "Look.", 9, "study_day", 'P1 "x"', severity="query"),
    Fault("in/visits.csv", "wrong", "Mend.", 7, "visit", "P2"),
    Fault("in/visits.csv", "wrong", "Mend.", 3, "visit", "P3"),
    Fault("in/events.csv", "gone", "Add."),
]


def test_errors_first_each_by_file_and_row(tmp_path):
    path = tmp_path / "made" / "queries.csv"
    write_queries(path, FAULTS)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["severity"], r["file"], r["row"]) for r in rows] == [
        ("error", "events.csv", ""),
        ("error", "visits.csv", "3"),
        ("error", "visits.csv", "7"),
        ("query", "visits.csv", "9"),
    ]
    assert rows[3]["value"] == 'P1 "x"'
    assert rows[3]["rule"] == "odd, indeed"


def test_the_same_faults_give_the_same_bytes(tmp_path):
    write_queries(tmp_path / "a", FAULTS)
    write_queries(tmp_path / "b", FAULTS[::-1])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_fault_leaves_a_list_with_its_header(tmp_path):
    write_queries(tmp_path / "q.csv", [])
    assert (tmp_path / "q.csv").read_text() == "severity,file,row,column,value,rule,remedy\n"


def test_a_folder_is_not_written_over(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        write_queries(tmp_path, FAULTS)


def test_the_summary_counts_rules_and_names_nobody():
    found = summarise(FAULTS)
    assert found[0] == {
        "rule": "wrong",
        "severity": "error",
        "table": "visits",
        "column": "visit",
        "n": 2,
    }
    assert [row["severity"] for row in found] == ["error", "error", "query"]
    assert not any(name in str(found) for name in ("P1", "P2", "P3"))
