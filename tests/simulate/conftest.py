"""One small cohort and one large sample for all tests of the simulation."""

import csv

import pytest

from gluteal.simulate import simulate
from gluteal.simulate.streams import Block, settle
from gluteal.simulate.survey import BATCH, survey


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """A package of 120 people."""
    folder = tmp_path_factory.mktemp("simulated") / "cohort"
    simulate(folder, n=120, seed=5)
    return folder


@pytest.fixture(scope="session")
def rows(package):
    """Read a table of the package as a list of dicts."""

    def read(name):
        with (package / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return read


@pytest.fixture(scope="session")
def sample():
    """20,000 people of the evidence world, seen without loss."""
    return next(survey("evidence", BATCH, 3))


@pytest.fixture
def block():
    """Make a block of people of a world."""

    def make(size=2000, world="evidence", seed=11, share=0.6, **options):
        settings = settle(size, seed, world, **options)
        return Block(settings, 0, 0, size, round(share * size))

    return make
