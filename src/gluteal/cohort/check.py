"""Every fault of a cohort at once: what the reader found, and what the cells say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluteal.cohort.answers import check_answers
from gluteal.cohort.body import check_angles, check_mass
from gluteal.cohort.cells import check_cells
from gluteal.cohort.course import check_course
from gluteal.cohort.force_units import check_force_units
from gluteal.cohort.grid import Grid
from gluteal.cohort.keys import check_duplicates, check_links, check_twins
from gluteal.cohort.measured import Measured, check_measurements
from gluteal.cohort.package import Package
from gluteal.cohort.tables import TABLES
from gluteal.cohort.trials import check_trials
from gluteal.errors import Fault

NEEDED = ("participant_id", "visit", "test", "side", "trial", "value", "unit", "status")


def check_package(package: Package, instruments: Mapping[str, Any] | None = None) -> list[Fault]:
    """Check a package against the dictionary, its own keys, and plausibility.

    Parameters
    ----------
    package : Package
        From `open_package`, which keeps the faults of reading so that all are listed together.
    instruments : mapping, optional
        The study's settings of its questionnaires (units, recodes).

    Returns
    -------
    list of Fault
        Errors, which have to be mended, and queries, which a person looks through: unusual values
        and suspicions. Nothing is ever mended here.
    """
    grids = {
        name: Grid(name, str(package.paths[name]), table, package.skipped.get(name, ()))
        for name, table in package.tables.items()
    }
    faults = [*package.faults, *_changed(package)]
    for name, grid in grids.items():
        faults += check_cells(grid)
        faults += check_duplicates(grid)
        faults += _voids(grid)
        if name == "participants":
            faults += check_twins(grid)
        if name == "responses":
            faults += check_answers(grid, instruments)
    faults += check_links(grids)
    faults += check_course(grids)
    faults += check_mass(grids)
    trials = grids.get("measurements")
    if trials is not None and trials.n and all(column in trials for column in NEEDED):
        measured = Measured(trials)
        faults += check_measurements(measured)
        faults += check_trials(measured)
        faults += check_angles(measured)
        faults += check_force_units(measured, grids)
    place = {str(path): number for number, path in enumerate(package.paths.values())}
    return sorted(faults, key=lambda fault: (place.get(fault.file, -1), fault.row or 0))


def _voids(grid: Grid) -> list[Fault]:
    """Query variables without a single value: all missing is rarely meant."""
    if grid.n == 0:
        return []
    fixed = {column.name for column in TABLES[grid.name].columns if not column.may_miss}
    rule, remedy = "there is no value in this column", "Add values, or take the column out."
    return [
        Fault(grid.file, rule, remedy, None, name, severity="query")
        for name in grid.names
        if name not in fixed and grid.column(name).missing.all()
    ]


def _changed(package: Package) -> list[Fault]:
    """Query tables that are not the bytes that the descriptor was written for."""
    told = {r.get("path"): r.get("hash") for r in package.descriptor.get("resources", [])}
    rule = "is not the file that datapackage.json describes (another sha256)"
    remedy = "If it was corrected by hand, keep a note of what and why."
    return [
        Fault(str(path), rule, remedy, severity="query")
        for name, path in package.paths.items()
        if name in package.tables
        and told.get(path.name) not in (None, f"sha256:{package.hashes[name]}")
    ]
