"""Slopes of an exposure measured with error: naive, regression calibration, SIMEX.

    python benchmarks/simulations/exposure_error.py

The error variance comes from a reliability study of 30 people measured twice, drawn anew each time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.causal import fit_msm
from gluteal.estimators.sensitivity import (
    ErrorVariance,
    calibrate_regression,
    error_from_sem,
    fit_simex,
    simulate_interval,
)

PAGE = Path(__file__).parents[2] / "docs" / "simulations" / "exposure_error.md"
SEED, SETS, PEOPLE, STUDY = 20261124, 1000, 300, 30
METHODS = (
    "as measured",
    "regression calibration, SEM as known",
    "regression calibration, SEM from the study",
    "the same, Monte Carlo interval",
    "SIMEX, SEM from the study",
)


def one(k: int, reliability: float, family: str) -> list[tuple[float, float, float, float]] | None:
    """Return slope, standard error and limits by every method; None if nothing is reliable."""
    rng = np.random.default_rng([SEED, round(100 * reliability), k])
    c = rng.normal(size=PEOPLE)
    truth = 0.5 * c + 0.75**0.5 * rng.normal(size=PEOPLE)
    error = 1 / reliability - 1
    x = np.column_stack([np.ones(PEOPLE), truth + error**0.5 * rng.normal(size=PEOPLE), c])
    line = truth + 0.5 * c
    y = line + rng.normal(size=PEOPLE)
    if family == "logistic":
        y = (rng.uniform(size=PEOPLE) < 1 / (1 + np.exp(-line))).astype(float)
    sem = (error * rng.chisquare(STUDY) / STUDY) ** 0.5
    unsure = error_from_sem(sem, STUDY)
    try:
        fits = [
            fit_msm(x, y, np.ones(PEOPLE), family),
            calibrate_regression(x, y, ErrorVariance(unsure.value), 1, family),
            calibrate_regression(x, y, unsure, 1, family),
            fit_simex(x, y, unsure, 1, family, replicates=40, seed=k),
        ]
    except UserError:
        return None
    effects = [fit.coefficient(1) for fit in fits]
    effects.insert(3, simulate_interval(fits[2], unsure, seed=k, draws=4000))
    return [(e.estimate, e.se, e.low, e.high) for e in effects]


def main() -> None:
    """Run all designs and write the page."""
    head = "| model | reliability | method | mean slope | SD | mean SE / SD | coverage |"
    lines = [head, "|---|---:|---|---:|---:|---:|---:|"]
    refused = 0
    for family in ("linear", "logistic"):
        for reliability in (0.9, 0.8, 0.6):
            found = [one(k, reliability, family) for k in range(SETS)]
            values = np.array([f for f in found if f is not None])
            refused += SETS - len(values)
            for name, pairs in zip(METHODS, values.transpose(1, 0, 2), strict=True):
                estimates, errors, low, high = pairs.T
                spread = estimates.std(ddof=1)
                inside = ((low <= 1) & (high >= 1)).mean()
                cells = f"{estimates.mean():.3f} | {spread:.3f} | {errors.mean() / spread:.2f}"
                lines.append(
                    f"| {family} | {reliability} | {name} | {cells} | {100 * inside:.1f} % |"
                )
                print(lines[-1], flush=True)
    error = 100 * (0.95 * 0.05 / SETS) ** 0.5
    PAGE.write_text(
        "# An exposure measured with error: what brings the slope back?\n\n"
        f"{SETS} simulated data sets of {PEOPLE} people, slope 1 given one covariate (Monte Carlo "
        f"error of a coverage of 95 %: {error:.1f} points). The standard error of measurement "
        f"(SEM) comes from a reliability study with {STUDY} degrees of freedom, drawn anew for "
        f"each set; {refused} of the {6 * SETS} sets were refused because the study left nothing "
        "reliable.\n\n" + "\n".join(lines) + "\n\n"
        "Regression calibration is exact for linear models and an approximation for logistic "
        "ones; SIMEX with its quadratic curve leaves part of the bias where reliability is low. "
        "An interval that takes the SEM as known is too narrow; where reliability is low, the "
        "slope is skewed, and only the Monte Carlo interval keeps its level.\n\n"
        f"Written by `benchmarks/simulations/exposure_error.py` (seed {SEED}).\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
