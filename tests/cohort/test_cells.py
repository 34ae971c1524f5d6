import pyarrow as pa
import pytest

from gluteal.cohort.cells import NOTHING, check_cells
from gluteal.cohort.grid import Grid
from gluteal.cohort.tables import REASONS


def found(table, **columns):
    return check_cells(Grid(table, f"{table}.csv", pa.table(columns)))


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_may_stand_for_every_variable_but_not_for_a_key(reason):
    assert found("participants", age_years=[reason], sex=[reason], lbp=[reason]) == []
    (fault,) = found("participants", participant_id=[reason])
    assert fault.rule == "may not be missing"


@pytest.mark.parametrize("word", NOTHING)
@pytest.mark.parametrize("column", ["age_years", "sex", "lbp"])
def test_other_words_for_missing_need_a_reason(word, column):
    (fault,) = found("participants", **{column: [word]})
    assert fault.rule == "is a missing value without a reason"
    assert "NA:pain" in fault.remedy


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("", "the cell is empty"),
        (" 40", "has spaces around it"),
        ("NA:because", "is no reason that this package knows"),
        ("40,5", "has a decimal comma"),
        ("12/05/1980", "is a calendar date"),
        ("1980-05-12 10:00", "is a calendar date"),
        ("40 years", "has its unit in the cell"),
        ("forty", "is text where a number belongs"),
        ("7", "is outside 16 to 110 years"),
    ],
)
def test_one_fault_a_cell(cell, rule):
    (fault,) = found("participants", age_years=["30", cell])
    assert fault.rule.startswith(rule)
    assert (fault.row, fault.column, fault.value, fault.severity) == (3, "age_years", cell, "error")


def test_text_may_be_anything_but_empty():
    assert found("visits", examiner=["A", "Dr. B, room 3", "None", "1,5"]) == []
    (fault,) = found("visits", examiner=[""])
    assert fault.rule == "the cell is empty"


def test_whole_numbers_and_levels():
    (fault,) = found("participants", prior_lbp_episodes=["2", "2.5"])
    assert fault.rule == "is not a whole number"
    (fault,) = found("participants", smoking=["never", "Never"])
    assert "Did you mean 'never'?" in fault.remedy
    (fault,) = found("participants", lbp=["1", "TRUE"])
    assert fault.remedy == "Known: 0, 1."


def test_every_wrong_word_is_named_with_its_rows():
    faults = found("participants", sex=["f", "x1", "m", "x2", "x1"])
    assert [(f.row, f.value) for f in faults] == [(3, "x1"), (6, "x1"), (5, "x2")]


def test_a_measured_value_is_judged_by_its_test_and_not_here():
    assert found("measurements", value=["99999", "NA:pain"], trial=["1", "1"]) == []


def test_an_unknown_column_is_left_to_the_reader():
    assert found("participants", shoe_size=["", " x", "NA:what"]) == []
