import pyarrow as pa
import pytest

from gluteal.cohort.columns import check_columns, check_size
from gluteal.cohort.tables import TABLES

VISITS = ["participant_id", "visit", "week_nominal", "attended"]


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_of_every_table_are_fine_as_they_are(name):
    assert check_columns(name, "f.csv", [c.name for c in TABLES[name].columns]) == []


def test_optional_columns_may_be_absent():
    needed = [c.name for c in TABLES["measurements"].columns if c.required]
    assert check_columns("measurements", "m.csv", needed) == []


def test_every_required_column_is_named():
    faults = check_columns("visits", "v.csv", ["visit"])
    assert [f.column for f in faults] == ["participant_id", "week_nominal", "attended"]
    assert {f.rule for f in faults} == {"the column is missing"}


def test_a_misspelt_required_column_is_one_fault():
    faults = check_columns(
        "visits", "v.csv", ["participant_id", "visit", "week_nomnal", "attended"]
    )
    assert [(f.column, "Did you mean 'week_nominal'?" in f.remedy) for f in faults] == [
        ("week_nomnal", True)
    ]


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("sex", "It belongs to participants."),
        ("hip_abd_nm_kg", "It is derived"),
        ("body_mas_kg", "Did you mean 'body_mass_kg'?"),
        ("", "Rename it"),
    ],
)
def test_a_strange_column_says_where_it_belongs(column, word):
    (fault,) = check_columns("visits", "v.csv", [*VISITS, column])
    assert word in fault.remedy


def test_a_closed_table_takes_no_variable():
    (fault,) = check_columns("events", "e.csv", ["participant_id", "study_day", "event", "sex"])
    assert "It belongs to participants" in fault.remedy


def test_size_empty_and_blank():
    empty = pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.string())})
    assert [f.severity for f in check_size("visits", "v.csv", empty, ())] == ["error"]
    assert [f.severity for f in check_size("events", "e.csv", empty, ())] == ["query"]
    assert check_size("events", "e.csv", empty, (2,)) == []  # its one row was ragged, and is named
    table = pa.table({"a": ["", "1", ""], "b": ["", "", ""]})
    assert [f.row for f in check_size("events", "e.csv", table, ())] == [2, 4]
