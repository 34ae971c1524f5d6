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
