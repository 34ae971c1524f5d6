import json
import shutil

import pyarrow as pa
import pytest

from gluteal.cohort.package import open_package, read_package, write_package
from gluteal.errors import UserError

IDS = ["P1", "P2"]
TABLES = {
    "visits": pa.table(
        {
            "participant_id": IDS,
            "visit": ["baseline"] * 2,
            "week_nominal": ["0"] * 2,
            "attended": ["1"] * 2,
        }
    ),
    "participants": pa.table({"participant_id": IDS, "recruitment_source": ["other", "None"]}),
}


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_is_read(tmp_path, form):
    folder = tmp_path / "deep" / "cohort"
    write_package(folder, TABLES, title="Títle", synthetic=True, provenance={"a": 1}, form=form)
    package = read_package(folder)
    assert (package.title, package.synthetic) == ("Títle", True)
    assert package.faults == ()
    assert list(package.tables) == ["participants", "visits"]
    assert all(package.tables[name].equals(table) for name, table in TABLES.items())
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance == {"a": 1, "rows": {"participants": 2, "visits": 2}}
    assert [path.name for path in folder.parent.iterdir()] == ["cohort"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_input_gives_the_same_bytes_however_it_is_cut_or_ordered(tmp_path, form):
    write_package(tmp_path / "a", TABLES, title="T", form=form)
    back = dict(reversed(TABLES.items()))
    write_package(tmp_path / "b", back, title="T", form=form)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    if form == "csv":
        cut = {n: [t.slice(i, 1) for i in range(t.num_rows)] for n, t in TABLES.items()}
        write_package(tmp_path / "c", cut, title="T")
        assert contents(tmp_path / "a") == contents(tmp_path / "c")


def test_one_hash_changes_with_any_cell(tmp_path):
    write_package(tmp_path / "a", TABLES, title="T")
    write_package(tmp_path / "b", TABLES, title="Another title")
    other = TABLES | {"participants": pa.table({"participant_id": ["P1", "P3"]})}
    write_package(tmp_path / "c", other, title="T")
    a, b, c = (read_package(tmp_path / name).sha256 for name in "abc")
    assert a == b != c


def test_writing_again_replaces_tables_and_leaves_other_files(tmp_path):
    write_package(tmp_path, TABLES | {"events": pa.table({"participant_id": ["P1"]})}, title="T")
    (tmp_path / "truth.json").write_text("{}")
    write_package(tmp_path, TABLES, title="T", form="parquet")
    names = {path.name for path in tmp_path.iterdir()}
    assert {"participants.parquet", "visits.parquet", "truth.json", "datapackage.json"} <= names
    assert not {"participants.csv", "events.csv", "events.parquet"} & names
    assert read_package(tmp_path).faults == ()


def test_a_failure_leaves_nothing_and_the_old_package_whole(tmp_path):
    folder = tmp_path / "cohort"
    write_package(folder, TABLES, title="T")
    before = contents(folder)

    def chunks():
        yield TABLES["visits"]
        raise RuntimeError("the source ended")

    with pytest.raises(RuntimeError):
        write_package(folder, TABLES | {"visits": chunks()}, title="New")
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["cohort"]


def test_chunks_must_name_their_columns(tmp_path):
    with pytest.raises(ValueError, match="no chunk"):
        write_package(tmp_path / "c", TABLES | {"events": iter(())}, title="T")


def test_wrong_names_and_places_are_said(tmp_path):
    with pytest.raises(UserError, match="Did you mean 'visits'"):
        write_package(tmp_path / "c", {"visit": TABLES["visits"]}, title="T")
    with pytest.raises(UserError, match="no form 'cvs'"):
        write_package(tmp_path / "c", TABLES, title="T", form="cvs")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        write_package(tmp_path / "file", TABLES, title="T")
    with pytest.raises(UserError, match="cannot be written"):
        write_package(tmp_path / "file" / "c", TABLES, title="T")


def test_every_fault_of_the_files_comes_at_once(tmp_path):
    write_package(tmp_path, TABLES, title="T")
    (tmp_path / "datapackage.json").write_text("{")
    (tmp_path / "visits.csv").write_text("participant_id,visit\n\n")
    (tmp_path / "particpants.csv").write_text("a\n")
    with pytest.raises(UserError) as caught:
        read_package(tmp_path)
    rules = [(fault.file.rpartition("/")[2], fault.rule) for fault in caught.value.faults]
    assert [file for file, _ in rules] == [
        "datapackage.json",
        "particpants.csv",
        "visits.csv",
        "visits.csv",
        "visits.csv",
    ]


def test_a_table_in_both_forms_is_refused(tmp_path):
    write_package(tmp_path / "a", TABLES, title="T")
    write_package(tmp_path / "b", TABLES, title="T", form="parquet")
    shutil.copy(tmp_path / "b" / "visits.parquet", tmp_path / "a")
    with pytest.raises(UserError, match="which one is meant"):
        read_package(tmp_path / "a")


def test_a_descriptor_that_lists_a_strange_file(tmp_path):
    write_package(tmp_path, TABLES, title="T")
    path = tmp_path / "datapackage.json"
    path.write_text(path.read_text().replace('"visits.csv"', '"../visits.csv"'))
    with pytest.raises(UserError, match="no table of a cohort package"):
        read_package(tmp_path)


def test_opening_keeps_faults_instead_of_raising(tmp_path):
    package = open_package(tmp_path / "nowhere")
    assert package.tables == {}
    assert package.synthetic is False
    assert [fault.rule for fault in package.faults] == ["no such folder"]


def test_dictionary_holds_the_variables_that_occur(tmp_path):
    write_package(tmp_path, TABLES, title="T")
    names = [line.split(",")[0] for line in (tmp_path / "dictionary.csv").read_text().splitlines()]
    expected = {"participant_id", "recruitment_source", "visit", "week_nominal", "attended"}
    assert set(names[1:]) == expected
