import pyarrow as pa
import pytest

from gluteal.cohort.course import check_course
from gluteal.cohort.grid import Grid

WEEKS = {"baseline": 0, "week04": 4, "week08": 8, "week12": 12}


def rules(days=None, visits=tuple(WEEKS), people=("P1", "P2"), **others):
    """Give P1 the days, and P2 a course without a fault."""
    days = days or [str(7 * WEEKS[v]) for v in visits]
    rows = [("P1", v, str(WEEKS[v]), d) for v, d in zip(visits, days, strict=True)]
    rows += [("P2", v, str(w), str(7 * w)) for v, w in WEEKS.items()]
    names = ("participant_id", "visit", "week_nominal", "study_day")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["attended"] = ["1"] * len(rows)
    for name, cells in others.items():
        columns[name] = [*cells, *["1" if name == "attended" else "not_applicable"] * 4]
    grids = {
        "participants": Grid("participants", "p.csv", pa.table({"participant_id": list(people)})),
        "visits": Grid("visits", "v.csv", pa.table(columns)),
        "responses": Grid(
            "responses",
            "r.csv",
            pa.table({"participant_id": ["P1"], "visit": ["week04"], "value": ["3"]}),
        ),
    }
    return [(f.row, f.column, f.rule, f.severity) for f in check_course(grids)]


def test_a_course_as_planned_has_no_fault():
    assert rules() == []
    assert rules(["0", "30", "57", "80"]) == []
    assert rules(["0", "NA:absent", "57", "80"]) == []


@pytest.mark.parametrize(
    ("days", "row", "rule"),
    [
        (["0", "60", "56", "84"], 3, "out of order"),
        (["0", "28", "20", "84"], 4, "out of order"),
        (["0", "28", "28", "84"], 4, "out of order"),
        (["0", "45", "56", "84"], 3, "nearer to another"),
        (["0", "28", "56", "449"], 5, "nearer to another"),
        (["3", "28", "56", "84"], 2, "not on day 0"),
    ],
)
def test_the_visit_that_is_off_is_named_once(days, row, rule):
    ((at, column, found, severity),) = rules(days)
    assert (at, column, severity) == (row, "study_day", "query")
    assert rule in found


def test_who_has_no_visit_or_no_baseline():
    ((row, _, rule, severity),) = rules(people=("P1", "P2", "P3"))
    assert (row, rule, severity) == (4, "has no visit", "query")
    ((row, _, rule, severity),) = rules(visits=("week04", "week12"))
    assert (row, severity) == (2, "query")
    assert rule == "this person has no visit called baseline"


def test_attendance_and_its_reason():
    away = ["1", "1", "0", "1"]
    fine = ["not_applicable", "not_applicable", "illness", "not_applicable"]
    assert rules(attended=away, reason_absent=fine) == []
    ((row, column, *_),) = rules(attended=away, reason_absent=["not_applicable"] * 4)
    assert (row, column) == (4, "reason_absent")
    ((row, column, *_),) = rules(attended=["1"] * 4, reason_absent=fine)
    assert (row, column) == (4, "reason_absent")


def test_values_of_a_visit_that_was_not_attended():
    away = ["1", "0", "1", "1"]
    reasons = ["not_applicable", "lost", "not_applicable", "not_applicable"]
    ((row, column, rule, severity),) = rules(attended=away, reason_absent=reasons)
    assert (row, column, severity) == (3, "attended", "error")
    assert "values of this visit exist" in rule
