"""Small cohorts in memory, for the tests of derive."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from gluteal.cohort.package import Package

MEASURED = {
    "visit": "baseline",
    "position": "na",
    "muscle": "na",
    "side": "na",
    "trial": "1",
    "unit": "1",
    "status": "done",
    "censored": "none",
    "assessor": "A",
    "version": "0",
    "correction_reason": "na",
}


def force(who, side, value, trial="1", *, muscle="abd", unit="N", **more):
    """One row of hip force."""
    return {
        **MEASURED,
        "participant_id": who,
        "test": "hip_force",
        "muscle": muscle,
        "position": "side_lying",
        "side": side,
        "trial": str(trial),
        "value": str(value),
        "unit": unit,
        **more,
    }


def lever(who, side, value, *, muscle="abd", unit="m", **more):
    """One row of lever arm."""
    return {**force(who, side, value, muscle=muscle, unit=unit), "test": "lever_arm", **more}


def measure(who, test, value, **more):
    """One row of any other test."""
    return {**MEASURED, "participant_id": who, "test": test, "value": str(value), **more}


def person(who, **more):
    """One participant."""
    return {"participant_id": who, "sex": "f", "height_m": "1.70", **more}


def visit(who, name="baseline", week="0", mass="70", **more):
    """One visit."""
    return {
        "participant_id": who,
        "visit": name,
        "week_nominal": week,
        "attended": "1",
        "body_mass_kg": mass,
        **more,
    }


def as_table(rows):
    columns = dict.fromkeys(key for row in rows for key in row)
    return pa.table(
        {c: pa.array([r.get(c, "NA:not_recorded") for r in rows], pa.string()) for c in columns}
    )


class Rows:
    """Makers of rows, and of a package from them."""

    force = staticmethod(force)
    lever = staticmethod(lever)
    measure = staticmethod(measure)
    person = staticmethod(person)
    visit = staticmethod(visit)

    @staticmethod
    def package(**tables):
        made = {name: as_table(rows) for name, rows in tables.items() if rows}
        descriptor = {"title": "small", "gluteal": {"synthetic": True}}
        return Package(Path("small"), descriptor, made, {})


@pytest.fixture(scope="session")
def rows():
    return Rows


@pytest.fixture
def two_people(rows):
    """Two people at baseline with three trials a side, all numbers easy to follow."""
    measured = []
    for who, left, right in (("P1", (100, 110, 120), (120, 130, 140)), ("P2", (90,), (60,))):
        for side, values in (("left", left), ("right", right)):
            measured.append(rows.lever(who, side, "0.8"))
            measured += [rows.force(who, side, v, n + 1) for n, v in enumerate(values)]
    return {
        "participants": [
            rows.person("P1", pain_side="left", lbp="1"),
            rows.person("P2", pain_side="bilateral", lbp="0"),
        ],
        "visits": [rows.visit("P1", mass="80"), rows.visit("P2", mass="60")],
        "measurements": measured,
    }
