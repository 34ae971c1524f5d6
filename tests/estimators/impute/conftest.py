"""Data with missing values whose complete answer is known."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def missing_at_random():
    """y = 1 + x + 0.5 z + e; x is missing where y and z are high: complete cases are biased."""

    def make(n, seed, share=0.5):
        rng = np.random.default_rng([seed, 77])
        z = rng.normal(size=n)
        x = 0.5 * z + rng.normal(size=n)
        y = 1 + x + 0.5 * z + rng.normal(size=n)
        chance = 1 / (1 + np.exp(-(1.5 * (y - 1) + 0.5 * z + np.log(share / (1 - share)))))
        data = np.column_stack([y, x, z])
        data[rng.random(n) < chance, 1] = np.nan
        return data

    return make
