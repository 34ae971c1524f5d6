"""The simulated fixture that R fitted too, and R's answers."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def long(parity):
    return pd.read_csv(parity / "data" / "long.csv")


@pytest.fixture(scope="session")
def base(long):
    return long[long["wave"] == 0].reset_index(drop=True)


@pytest.fixture(scope="session")
def answers(parity):
    return lambda name: json.loads((parity / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def matrix():
    """Build a design with intercept from columns of a frame."""
    return lambda frame, *names: np.column_stack([np.ones(len(frame)), frame[list(names)]])


@pytest.fixture(scope="session")
def poor_data():
    """Make small arrays with a fault: outcome, 0/1 exposure, design with intercept."""

    def of(seed, n, kind):
        rng = np.random.default_rng([seed, 99])
        z = np.column_stack([np.ones(n), rng.normal(size=(n, 2)).round(1)])
        a, y = rng.integers(0, 2, n).astype(float), rng.normal(size=n)
        if kind == "missing":
            y[rng.integers(n)] = rng.choice([np.nan, np.inf])
        elif kind == "separated":
            a = (z[:, 1] > 0).astype(float)
        elif kind == "collinear":
            z[:, 2] = z[:, 1]
        elif kind == "constant":
            y[:] = 1.0
        elif kind == "huge":
            z[:, 1] *= 1e8
        return y, a, z

    return of
