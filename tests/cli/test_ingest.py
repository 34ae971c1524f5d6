"""``gluteal ingest`` as a user meets it: two real files, and what goes wrong."""

from __future__ import annotations

import json
import shutil

import pytest

from gluteal.cli.commands import run

HEADER = (
    "pelvic_incidence,pelvic_tilt,lumbar_lordosis_angle,sacral_slope,pelvic_radius,"
    "degree_spondylolisthesis,status\n"
)
GOOD = HEADER + "63.0,22.5,39.6,40.5,98.7,-0.25,Hernia\n39.0,10.0,25.0,29.0,114.4,4.6,Normal\n"
RAW = "data/raw/vertebral/column_3C_weka.csv"


@pytest.fixture
def project(tmp_path, root):
    """A project folder with a good raw file and the example mapping."""
    raw = tmp_path / RAW
    raw.parent.mkdir(parents=True)
    raw.write_text(GOOD)
    shutil.copy(root / "config/examples/mappings/vertebral.yaml", tmp_path / "mapping.yaml")
    return tmp_path


def ingest(folder):
    words = ["ingest", str(folder / "mapping.yaml"), str(folder / "package"), "--raw", str(folder)]
    return run(words)


def test_a_good_file(project, capsys):
    assert ingest(project) == 0
    assert "participants: 2 rows" in capsys.readouterr().out
    assert run(["check", str(project / "package")]) == 0


def test_the_same_input_gives_the_same_bytes(project):
    ingest(project)
    first = {p.name: p.read_bytes() for p in (project / "package").iterdir()}
    shutil.rmtree(project / "package")
    ingest(project)
    assert {p.name: p.read_bytes() for p in (project / "package").iterdir()} == first


def raw(text):
    return lambda folder: (folder / RAW).write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )


def mapping(old, new):
    def spoil(folder):
        path = folder / "mapping.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return spoil


def no_raw(folder):
    (folder / RAW).unlink()


def raw_is_a_folder(folder):
    (folder / RAW).unlink()
    (folder / RAW).mkdir()


def no_mapping(folder):
    (folder / "mapping.yaml").unlink()


def mapping_is_a_folder(folder):
    no_mapping(folder)
    (folder / "mapping.yaml").mkdir()


def package_is_a_file(folder):
    (folder / "package").write_text("mine")


BAD = {
    "no raw file": (no_raw, "no such file"),
    "raw is a folder": (raw_is_a_folder, "is a folder"),
    "empty raw file": (raw(""), "the table is empty"),
    "header only": (raw(HEADER), "the table is empty"),
    "not UTF-8": (raw(GOOD.encode() + b"\xff"), "not text in the encoding utf-8"),
    "a byte-order mark": (raw(b"\xef\xbb\xbf" + GOOD.encode()), "utf-8-sig"),
    "a ragged row": (raw(GOOD + "1,2,3\n"), "the row has 3 cells, the header 7"),
    "semicolons": (raw(GOOD.replace(",", ";")), "delimiter"),
    "a column twice": (raw(GOOD.replace("pelvic_radius", "status")), "this column twice"),
    "a column lacking": (raw(GOOD.replace("sacral_slope", "sacral slope")), "no such column"),
    "a column too many": (
        raw("\n".join(line + ",x" for line in GOOD.splitlines())),
        "neither mapped nor ignored",
    ),
    "a decimal comma": (raw(GOOD.replace("63.0", '"63,0"')), "(value '63,0'): is not a number"),
    "text in a number": (raw(GOOD.replace("98.7", "wide")), "row 2, column pelvic_radius"),
    "an empty cell": (raw(GOOD.replace("98.7", "")), "no missing code says why"),
    "an unknown code": (raw(GOOD.replace("Hernia", "Hernie")), "Did you mean 'Hernia'"),
    "a censored value": (raw(GOOD.replace("98.7", ">98")), "censored, which is not declared"),
    "no mapping": (no_mapping, "cannot be read"),
    "mapping is a folder": (mapping_is_a_folder, "cannot be read"),
    "mapping is no YAML": (mapping("title:", "title: ["), "not valid YAML"),
    "a misspelt key": (mapping("delimiter", "delimeter"), "Did you mean 'delimiter'"),
    "an unknown variable": (
        mapping("sacral_slope_deg", "sacral_slop_deg"),
        "Did you mean 'sacral_slope_deg'",
    ),
    "a wrong unit": (mapping("pelvic_radius_mm, unit: mm", "pelvic_radius_mm, unit: kg"), "'kg'"),
    "an unknown table": (mapping("table: visits", "table: visit"), "Did you mean 'visits'"),
    "an unknown level": (mapping("Normal: normal", "Normal: healthy"), "'healthy'"),
    "package is a file": (package_is_a_file, "is a file"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_message_and_status_2(project, capsys, name):
    spoil, said = BAD[name]
    spoil(project)
    before = sorted(p.name for p in project.iterdir())
    assert ingest(project) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("gluteal ingest: ")
    assert "Traceback" not in err
    assert sorted(p.name for p in project.iterdir()) == before


def test_a_fault_leaves_the_package_of_before(project):
    ingest(project)
    before = (project / "package" / "participants.csv").read_bytes()
    raw(GOOD.replace("Hernia", "Hernie"))(project)
    assert ingest(project) == 2
    assert (project / "package" / "participants.csv").read_bytes() == before


def test_the_real_vertebral_table(project, real_data):
    shutil.copy(real_data / "vertebral" / "column_3C_weka.csv", project / RAW)
    assert ingest(project) == 0
    assert run(["check", str(project / "package")]) == 0
    provenance = json.loads((project / "package" / "provenance.json").read_text())
    assert provenance["sources"][0]["rows_in"] == 310
    assert provenance["rows"]["measurements"] == 1860


def test_the_real_strength_table(tmp_path, root, real_data):
    pd = pytest.importorskip("pandas")
    target = tmp_path / "data" / "raw" / "strength-volume" / "strengthvolume.csv"
    target.parent.mkdir(parents=True)
    shutil.copy(real_data / "strength-volume" / "strengthvolume.csv", target)
    shutil.copy(root / "config/examples/mappings/strength-volume.yaml", tmp_path / "mapping.yaml")
    assert ingest(tmp_path) == 0
    assert run(["check", str(tmp_path / "package")]) == 0
    package = tmp_path / "package"
    source = pd.read_csv(target)
    legs = source[source["exercise"].isin(["legpress", "legext"])]
    made = pd.read_csv(package / "measurements.csv", dtype=str, keep_default_na=False)
    assert len(made) == len(legs) == 936
    assert (made["value"] == "NA:not_recorded").sum() == legs["load"].isna().sum() == 136
    assert len(pd.read_csv(package / "participants.csv")) == source["participant"].nunique() == 39
    assert len(pd.read_csv(package / "visits.csv")) == 39 * 6
