import pytest

from gluteal.errors import UserError


def measurements(found):
    return found.tables["measurements"].to_pylist()


def test_wide_columns_become_rows_with_unit_side_and_reason(run):
    rows = measurements(run())
    force = [r for r in rows if r["test"] == "hip_force"]
    assert [(r["participant_id"], r["side"], r["value"], r["unit"]) for r in force] == [
        ("P2", "left", "9.5", "kgf"),
        ("P2", "right", "10", "kgf"),
        ("P1", "left", "11", "kgf"),
        ("P1", "right", "NA:not_recorded", "kgf"),
    ]
    assert [r["status"] for r in force] == ["done", "done", "done", "not_done"]
    assert force[3]["reason_not_done"] == "NA:not_recorded"
    stance = [r for r in rows if r["test"] == "sls_time"]
    assert [(r["value"], r["censored"]) for r in stance] == [("30", "right"), ("12.5", "none")]


def test_units_of_wide_tables_become_the_dictionarys(run):
    assert run().tables["participants"].to_pylist() == [
        {"participant_id": "P2", "sex": "f", "height_m": "1.65"},
        {"participant_id": "P1", "sex": "m", "height_m": "1.8"},
    ]


def test_every_faulty_cell_is_named(run, base):
    raw = "id,sex,height,abd_l,abd_r,stance,note\nP1,X,1m65,9,5,<3,\n,F,165,9;5,5,3,\n"
    with pytest.raises(UserError) as caught:
        run(base, raw)
    places = {(f.row, f.column, f.value) for f in caught.value.faults}
    assert {
        (2, "sex", "X"),
        (2, "height", "1m65"),
        (2, "stance", "<3"),
        (3, "id", ""),
        (3, "abd_l", "9;5"),
    } <= places


def test_columns_lacking_and_columns_too_many(run):
    raw = "id,sexe,height,abd_l,abd_r,stance,note,e-mail\nP1,F,165,9,5,3,,a@b.org\n"
    with pytest.raises(UserError) as caught:
        run(raw=raw)
    text = str(caught.value)
    assert "column sex: no such column. Did you mean 'sexe'" in text
    assert "column sexe: the column is neither mapped nor ignored" in text
    assert "column e-mail: names what identifies a person" in text
    assert "a@b.org" not in text


def test_ids_from_the_row_number(run, base):
    base["files"][0]["participant"] = {"row_number": "V", "digits": "3"}
    base["files"][0]["ignore"] += ["id"]
    assert run(base).tables["participants"]["participant_id"].to_pylist() == ["V001", "V002"]


def long_mapping(base):
    file = base["files"][0]
    file["visit"] = {"column": "time", "codes": {"pre": "baseline", "post": "week12"}}
    file["ignore"] = []
    file["rows"] = [
        {"table": "participants"},
        {
            "table": "visits",
            "fields": {"week_nominal": {"column": "time", "codes": {"pre": "0", "post": "12"}}},
            "set": {"attended": "1"},
        },
        {
            "table": "measurements",
            "fields": {"side": {"column": "leg", "codes": {"L": "left", "R": "right"}}},
            "count_trials": "true",
            "long": {
                "name": {
                    "column": "test",
                    "codes": {"press": "leg_press_1rm_kg"},
                    "skip": {"jump": "not in the dictionary"},
                },
                "value": "load",
                "unit_column": {"column": "unit", "codes": {"kilo": "kg", "pound": "lb"}},
            },
        },
    ]
    return base


LONG = """id,time,leg,test,load,unit
A,pre,L,press,100,kilo
A,pre,L,press,105,kilo
A,post,R,press,220,pound
A,post,R,jump,1,kilo
"""


def test_long_tables_skip_count_and_take_units_from_a_column(run, base):
    found = run(long_mapping(base), LONG)
    assert [
        (r["visit"], r["side"], r["trial"], r["value"], r["unit"]) for r in measurements(found)
    ] == [
        ("baseline", "left", "1", "100", "kg"),
        ("baseline", "left", "2", "105", "kg"),
        ("week12", "right", "1", "220", "lb"),
    ]
    assert found.provenance["sources"][0]["rows_left_out"] == [
        {"column": "test", "value": "jump", "reason": "not in the dictionary", "rows": 1}
    ]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("A,post,R,press", "A,late,R,press", "time"),
        ("A,post,R,press", "A,post,B,press", "leg"),
        ("A,post,R,press", "A,post,R,pres", "test"),
        ("220,pound", "220,stone", "unit"),
    ],
)
def test_a_code_that_is_not_declared(run, base, old, new, column):
    with pytest.raises(UserError) as caught:
        run(long_mapping(base), LONG.replace(old, new))
    assert [(f.row, f.column) for f in caught.value.faults] == [(4, column)]
    assert "the code is not declared" in str(caught.value)


def test_answers_keep_their_words_and_become_items(run, base):
    base["files"][0]["rows"].append(
        {
            "table": "responses",
            "set": {"instrument": "nprs"},
            "columns": {"pain": {"item": "avg", "codes": {"None": "0", "Some": "4"}}},
        }
    )
    raw = "id,sex,height,abd_l,abd_r,stance,note,pain\nP1,F,165,9,5,3,,None\nP2,F,165,9,5,3,,\n"
    rows = run(base, raw).tables["responses"].to_pylist()
    assert [(r["item"], r["value"], r["reason_missing"]) for r in rows] == [
        ("avg", "0", "na"),
        ("avg", "NA:not_recorded", "NA:not_recorded"),
    ]
