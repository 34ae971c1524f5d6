"""How often a group's slope is called different when it is not: z, Satterthwaite, Kenward-Roger.

    python benchmarks/simulations/kenward_roger.py

Two groups of people with four visits, a random intercept and slope, no difference between groups.
"""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np

from gluteal.estimators.lmm import choose_df, fit_lmm

PAGE = Path(__file__).parents[2] / "docs" / "simulations" / "kenward_roger.md"
SEED, SETS, VISITS = 20261124, 2000, 4
SIZES = (8, 10, 20)
METHODS = ("normal", "satterthwaite", "kenward_roger")


def rates(people: int) -> tuple[list[float], float, int]:
    """Return the share of p < 0.05 by each method, the share singular, and how many failed."""
    who, t = np.repeat(np.arange(people), VISITS), np.tile(np.arange(float(VISITS)), people)
    group = (who % 2).astype(float)
    x = np.column_stack([np.ones(len(t)), t, group, group * t])
    weights = np.array([0, 0, 0, 1.0])
    hits, singular, failed = np.zeros(len(METHODS)), 0, 0
    for k in range(SETS):
        rng = np.random.default_rng([SEED, people, k])
        u = rng.normal(size=(people, 2)) * [1.0, 0.5]
        y = 1 + 0.3 * t + u[who, 0] + u[who, 1] * t + rng.normal(size=len(t))
        fit = fit_lmm(x, y, who, x[:, :2])
        singular += fit.singular
        failed += not fit.converged
        for j, method in enumerate(METHODS):
            found = choose_df(fit, method).contrast(weights)
            hits[j] += found.p < 0.05
            if method == "normal" and found.df != inf:
                raise AssertionError("the normal has no degrees of freedom")
    return list(hits / SETS), singular / SETS, failed


def main() -> None:
    """Run all sizes and write the page."""
    lines = [
        "| people | z | Satterthwaite | Kenward-Roger | singular fits | did not converge |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for people in SIZES:
        share, singular, failed = rates(people)
        cells = " | ".join(f"{100 * one:.1f} %" for one in share)
        lines.append(f"| {people} | {cells} | {100 * singular:.0f} % | {failed} |")
        print(lines[-1], flush=True)
        if people == SIZES[0] and not 0.03 <= share[-1] <= 0.06:
            raise AssertionError(f"Kenward-Roger rejects {share[-1]:.1%} where nothing is")
    error = 100 * (0.05 * 0.95 / SETS) ** 0.5
    PAGE.write_text(
        "# Small groups: does a mixed model see differences that are not there?\n\n"
        f"Share of p < 0.05 for the difference of two groups' slopes in {SETS} simulated data sets "
        f"without one (nominal 5 %; Monte Carlo error {error:.1f} points): {VISITS} visits, random "
        "intercept (SD 1) and slope (SD 0.5), residual SD 1, half of the people in each group.\n\n"
        + "\n".join(lines)
        + "\n\nz is what statsmodels' `MixedLM` prints. "
        f"Written by `benchmarks/simulations/kenward_roger.py` (seed {SEED}).\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
