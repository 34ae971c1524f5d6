"""``gluteal derive`` as a user meets it."""

from __future__ import annotations

import json

import pytest

from gluteal.cli.commands import run
from gluteal.cohort.derived import read_cohort

PARTICIPANTS = "participant_id,sex,height_m,lbp\nA,f,1.70,1\nB,m,1.80,0\n"
VISITS = """participant_id,visit,week_nominal,attended,body_mass_kg
A,baseline,0,1,70
B,baseline,0,1,80
"""
MEASUREMENTS = """participant_id,visit,test,position,muscle,side,trial,value,unit,status
A,baseline,lever_arm,side_lying,abd,left,1,0.70,m,done
A,baseline,hip_force,side_lying,abd,left,1,100,N,done
B,baseline,hip_force,side_lying,abd,left,1,12,kgf,done
"""


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "participants.csv").write_text(PARTICIPANTS)
    (folder / "visits.csv").write_text(VISITS)
    (folder / "measurements.csv").write_text(MEASUREMENTS)
    (folder / "datapackage.json").write_text(
        json.dumps({"title": "two", "resources": [], "gluteal": {"synthetic": False}})
    )
    return folder


def test_tables_log_and_flow_are_written(package, tmp_path, capsys):
    assert run(["derive", str(package), str(tmp_path / "out")]) == 0
    assert "2 of 2 people" in capsys.readouterr().out
    cohort = read_cohort(tmp_path / "out")
    assert cohort.sides["hip_abd_nm_kg"].tolist()[0] == pytest.approx(1.0)
    assert cohort.sides["hip_abd_n"].tolist()[1] == pytest.approx(12 * 9.80665)
    assert cohort.meta["title"] == "two"
    assert list(cohort.flow.columns) == ["stage", "n_people", "n_excluded", "reason"]


def test_settings_come_as_json(package, tmp_path):
    settings = json.dumps({"strength_summary": "max", "min_cell": 3})
    words = ["derive", str(package), str(tmp_path / "out"), "--settings", settings]
    assert run(words) == 0
    assert read_cohort(tmp_path / "out").meta["settings"]["strength_summary"] == "max"


def change(name, old, new):
    def spoil(folder):
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return spoil


def no_package(folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


BAD = {
    "no package": (no_package, [], "no such folder"),
    "text in a number": (change("measurements.csv", "100", "strong"), [], "no numbers"),
    "text in a mass": (change("visits.csv", "70", "seventy"), [], "row 2, column body_mass_kg"),
    "an unknown unit": (change("measurements.csv", "kgf", "kilo"), [], "not measured in this unit"),
    "an unknown person": (change("measurements.csv", "B,base", "C,base"), [], "does not list"),
    "an unknown visit": (change("visits.csv", "B,base", "C,base"), [], "does not list"),
    "a lost column": (change("visits.csv", "attended", "came"), [], "the column is missing"),
    "the same person twice": (change("participants.csv", "B,m", "A,m"), [], "repeat"),
    "settings that are no JSON": (None, ["--settings", "{"], "is not JSON"),
    "settings that are no object": (None, ["--settings", "[1]"], "not a JSON object"),
    "an unknown setting": (None, ["--settings", '{"strength": "max"}'], "no such setting"),
    "a wrong setting": (None, ["--settings", '{"strength_summary": "best"}'], "strength_summary"),
    "an unknown instrument": (
        lambda folder: (folder / "responses.csv").write_text(
            "participant_id,visit,instrument,item,value\nA,baseline,oddi,item_1,2\n"
        ),
        [],
        "no such instrument",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_message_and_status_2(package, tmp_path, capsys, name):
    spoil, words, said = BAD[name]
    if spoil is not None:
        spoil(package)
    assert run(["derive", str(package), str(tmp_path / "out"), *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_out_is_a_file(package, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert run(["derive", str(package), str(tmp_path / "out")]) == 2
    assert "is a file" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"
