"""How often a 95 % interval of estimating equations holds the truth when people are few.

    python benchmarks/simulations/gee_small_samples.py

Four visits a person (a fifth of them missed) share an intercept; an exposure of the person and one
of the visit. Each error of ``fit_gee`` with each of its degrees of freedom.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.estimators.gee import fit_gee
from gluteal.estimators.inference import constant_df

PAGE = Path(__file__).parents[2] / "docs" / "simulations" / "gee_small_samples.md"
SEED, SETS, VISITS = 20261124, 2000, 4
SIZES = (10, 20, 40)
ERRORS = ("robust", "fay_graubard", "kauermann_carroll", "bias_reduced")
NAMES = {
    "robust": "plain sandwich",
    "kauermann_carroll": "Kauermann and Carroll",
    "fay_graubard": "Fay and Graubard",
    "bias_reduced": "Mancl and DeRouen",
}
DF = ("normal", "clusters - p", "Satterthwaite")
TRUTH = np.array([0.0, 0.5, 0.5])
DRAWS = 200_000


def marginal() -> np.ndarray:
    """Return what a population-averaged logistic model sees of the slopes given the person."""
    rng = np.random.default_rng([SEED, 0])
    x = np.column_stack([np.ones(DRAWS), rng.normal(size=(DRAWS, 2))])
    risk = 1 / (1 + np.exp(-(x @ TRUTH + rng.normal(size=DRAWS))))
    fit: Any = fit_gee(x, risk, np.arange(DRAWS), "logistic", "independence", errors="robust")
    return fit.coef


def rates(family: str, people: int, truth: np.ndarray) -> tuple[np.ndarray, int]:
    """Return coverage by errors, df and coefficient (person's, visit's), and sets left out."""
    hits, done = np.zeros((len(ERRORS), len(DF), 2)), 0
    for k in range(SETS):
        rng = np.random.default_rng([SEED, people, k])
        seen = rng.uniform(size=people * VISITS) < 0.8
        who = np.repeat(np.arange(people), VISITS)[seen]
        x = np.column_stack(
            [np.ones(len(who)), rng.normal(size=people)[who], rng.normal(size=len(who))]
        )
        eta = x @ TRUTH + rng.normal(size=people)[who]
        y = eta + rng.normal(size=len(who))
        if family == "logistic":
            y = (rng.uniform(size=len(who)) < 1 / (1 + np.exp(-eta))).astype(float)
        fits: list[Any] = [fit_gee(x, y, who, family, errors=e) for e in ERRORS]  # pyright: ignore
        if not all(fit.converged for fit in fits):
            continue
        done += 1
        for i, fit in enumerate(fits):
            count = fit.extra["clusters"]
            kinds = (np.inf, float(count - 3), None)
            for j, df in enumerate(kinds):
                model = fit if df is None else replace(fit, df_of=constant_df(df))
                for c in (1, 2):
                    found = model.coefficient(c)
                    hits[i, j, c - 1] += found.low < truth[c] < found.high
    return hits / done, SETS - done


def main() -> None:
    """Run both families at all sizes and write the page."""
    wanted = {"linear": TRUTH, "logistic": marginal()}
    text: list[str] = []
    for family, truth in wanted.items():
        tables = {people: rates(family, people, truth) for people in SIZES}
        left = ", ".join(f"{gone} at {people}" for people, (_found, gone) in tables.items())
        text += [f"## {family.capitalize()}", ""]
        text += [f"Left out of {SETS:,} because a fit was flagged: {left}.", ""]
        head = " | ".join(f"person, {n} | visit, {n}" for n in SIZES)
        text += [f"| error | degrees of freedom | {head} |", "|---|---|" + "---:|" * 2 * len(SIZES)]
        for i, error in enumerate(ERRORS):
            for j, df in enumerate(DF):
                cells = " | ".join(
                    f"{100 * tables[n][0][i, j, c]:.1f} %" for n in SIZES for c in (0, 1)
                )
                text.append(f"| {NAMES[error]} | {df} | {cells} |")
        text.append("")
        print("\n".join(text), flush=True)
        least = tables[SIZES[0]][0][ERRORS.index("kauermann_carroll"), 2].min()
        if least < 0.93:
            raise AssertionError(f"the default covers {least:.1%} with {SIZES[0]} people")
    noise = 100 * (0.05 * 0.95 / SETS) ** 0.5
    PAGE.write_text(
        "# Few people: do intervals of estimating equations hold?\n\n"
        f"Share of 95 % intervals that hold the truth, {SETS:,} data sets of 10, 20 and 40 people "
        f"with up to {VISITS} visits, an exchangeable working correlation; simulation error "
        f"{noise:.1f} points. The exposure of the person differs between people only, that of the "
        "visit within them. `fit_gee` takes Kauermann and Carroll's errors with Satterthwaite's "
        "degrees of freedom unless told otherwise. Written by "
        f"`benchmarks/simulations/gee_small_samples.py` (seed {SEED}).\n\n" + "\n".join(text),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
