"""Lung cancer (R's survival) and the simulated fixture, with R's answers."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def said(parity):
    return json.loads((parity / "survival.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def lung(parity):
    return pd.read_csv(parity / "data" / "lung.csv")


@pytest.fixture(scope="session")
def ecog(lung):
    return lung.dropna(subset=["ph.ecog"])


@pytest.fixture(scope="session")
def late(ecog):
    """People who entered late, with tied times."""
    kept = ecog.dropna(subset=["inst"])
    kept = kept[kept["ph.ecog"] < 3]
    entry = np.minimum(60 * (kept["inst"] % 4), kept["time"] - 5)
    return kept.assign(time=10 * np.ceil(kept["time"] / 10), entry=10 * np.floor(entry / 10))


@pytest.fixture(scope="session")
def incident(parity):
    return pd.read_csv(parity / "data" / "incident.csv")


@pytest.fixture(scope="session")
def visits(parity):
    """Status at six visits: all kept, and with visits missed."""
    return [pd.read_csv(parity / "data" / f"{name}.csv") for name in ("visits", "visits_missed")]


@pytest.fixture(scope="session")
def two(lung):
    """Two kinds of death, made up by institution, with tied times."""
    kept = lung.dropna(subset=["inst"])
    cause = np.where(kept["status"] == 0, 0, 1 + kept["inst"] % 2)
    return kept.assign(cause=cause, time=10 * np.ceil(kept["time"] / 10))
