"""What many tests share."""

from __future__ import annotations

import os
from pathlib import Path

# Tests run side by side: before numpy is imported anywhere, one thread for each.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
# A slow machine is no failed test.
settings.register_profile("gluteal", deadline=None)
settings.load_profile("gluteal")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that need it skip, and say so, where it is absent."""
    folder = Path(os.environ.get("GLUTEAL_REAL_DATA", ROOT.parent / "shared" / "real"))
    if not folder.is_dir():
        pytest.skip(f"real data absent: {folder} (set GLUTEAL_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def parity() -> Path:
    """The folder of R scripts and the answers they wrote."""
    return ROOT / "tests" / "parity"


@pytest.fixture
def two_legs(parity):
    """A cohort of 120 people with both legs squeezed and measured; R fitted the same numbers."""
    import numpy as np
    import pandas as pd

    from gluteal.cohort.derived import Cohort

    rows = pd.read_csv(parity / "data" / "two_legs.csv", keep_default_na=False)
    wide = {side: rows[rows["side"] == side].reset_index(drop=True) for side in ("left", "right")}
    base, right = wide["left"], wide["right"]
    key = {"participant_id": base["id"]}
    levels = [str(code) for code in range(5)]
    people = pd.DataFrame(
        key
        | {
            "age_years": base["age"].astype(float),
            "lbp": pd.array(base["lbp"] == 1, dtype="boolean"),
            "pain_side": pd.Categorical(
                base["pain"], ["none", "left", "right", "bilateral", "central"]
            ),
        }
    )
    log = np.log(right["strength"] / base["strength"])
    visits = pd.DataFrame(
        key
        | {
            "visit": "baseline",
            "hip_abd_nm_kg": (base["strength"] + right["strength"]) / 2,
            "hip_abd_asym_log": log,
            "hip_abd_asym_abs_log": abs(log),
            "nprs_avg": base["nprs"].astype(float),
            "agg_stand": base["grade"].astype(float),
            "agg_walk": right["grade"].astype(float),
            "pain_site_left_si": pd.array(base["si"] == 1, dtype="boolean"),
            "pain_site_right_si": pd.array(right["si"] == 1, dtype="boolean"),
        }
    )
    sides = pd.DataFrame(
        {
            "participant_id": rows["id"],
            "visit": "baseline",
            "side": rows["side"],
            "hip_abd_nm_kg": rows["strength"],
            "squeeze_grade": pd.Categorical(rows["grade"].astype(str), levels, ordered=True),
        }
    )
    columns = ["participant_id", "visit", "side", "variable", "assessor", "trial", "value"]
    return Cohort(people, visits, sides, pd.DataFrame(columns=columns))


@pytest.fixture(scope="session")
def followed_up(parity):
    """A cohort of 180 people free of pain, seen at four later visits; R fitted the same numbers."""
    import numpy as np
    import pandas as pd

    from gluteal.cohort.derived import Cohort

    rows = pd.read_csv(parity / "data" / "incident.csv")
    weeks = np.array([0, 4, 8, 12, 16])
    time = rows["time"].to_numpy()[:, None]
    hit = (rows["event"].to_numpy()[:, None] == 1) & (time <= weeks[-1])
    came, seen = hit & (time <= weeks), ~hit & (time >= weeks)
    free = (hit & (time > weeks)) | seen
    status = np.where(came, 1.0, np.where(free, 0.0, np.nan))
    last = np.where(seen, weeks, 0).max(axis=1) * 7.0
    onset = np.ceil(7 * time[:, 0])
    ids = rows["id"].map("P{:03d}".format)
    people = pd.DataFrame(
        {
            "participant_id": ids,
            "lbp": pd.array([False] * len(rows), dtype="boolean"),
            "sex": pd.Categorical(np.where(rows["female"] == 1, "f", "m"), ["f", "m"]),
            "age_years": rows["age"],
            "prior_lbp": pd.array(rows["prior_lbp"] == 1, dtype="boolean"),
            "incident_lbp": pd.array(hit[:, 0], dtype="boolean"),
            "incident_lbp_day": np.where(hit[:, 0], onset, np.nan),
            "follow_up_day": np.where(hit[:, 0], onset, last),
        }
    )
    strength = rows["glute"].to_numpy()
    mean = strength.mean()
    later = mean + 0.7 * (strength - mean) + 0.2 * np.sin(rows["id"].to_numpy())
    table = {
        "participant_id": np.repeat(ids.to_numpy(), len(weeks)),
        "visit": np.tile(["baseline", *(f"week{w:02d}" for w in weeks[1:])], len(rows)),
        "week_nominal": np.tile(weeks.astype(float), len(rows)),
        "study_day": np.tile(7.0 * weeks, len(rows)),
        "incident_lbp": pd.array(status.ravel(), dtype="Float64").astype("boolean"),
        "hip_abd_nm_kg": np.where(
            weeks == 0, strength[:, None], np.where(free, later[:, None], np.nan)
        ).ravel(),
        "nprs_avg": np.where(
            np.isnan(status), np.nan, (rows[["id"]].to_numpy() + weeks) % 3 // 2
        ).ravel(),
    }
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    trials = pd.DataFrame({"participant_id": [], "value": []})
    return Cohort(people, pd.DataFrame(table), sides, trials)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    """Derived tables of a simulated cohort, made once a session for each choice."""
    from functools import cache

    from gluteal.cohort.derive import derive
    from gluteal.cohort.package import read_package
    from gluteal.simulate import simulate

    @cache
    def make(world="evidence", n=2000, seed=17, design="case_control"):
        folder = tmp_path_factory.mktemp("simulated") / "package"
        simulate(folder, n, seed, world, form="parquet", design=design)
        return derive(read_package(folder), {})

    return make
