"""How the causal engine grows with people; it has no peer promise."""

from __future__ import annotations

import harness  # noqa: F401  (sets one thread before numpy starts)
import numpy as np

from gluteal.estimators.causal import (
    accumulate,
    estimate_aipw,
    estimate_iptw,
    fit_msm,
    standardise_outcome,
    weigh_binary,
    weigh_remaining,
)

COVARIATES, VISITS = 8, 4


def chance(line):
    return 1 / (1 + np.exp(-line))


def people(n):
    rng = np.random.default_rng([n, 1])
    c = rng.normal(size=(n, COVARIATES))
    a = (rng.uniform(size=n) < chance(c[:, 0] - 0.5 * c[:, 1])).astype(float)
    y = (rng.uniform(size=n) < chance(c @ np.full(COVARIATES, 0.3) - 0.5 * a)).astype(float)
    return y, a, np.column_stack([np.ones(n), c])


def gcomputation(n):
    y, a, z = people(n)
    designs = [np.column_stack([z, np.full(n, v)]) for v in (0.0, 1.0)]
    return lambda: standardise_outcome(np.column_stack([z, a]), y, designs, "logistic")


def iptw(n):
    y, a, z = people(n)
    return lambda: estimate_iptw(y, a, z)


def aipw(n):
    y, a, z = people(n)
    return lambda: estimate_aipw(y, a, z, z, "logistic")


def msm(n):
    """Exposure and dropout over four visits: rows are four times as many."""
    rng = np.random.default_rng([n, 2])
    person, visit = np.repeat(np.arange(n), VISITS), np.tile(np.arange(float(VISITS)), n)
    pain = rng.normal(size=n * VISITS)
    a = (rng.uniform(size=n * VISITS) < chance(0.5 * pain)).astype(float)
    stayed = (rng.uniform(size=n * VISITS) < chance(2 - 0.4 * pain)).astype(float)
    y = 0.4 * pain - 0.5 * a + rng.normal(size=n * VISITS)
    one = np.ones(n * VISITS)
    z, top = np.column_stack([one, pain, visit]), np.column_stack([one, visit])
    x = np.column_stack([one, a, visit])

    def work():
        weights = weigh_binary(a, z, numerator=top).times(weigh_remaining(stayed, z, numerator=top))
        return fit_msm(x, y, accumulate(weights, person, visit), person=person)

    return work


GROWTH = {
    "g-computation": gcomputation,
    "IPTW, stacked": iptw,
    "AIPW, stacked": aipw,
    "marginal structural model, 4 visits": msm,
}
