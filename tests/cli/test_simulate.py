import json

import pytest

from gluteal.__main__ import main


def test_the_command_writes_a_package_and_its_truth(tmp_path, capsys):
    words = ["simulate", str(tmp_path / "c"), "--n", "30", "--seed", "4", "--world", "reverse"]
    assert main([*words, "--dirt", "--mnar", "--form", "parquet"]) == 0
    assert "synthetic" in capsys.readouterr().out
    made = {path.name for path in (tmp_path / "c").iterdir()}
    assert {"datapackage.json", "truth.json", "dirt_log.csv", "measurements.parquet"} <= made
    told = json.loads((tmp_path / "c" / "truth.json").read_text())
    assert told["world"] == "reverse"
    assert told["settings"] == {
        "n": 30,
        "seed": 4,
        "design": "full",
        "dirt": True,
        "mnar": True,
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--n", "0"], "at least one participant"),
        (["--seed", "-1"], "zero or larger"),
        (["--world", "sed"], "Did you mean 'seed'"),
        (["--design", "x"], "Designs:"),
        (["--form", "xlsx"], "csv or parquet"),
    ],
)
def test_impossible_settings_are_one_message_and_status_2(tmp_path, capsys, words, says):
    assert main(["simulate", str(tmp_path / "c"), *words]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_stays(tmp_path, capsys):
    (tmp_path / "c").write_text("mine")
    assert main(["simulate", str(tmp_path / "c"), "--n", "5"]) == 2
    assert "is a file" in capsys.readouterr().err
    assert (tmp_path / "c").read_text() == "mine"
