"""Classic data as arrays, and a simulated truth."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.glm import mean_of


class Arrays(NamedTuple):
    y: np.ndarray
    a: np.ndarray
    z: np.ndarray
    x: np.ndarray
    designs: list


def dummies(column):
    return [(column == level).astype(float) for level in sorted(column.unique())[1:]]


def as_arrays(y, a, covariates, modifier=None):
    """The exposure comes last, or before its product with the modifier."""
    z = np.column_stack([np.ones(len(y)), *covariates])
    product = [] if modifier is None else [modifier]
    designs = [np.column_stack([z, np.full(len(y), v), *(v * m for m in product)]) for v in (0, 1)]
    x = np.column_stack([z, a, *(a * m for m in product)])
    return Arrays(np.asarray(y, float), np.asarray(a, float), z, x, designs)


@pytest.fixture(scope="session")
def nhefs(parity):
    d = pd.read_csv(parity / "data" / "nhefs.csv")
    covariates = [d.sex, d.race, d.age, d.age**2, *dummies(d.education), d.smokeintensity]
    covariates += [d.smokeintensity**2, d.smokeyrs, d.smokeyrs**2, *dummies(d.exercise)]
    covariates += [*dummies(d.active), d.wt71, d.wt71**2]
    return as_arrays(d.wt82_71, d.qsmk, covariates, d.smokeintensity)


@pytest.fixture(scope="session")
def birthwt(parity):
    return pd.read_csv(parity / "data" / "birthwt.csv")


@pytest.fixture(scope="session")
def births(birthwt):
    def of(outcome):
        b = birthwt
        return as_arrays(b[outcome], b.smoke, [b.age, b.lwt, *dummies(b.race), b.ptl, b.ht, b.ui])

    return of


@pytest.fixture(scope="session")
def simulate():
    """A binary exposure with two confounders and effect 2, or risk difference near 0.2."""

    def of(n, seed, binary=False):
        rng = np.random.default_rng([seed, 90])
        c = rng.normal(size=(n, 2))
        a = (rng.uniform(size=n) < mean_of("logistic", c @ [0.8, -0.5])).astype(float)
        line = c @ [1.0, 1.0] + 2 * a
        y = line + rng.normal(size=n)
        if binary:
            y = (rng.uniform(size=n) < mean_of("logistic", line / 2 - 0.5)).astype(float)
        return as_arrays(y, a, list(c.T))

    return of
