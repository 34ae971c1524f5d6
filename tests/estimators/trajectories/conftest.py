"""Courses of three known classes, and courses drawn anew."""

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.trajectories import fit_trajectories


@pytest.fixture(scope="session")
def courses(parity):
    """Rows of 200 people at five visits, 45 missed."""
    frame = pd.read_csv(parity / "data" / "trajectories.csv")
    return tuple(frame[name].to_numpy() for name in ("pain", "time", "id"))


@pytest.fixture(scope="session")
def covariates(parity):
    frame = pd.read_csv(parity / "data" / "trajectory_people.csv")
    return np.column_stack([np.ones(len(frame)), frame["x1"], frame["x2"]])


@pytest.fixture(scope="session")
def three(courses):
    return fit_trajectories(*courses, 3)


@pytest.fixture(scope="session")
def draw():
    """Simulate people whose class depends on x; 5 visits, two linear courses or more."""

    def drawn(rng, n, levels=(2.0, 5.0), slope=0.0, sd=1.2, visits=5):
        x = rng.normal(size=n)
        eta = np.outer(x, np.arange(len(levels)) * slope)
        chance = np.exp(eta) / np.exp(eta).sum(1, keepdims=True)
        which = (rng.random(n)[:, None] > chance.cumsum(1)[:, :-1]).sum(1)
        time = np.tile(np.arange(visits), n)
        person = np.repeat(np.arange(n), visits)
        y = np.array(levels)[which][person] - 0.2 * which[person] * time
        return y + rng.normal(0, sd, n * visits), time, person, which, x

    return drawn
