"""How the sensitivity analyses that touch every row grow with people; they have no peer promise."""

from __future__ import annotations

import harness  # noqa: F401  (sets one thread before numpy starts)
import numpy as np

from gluteal.estimators.sensitivity import (
    ErrorVariance,
    Regression,
    bound_by_benchmarks,
    calibrate_regression,
    check_negative_controls,
    fit_simex,
)


def people(n):
    rng = np.random.default_rng([n, 3])
    c = rng.normal(size=(n, 4))
    truth = 0.5 * c[:, 0] + rng.normal(size=n)
    x = np.column_stack([np.ones(n), truth + 0.5 * rng.normal(size=n), c])
    return x, truth + c @ np.full(4, 0.3) + rng.normal(size=n)


def calibration(n):
    x, y = people(n)
    return lambda: calibrate_regression(x, y, ErrorVariance(0.25, 0.02))


def simex(n):
    x, y = people(n)
    return lambda: fit_simex(x, y, ErrorVariance(0.25, 0.02), replicates=50)


def simex_logistic(n):
    x, y = people(n)
    return lambda: fit_simex(
        x, (y > 0).astype(float), ErrorVariance(0.25), 1, "logistic", replicates=50
    )


def controls(n):
    x, y = people(n)
    rng = np.random.default_rng([n, 4])
    others = [Regression(f"control {k}", x, rng.normal(size=n)) for k in range(5)]
    return lambda: check_negative_controls(Regression("main", x, y), others)


def bounds(n):
    x, y = people(n)
    return lambda: bound_by_benchmarks(x, y, 1, {"first": [2], "all": [2, 3, 4, 5]})


GROWTH = {
    "regression calibration": calibration,
    "SIMEX, 4 x 50 linear fits": simex,
    "SIMEX, 4 x 50 logistic fits": simex_logistic,
    "5 negative controls, stacked": controls,
    "bounds by benchmark": bounds,
}
