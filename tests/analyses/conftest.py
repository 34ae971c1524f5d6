"""A small cohort built from the simulated fixture that R fitted too, and R's answers."""

import json

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort

VISITS = {0: "baseline", 1: "week04", 2: "week08", 3: "week12"}


def build_cohort(long: pd.DataFrame) -> Cohort:
    """Name the fixture's columns as the dictionary does."""
    ids = long["id"].map("P{:03d}".format)
    first = long["wave"] == 0
    base = long[first]
    people = pd.DataFrame(
        {
            "participant_id": ids[first],
            "age_years": base["age"].astype(float),
            "sex": pd.Categorical(np.where(base["female"] == 1, "f", "m"), ["f", "m"]),
            "prior_lbp": pd.array(base["prior_lbp"] == 1, dtype="boolean"),
            "lbp": pd.array(base["lbp"] == 1, dtype="boolean"),
        }
    )
    mass = 20 * long["bmi"] / 8 + long["age"] / 10
    visits = pd.DataFrame(
        {
            "participant_id": ids,
            "visit": long["wave"].map(VISITS),
            "hip_abd_nm_kg": long["glute"],
            "hip_abd_nm": long["glute"] * mass,
            "body_mass_kg": mass,
            "nprs_avg": long["pain"],
            "bmi_kg_m2": long["bmi"],
            "days_with_pain_28d": long["days"].astype(float),
            "startback_psych": long["grade"].astype(float),
            "med_analgesic_24h": pd.array(long["lbp"] == 1, dtype="boolean"),
        }
    )
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, visits, sides, pd.DataFrame())


@pytest.fixture(scope="session")
def long(parity):
    return pd.read_csv(parity / "data" / "long.csv")


@pytest.fixture
def small(long):
    """The cohort of 180 people and four visits."""
    return build_cohort(long)


@pytest.fixture(scope="session")
def answers(parity):
    return lambda name: json.loads((parity / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def same_numbers():
    """Compare an estimate with R's row to so many digits."""

    def compare(found, want, rtol=1e-7):
        for key in ("estimate", "se", "df", "low", "high", "p"):
            if want[key] is None:
                assert found[key] is None, key
            else:
                assert found[key] == pytest.approx(want[key], rel=rtol, abs=1e-12), key

    return compare
