"""How often bootstrap intervals of an indirect effect hold the truth when people are seen 4 times.

    python benchmarks/simulations/mediation_coverage.py

Writes docs/simulations/mediation_coverage.md.
"""

from __future__ import annotations

import os

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

from pathlib import Path

import numpy as np

from gluteal.estimators.mediation import mediate

PAGE = Path(__file__).parents[2] / "docs" / "simulations" / "mediation_coverage.md"
SETS, PEOPLE, VISITS, RESAMPLES = 1000, 50, 4, 1000
A, B, DIRECT = 0.5, 0.5, 0.2
TRAITS = (0.5, 0.9)  # share of strength's variance between people
WAYS = {
    "people, percentile": ("cluster", "percentile"),
    "people, BCa": ("cluster", "bca"),
    "rows, percentile": ("rows", "percentile"),
    "rows, BCa": ("rows", "bca"),
}


def simulate(rng: np.random.Generator, trait: float) -> tuple[np.ndarray, ...]:
    """People with strength, tilt and pain; ``trait`` of strength's variance is between people."""
    person = np.repeat(np.arange(PEOPLE), VISITS)

    def noise(share: float = 0.5) -> np.ndarray:
        own = rng.normal(size=PEOPLE)[person]
        return share**0.5 * own + (1 - share) ** 0.5 * rng.normal(size=PEOPLE * VISITS)

    strength = noise(trait)
    tilt = A * strength + noise()
    pain = B * tilt + DIRECT * strength + noise()
    return person, strength, tilt, pain


def run(trait: float) -> dict[str, np.ndarray]:
    """Return low and high of each way in each data set, shape (sets, 2), and the estimates."""
    found = {name: np.empty((SETS, 2)) for name in WAYS}
    found["estimate"] = np.empty((SETS, 1))
    for k in range(SETS):
        person, *data = simulate(np.random.default_rng([17, k]), trait)
        for name, (unit, kind) in WAYS.items():
            cluster = person if unit == "cluster" else None
            fit = mediate(*data, kind=kind, resamples=RESAMPLES, seed=k, cluster=cluster)
            effect = fit.effect("indirect")
            found[name][k] = effect.low, effect.high
        found["estimate"][k] = effect.estimate
    return found


def lines(trait: float) -> list[str]:
    """Rows of the table for one share of strength between people."""
    found, truth = run(trait), A * B
    estimate = found.pop("estimate")
    rows: list[str] = []
    for name, ends in found.items():
        low, high = ends.T
        below, above = 100 * (low > truth).mean(), 100 * (high < truth).mean()
        rows.append(
            f"| {100 * trait:.0f} % | {name} | {100 - below - above:.1f} % | {below:.1f} % | "
            f"{above:.1f} % | {(high - low).mean():.3f} | {estimate.mean():.3f} | "
            f"{estimate.std(ddof=1):.3f} |"
        )
    return rows


def main() -> None:
    """Run, print and write the page."""
    table = "\n".join(line for trait in TRAITS for line in lines(trait))
    error = 100 * (0.95 * 0.05 / SETS) ** 0.5
    text = f"""# Coverage of the bootstrap of an indirect effect in repeated rows

{SETS:,} simulated studies of {PEOPLE} people, each seen {VISITS} times. Strength acts on tilt
({A}), tilt on pain ({B}), strength on pain directly ({DIRECT}); the true indirect effect is
{A * B}. Half of the variance of tilt's error and of pain's error lies between people; of strength's
variance, the share in the first column. Every interval is one of 95 % from {RESAMPLES:,} resamples.
A coverage of 95 % is known here to ± {error:.1f} points (one Monte-Carlo standard error).

| between people | drawn, interval | coverage | truth below | above | width | mean | SD |
|---:|---|---:|---:|---:|---:|---:|---:|
{table}

Width is the mean width; mean and SD are those of the {SETS:,} estimates. Drawing rows as if they
were independent makes intervals too narrow: rows of a person repeat what that person already said.
`mediate(..., cluster=person)` draws people.

Written by `python benchmarks/simulations/mediation_coverage.py` (seeds fixed).
"""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
