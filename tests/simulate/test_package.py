"""The whole package: bytes, keys, and what the check says of it."""

import hashlib
import json

import pytest

from gluteal.cohort.check import check_package
from gluteal.cohort.package import open_package, read_package, write_package
from gluteal.simulate import make_tables, simulate
from gluteal.simulate.streams import BLOCK, settle


def digest(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes(tmp_path, form):
    for name, seed in (("a", 2), ("b", 2), ("c", 3)):
        simulate(tmp_path / name, n=50, seed=seed, dirt=True, form=form)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_chunks_do_not_change_the_bytes(tmp_path):
    settings = settle(90, 2)

    def cut(chunks, rows):
        for chunk in chunks:
            for start in range(0, max(len(chunk), 1), rows):
                yield chunk.slice(start, rows)

    for name, rows in (("a", 10**9), ("b", 777)):
        tables = {k: cut(chunks, rows) for k, chunks in make_tables(settings).items()}
        write_package(tmp_path / name, tables, title="t", synthetic=True)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_block_does_not_know_how_many_follow():
    from gluteal.simulate.people import make_participants

    one = next(make_participants(settle(BLOCK, 2)))
    two = list(make_participants(settle(2 * BLOCK, 2)))
    assert two[0].to_pydict() == one.to_pydict()
    assert len(two) == 2


def test_parquet_and_csv_hold_the_same_cells(tmp_path):
    for form in ("csv", "parquet"):
        simulate(tmp_path / form, n=30, form=form)
    csv, parquet = (read_package(tmp_path / form).tables for form in ("csv", "parquet"))
    assert csv.keys() == parquet.keys()
    assert all(csv[name].equals(parquet[name]) for name in csv)


def test_a_clean_cohort_has_no_error(package):
    faults = check_package(open_package(package))
    assert [str(f) for f in faults if f.severity == "error"] == []


@pytest.mark.parametrize("design", ["case_control", "cohort", "repeated", "programme"])
@pytest.mark.parametrize("world", ["seed", "null"])
def test_every_design_makes_a_sound_package(tmp_path, design, world):
    simulate(tmp_path / "c", n=40, world=world, design=design, mnar=True)
    package = open_package(tmp_path / "c")
    assert not [f for f in check_package(package) if f.severity == "error"]
    assert package.synthetic
    assert ("sessions" in package.tables) == (design == "programme")


def test_one_participant_is_enough(tmp_path):
    simulate(tmp_path / "c", n=1)
    assert read_package(tmp_path / "c").tables["participants"].num_rows == 1


def test_the_package_says_that_no_one_is_real(package):
    told = json.loads((package / "datapackage.json").read_text())
    assert told["title"].startswith("Synthetic")
    assert told["gluteal"]["synthetic"] is True
    assert json.loads((package / "truth.json").read_text())["synthetic"] is True


def test_the_committed_example_is_what_the_command_makes(tmp_path, root):
    simulate(tmp_path / "example", n=400, seed=1)
    assert digest(tmp_path / "example") == digest(root / "data" / "example")
