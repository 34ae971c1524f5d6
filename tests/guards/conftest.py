"""One simulated cohort, as a package and as derived tables, for all guards."""

from __future__ import annotations

import csv

import pytest

from gluteal.cohort.check import check_package
from gluteal.cohort.derive import derive
from gluteal.cohort.package import open_package, read_package
from gluteal.simulate import simulate


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guards") / "cohort"
    simulate(folder, 240, 11, "evidence")
    return folder


@pytest.fixture(scope="session")
def world(package):
    return derive(read_package(package), {})


@pytest.fixture
def broken(package, tmp_path):
    """Change rows of one table of a copy of the package; return the rules that it then breaks."""
    import shutil

    def change(table, edit):
        folder = tmp_path / "broken"
        shutil.copytree(package, folder)
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        edit(rows)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return [f for f in check_package(open_package(folder)) if "sha256" not in f.rule]

    return change
