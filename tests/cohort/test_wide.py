import numpy as np
import pytest

from gluteal.cohort.tally import Tally
from gluteal.cohort.wide import index_unique, read_wide, require_columns
from gluteal.errors import UserError


def test_reasons_are_missing_and_words_stay_words(rows):
    package = rows.package(
        participants=[
            rows.person("1", smoking="never", age_years="40", lbp="1"),
            rows.person("2", smoking="NA:refused", age_years="NA:lost", lbp="NA:not_asked"),
        ]
    )
    found = read_wide(package, "participants", Tally())
    assert found["participant_id"].tolist() == ["1", "2"]
    assert found["smoking"].tolist()[0] == "never"
    assert found["smoking"].isna().tolist() == [False, True]
    np.testing.assert_array_equal(found["age_years"], [40.0, np.nan])
    np.testing.assert_array_equal(found["lbp"], [1.0, np.nan])


def test_out_of_range_is_counted(rows):
    tally = Tally()
    found = read_wide(
        rows.package(participants=[rows.person("1", height_m="170")]), "participants", tally
    )
    assert found["height_m"].isna().all()
    assert tally.rows() == [{"variable": "height_m", "reason": "outside the hard range", "n": 1}]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("age_years", "30", "forty"),
        ("lbp", "1", "2"),
        ("lbp", "0", "yes"),
        ("sex", "f", "female"),
    ],
)
def test_text_in_the_wrong_place_is_one_fault_with_its_cell(rows, column, good, bad):
    people = [rows.person("1", **{column: good}), rows.person("2", **{column: bad})]
    with pytest.raises(UserError) as caught:
        read_wide(rows.package(participants=people), "participants", Tally())
    fault = caught.value.faults[0]
    assert (fault.row, fault.column, fault.value) == (3, column, bad)


def test_a_structural_column_is_not_taken_for_a_variable_of_the_same_name(rows):
    package = rows.package(
        dispositions=[{"participant_id": "1", "stage": "enrolled", "reached": "1"}]
    )
    assert read_wide(package, "dispositions", Tally())["stage"].tolist() == ["enrolled"]


def test_required_tables_and_columns(rows):
    with pytest.raises(UserError) as caught:
        require_columns(rows.package(visits=[{"participant_id": "1", "visit": "baseline"}]))
    text = str(caught.value)
    assert "participants: the table is missing" in text
    assert "column week_nominal" in text and "column attended" in text


def test_keys_stand_once(rows):
    table = read_wide(rows.package(participants=[rows.person("1")] * 2), "participants", Tally())
    with pytest.raises(UserError, match="repeat"):
        index_unique(table, "participants", ["participant_id"])
