import pyarrow as pa
import pytest

from gluteal.cohort.grid import Grid
from gluteal.cohort.keys import check_duplicates, check_links, check_twins


def grid(table, skipped=(), **columns):
    return Grid(table, f"{table}.csv", pa.table(columns), skipped)


def test_a_row_that_is_there_twice_points_to_the_first():
    (fault,) = check_duplicates(
        grid("visits", participant_id=["P1", "P2", "P1"], visit=["a", "a", "a"])
    )
    assert (fault.row, fault.value) == (4, "P1 a")
    assert fault.remedy.startswith("See row 2")


def test_a_third_copy_is_named_too():
    faults = check_duplicates(grid("participants", participant_id=["P1"] * 3))
    assert [fault.row for fault in faults] == [3, 4]


def test_a_space_does_not_hide_a_copy():
    (fault,) = check_duplicates(grid("participants", participant_id=["P1", "P1 "]))
    assert (fault.row, fault.value) == (3, "P1 ")


@pytest.mark.parametrize("column", ["trial", "side", "assessor", "version", "position", "muscle"])
def test_each_part_of_the_key_tells_rows_apart(column):
    base = {
        "participant_id": ["P1"] * 2,
        "visit": ["baseline"] * 2,
        "test": ["hip_force"] * 2,
        "side": ["left"] * 2,
        "trial": ["1"] * 2,
    }
    assert len(check_duplicates(grid("measurements", **base))) == 1
    assert check_duplicates(grid("measurements", **(base | {column: ["1", "2"]}))) == []


def test_letter_case_twins():
    (fault,) = check_twins(grid("participants", participant_id=["P1", "p1", "P2"]))
    assert (fault.row, fault.value) == (3, "p1")
    assert "'P1'" in fault.remedy


def package(**events):
    return {
        "participants": grid("participants", participant_id=["P01", "P02"]),
        "visits": grid(
            "visits", participant_id=["P01", "P01", "P02"], visit=["baseline", "week04", "baseline"]
        ),
        **events,
    }


def test_all_links_hold():
    rows = grid("responses", participant_id=["P01", "P02"], visit=["week04", "baseline"])
    assert check_links(package(responses=rows)) == []


def test_an_unknown_person_is_named_once_with_the_number_of_rows():
    rows = grid("responses", participant_id=["p01", "p01", "P01"], visit=["baseline"] * 3)
    (fault,) = check_links(package(responses=rows))
    assert (fault.row, fault.value) == (2, "p01 (2 rows)")
    assert "Did you mean 'P01'?" in fault.remedy


def test_an_unknown_visit_is_named_once_a_person():
    rows = grid(
        "responses",
        participant_id=["P02", "P02", "P01", "P01"],
        visit=["week04", "week04", "week4", "baseline"],
    )
    first, second = check_links(package(responses=rows))
    assert (first.row, first.value) == (2, "P02 week04 (2 rows)")
    assert (second.row, second.value) == (4, "P01 week4")
    assert "Did you mean 'week04'?" in second.remedy


def test_a_space_is_not_an_unknown_person_too():
    rows = grid("events", participant_id=["P01 "], study_day=["3"])
    assert check_links(package(events=rows)) == []


def test_the_screened_need_not_be_participants():
    assert check_links(package(dispositions=grid("dispositions", participant_id=["S99"]))) == []


def test_links_into_a_table_that_was_not_read_whole_are_not_judged():
    tables = package(responses=grid("responses", participant_id=["P09"], visit=["week12"]))
    tables["participants"] = grid("participants", (3,), participant_id=["P01"])
    assert check_links(tables) == []
