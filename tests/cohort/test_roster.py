import numpy as np
import pytest

from gluteal.cohort.grid import Column
from gluteal.cohort.roster import make_roster
from gluteal.cohort.tally import Tally
from gluteal.cohort.wide import read_wide
from gluteal.errors import UserError


@pytest.fixture
def roster(rows):
    def make(excluded=()):
        package = rows.package(
            participants=[rows.person("B"), rows.person("A"), rows.person("C")],
            visits=[
                rows.visit("B", "week04", "4", study_day="30"),
                rows.visit("B", "baseline", "0", study_day="0"),
                rows.visit("A", "baseline", "0", study_day="NA:lost"),
            ],
        )
        tables = (read_wide(package, name, Tally()) for name in ("participants", "visits"))
        return make_roster(*tables, frozenset(excluded))

    return make


def column(words):
    import pyarrow as pa

    return Column(pa.chunked_array([pa.array(words, pa.string())]))


def test_people_and_visits_are_sorted(roster):
    found = roster()
    assert found.people["participant_id"].tolist() == ["A", "B", "C"]
    assert found.visits["visit"].tolist() == ["baseline", "baseline", "week04"]
    assert found.who.tolist() == [0, 1, 1]
    assert found.baseline.tolist() == [0, 1, -1]


def test_the_actual_week_or_else_the_planned_one(roster):
    np.testing.assert_allclose(roster().week, [0, 0, 30 / 7])


def test_rows_find_their_visit_and_excluded_people_drop_out(roster):
    ids, visits = column(["B", "A", "B"]), column(["week04", "baseline", "baseline"])
    row, kept = roster().locate("measurements", ids, visits)
    assert row.tolist() == [2, 0, 1]
    row, kept = roster(["A"]).locate("measurements", ids, visits)
    assert kept.tolist() == [True, False, True]
    assert row[kept].tolist() == [1, 0]


def test_unknown_people_and_visits_are_named(roster):
    with pytest.raises(UserError, match="people that participants does not list"):
        roster().locate("measurements", column(["Z"]), column(["baseline"]))
    with pytest.raises(UserError, match="C at baseline"):
        roster().locate("measurements", column(["C"]), column(["baseline"]))


def test_nobody_left(roster):
    with pytest.raises(UserError, match="nobody is left"):
        roster(["A", "B", "C"])


def test_people_of(roster):
    assert roster(["A"]).people_of("events", column(["C", "A", "B"])).tolist() == [1, -1, 0]
