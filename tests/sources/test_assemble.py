import pytest

from gluteal.errors import UserError
from gluteal.sources.assemble import as_table, assemble
from gluteal.sources.rows import Row


def row(line, **cells):
    return Row(cells, "a.csv", line)


def person(line, who="A", **cells):
    return row(line, participant_id=who, **cells)


def test_repeats_that_agree_are_one_row_and_fill_each_other():
    rows = {"participants": [person(2, sex="f"), person(3, sex="f", age_years="40")]}
    tables, faults = assemble(rows, ())
    assert not faults
    assert tables["participants"] == [{"participant_id": "A", "sex": "f", "age_years": "40"}]


def test_repeats_that_contradict_are_named():
    _, faults = assemble({"participants": [person(2, sex="f"), person(7, sex="m")]}, ())
    assert [(f.row, f.column, f.value) for f in faults] == [(7, "sex", "m")]
    assert "row 2" in faults[0].rule


def test_a_missing_value_gives_way_to_a_value():
    rows = {"participants": [person(2, sex="NA:not_recorded"), person(3, sex="f")]}
    assert assemble(rows, ())[0]["participants"][0]["sex"] == "f"


def test_people_and_visits_must_be_listed():
    rows = {
        "participants": [person(2)],
        "visits": [person(2, visit="baseline"), person(3, "B", visit="baseline")],
        "measurements": [person(4, visit="week04", test="sls_time", side="left", trial="1")],
    }
    _, faults = assemble(rows, ())
    assert sorted(str(f).split(":")[1].strip().split(".")[0] for f in faults) == [
        "A at week04 has measurements and no row in visits",
        "B has visits and no row in participants",
    ]


def test_a_measurement_twice_is_a_fault_unless_trials_are_counted():
    def twice():
        shared = {"visit": "baseline", "test": "sls_time", "side": "left"}
        return {"measurements": [person(2, **shared), person(3, **shared)]}

    _, faults = assemble(twice(), ())
    assert faults and "count_trials" in faults[0].remedy
    tables, faults = assemble(twice(), {"measurements"})
    assert not faults
    assert [r["trial"] for r in tables["measurements"]] == ["1", "2"]


def test_no_cell_is_empty_and_columns_have_one_order():
    table = as_table("participants", [{"participant_id": "A", "age_years": "4"}, {"sex": "f"}])
    assert table.column_names == ["participant_id", "sex", "age_years"]
    assert table["sex"].to_pylist() == ["NA:not_recorded", "f"]


def test_the_same_answer_twice_is_refused(run, base):
    base["files"][0]["rows"].append(
        {"table": "responses", "set": {"instrument": "nprs"}, "columns": {"note": {"item": "avg"}}}
    )
    base["files"][0]["ignore"] = []
    raw = "id,sex,height,abd_l,abd_r,stance,note\nP1,F,165,9,5,3,4\nP1,F,165,9,5,3,4\n"
    with pytest.raises(UserError, match="stands here again"):
        run(base, raw)
