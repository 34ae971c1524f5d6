import json

import pytest

from gluteal.cohort.descriptor import (
    describe_package,
    describe_table,
    dictionary_rows,
    occurring,
    read_descriptor,
)
from gluteal.variables import variables


def fields(entry):
    return {field["name"]: field for field in entry["schema"]["fields"]}


def test_a_table_is_described_with_types_units_levels_and_keys():
    columns = ["participant_id", "sex", "age_years", "lbp"]
    entry = describe_table("participants", columns, "participants.csv", 2, 55, "ab")
    assert (entry["hash"], entry["bytes"], entry["rows"]) == ("sha256:ab", 55, 2)
    found = fields(entry)
    assert found["age_years"]["type"] == "number"
    assert found["age_years"]["unit"] == "years"
    assert found["age_years"]["constraints"] == {"minimum": 16.0, "maximum": 110.0}
    assert found["sex"]["categories"][0] == {"value": "f", "label": "female"}
    assert found["lbp"]["type"] == "boolean"
    assert entry["schema"]["primaryKey"] == ["participant_id"]
    assert {"value": "NA:pain", "label": "stopped or not tested for pain"} in (
        entry["schema"]["missingValues"]
    )


def test_foreign_keys_lead_to_people_and_visits_but_not_for_the_screened():
    def targets(name, columns):
        entry = describe_table(name, columns, f"{name}.csv", 1, 1, "")
        return [k["reference"]["resource"] for k in entry["schema"].get("foreignKeys", [])]

    assert targets("responses", ["participant_id", "visit", "item"]) == ["participants", "visits"]
    assert targets("visits", ["participant_id", "visit"]) == ["participants"]
    assert targets("dispositions", ["participant_id", "stage"]) == []


def test_an_unknown_column_is_plain_text():
    entry = describe_table("visits", ["visit", "mood"], "visits.csv", 1, 1, "")
    assert fields(entry)["mood"] == {"name": "mood", "type": "string"}


def test_what_occurs_is_named():
    found = occurring("measurements", [], [("hip_force", "abd"), ("emg_rms", "gmax")])
    assert found == {"hip_force_n", "emg_gmax_rms_uv"}
    assert {"odi_pct", "odi_item_8"} == occurring("responses", [], [("odi",)])
    assert occurring("participants", ["sex", "shoe"], []) == {"sex"}


def test_dictionary_rows_keep_their_order_and_every_column():
    text = dictionary_rows({"age_years", "lbp"})
    assert [line.split(",")[0] for line in text.splitlines()] == ["name", "lbp", "age_years"]
    assert len(dictionary_rows(set(variables())).splitlines()) == len(variables()) + 1


def test_reading_gives_back_what_was_written(tmp_path):
    told = describe_package("T", True, [])
    (tmp_path / "datapackage.json").write_text(json.dumps(told), encoding="utf-8-sig")
    assert read_descriptor(tmp_path) == (told, [])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[", "is not JSON"),
        ("3", "is not a JSON object"),
        ('{"gluteal": {"synthetic": true}}', "lists no resources"),
        ('{"resources": [{"name": "x"}], "gluteal": {"synthetic": true}}', "lists no resources"),
        ('{"resources": []}', "does not say whether the data are synthetic"),
        ('{"resources": [], "gluteal": {"synthetic": "no"}}', "does not say whether"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, rule):
    (tmp_path / "datapackage.json").write_text(text, encoding="utf-8")
    _, (fault,) = read_descriptor(tmp_path)
    assert fault.rule.startswith(rule)


def test_a_descriptor_in_another_encoding(tmp_path):
    (tmp_path / "datapackage.json").write_bytes('{"title": "é"}'.encode("latin-1"))
    _, (fault,) = read_descriptor(tmp_path)
    assert fault.rule == "the text is not UTF-8"
