"""How often 95 % intervals of accuracy, reliability and survival hold the truth.

    python benchmarks/simulations/clinical_intervals.py

Writes docs/simulations/clinical_intervals.md.
"""

from __future__ import annotations

import os

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import numpy as np
from scipy import special

from gluteal.estimators.auc import area_interval, areas
from gluteal.estimators.auc_bootstrap import bootstrap_area
from gluteal.estimators.calibration import calibrate
from gluteal.estimators.concordance import concordance_correlation
from gluteal.estimators.many_raters import agree_many
from gluteal.estimators.net_benefit import decision_curve
from gluteal.estimators.replicates import compare_replicates
from gluteal.estimators.survival import (
    concordance,
    cumulative_incidence,
    expand_visits,
    fit_cox,
    fit_discrete,
    kaplan_meier,
    predict_survival,
)

PAGE = Path(__file__).parents[2] / "docs" / "simulations" / "clinical_intervals.md"
SETS, LARGE = 1000, 400_000
Limits = dict[str, tuple[float, float]]
"""Low and high of each interval of one data set."""


def legs(rng: np.random.Generator, people: int) -> tuple[np.ndarray, ...]:
    """Two legs a person, alike: outcome, a risk that is too extreme, whose."""
    who = np.repeat(np.arange(people), 2)
    eta = -0.5 + rng.normal(size=people)[who] + 0.5 * rng.normal(size=2 * people)
    # The reference errs alike in both legs of a person.
    own = rng.normal(size=people)[who] * 0.9 + 0.44 * rng.normal(size=2 * people)
    y = (own < special.ndtri(special.expit(eta))).astype(float)
    return y, special.expit(0.3 + 1.25 * eta), who


def judge_risks(rng: np.random.Generator, n: int) -> Limits:
    """Calibration, area and net benefit of n legs, as if independent and by person."""
    y, p, who = legs(rng, n // 2)
    found: Limits = {}
    for name, person in (("legs as people", None), ("clustered", who)):
        fit = calibrate(y, p, person)
        found[f"calibration slope, {name}"] = fit.slope.low, fit.slope.high
        found[f"calibration in the large, {name}"] = fit.in_the_large.low, fit.in_the_large.high
        area = area_interval(areas(y, p, person=person))
        found[f"area under the ROC curve, {name}"] = area.low, area.high
        drawn = bootstrap_area(y, p, person, resamples=500, seed=int(rng.integers(1 << 30)))
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        found[f"area, percentile bootstrap, {name}"] = float(low), float(high)
        curve = decision_curve(
            y, p, [0.3], person, resamples=500, seed=int(rng.integers(1 << 30))
        ).net_benefit
        found[f"net benefit at 0.3, {name}"] = float(curve.low[0]), float(curve.high[0])
    return found


def true_risks() -> dict[str, float]:
    """The same from a very large sample."""
    y, p, _ = legs(np.random.default_rng(1), LARGE)
    fit, area = calibrate(y, p), float(areas(y, p).values[0])
    benefit = float(decision_curve(y, p, [0.3], resamples=2).net_benefit.value[0])
    known = {
        "calibration slope": fit.slope.estimate,
        "calibration in the large": fit.in_the_large.estimate,
        "area under the ROC curve": area,
        "area, percentile bootstrap": area,
        "net benefit at 0.3": benefit,
    }
    return {f"{k}, {w}": v for k, v in known.items() for w in ("legs as people", "clustered")}


def judge_raters(rng: np.random.Generator, n: int) -> Limits:
    """Lin's coefficient, limits with replicates, kappa of four raters."""
    a, b = rng.multivariate_normal([0, 0.3], [[1, 0.8], [0.8, 1]], n).T
    lin = concordance_correlation(a, b).ccc
    by_person = concordance_correlation(a, b, np.arange(n)).ccc
    own = rng.normal(size=n)[:, None]
    pair = own + rng.normal(0, 0.5, (n, 3)), rng.normal(0, 0.7, (n, 2))
    upper = compare_replicates(*pair).upper
    true = rng.integers(0, 3, n)[:, None]
    table = np.where(rng.uniform(size=(n, 4)) < 0.7, true, rng.integers(0, 3, (n, 4))).astype(float)
    table[rng.uniform(size=table.shape) < 0.1] = np.nan
    raters = agree_many(table, 3)
    return {
        "Lin's concordance": (lin.low, lin.high),
        "Lin's concordance, linearised over people": (by_person.low, by_person.high),
        "upper limit of agreement, replicates": (upper.low, upper.high),
        "Fleiss' kappa, a tenth missing": (raters.fleiss.low, raters.fleiss.high),
        "AC1, a tenth missing": (raters.ac.low, raters.ac.high),
    }


def true_raters() -> dict[str, float]:
    """What these intervals should hold."""
    return {
        "Lin's concordance": 1.6 / 2.09,
        "Lin's concordance, linearised over people": 1.6 / 2.09,
        "upper limit of agreement, replicates": 1.959964 * np.sqrt(1 + 0.25 + 0.49),
        "Fleiss' kappa, a tenth missing": 0.49,
        "AC1, a tenth missing": 0.49,
    }


def judge_times(rng: np.random.Generator, n: int) -> Limits:
    """Hazard ratios by dates and by visits, two legs a person or one; curves; concordance."""
    who = np.repeat(np.arange(n // 2), 2)
    x = rng.normal(size=n // 2)[who]
    shared = -np.log(special.ndtr(rng.normal(size=n // 2)[who] * 0.8 + 0.6 * rng.normal(size=n)))
    time = shared / np.exp(0.5 * x)
    seen, event = np.minimum(time, 1.5), time < 1.5
    naive, robust = fit_cox(x, seen, event), fit_cox(x, seen, event, cluster=who)
    found: Limits = {}
    for name, fit in (("legs as people", naive), ("clustered", robust)):
        one = fit.model.coefficient(0)
        found[f"hazard ratio (Cox), {name}"] = one.low, one.high
    z = rng.normal(size=n)
    alone = rng.exponential(np.exp(-0.5 * z))
    status = (alone[:, None] <= np.arange(1, 6) * 0.3).astype(float)
    status[rng.uniform(size=status.shape) < 0.25] = np.nan
    one = fit_discrete(expand_visits(status), z).hazard_ratio(0)
    found["hazard ratio, visits, a quarter missed"] = one.low, one.high
    cut = rng.uniform(0.5, 2.5, n)
    seen, event = np.minimum(alone, cut), alone < cut
    fit = fit_cox(z, seen, event)
    curve = predict_survival(fit, [[1.0]], [0.5])
    found["survival predicted by Cox"] = float(curve.low[0, 0]), float(curve.high[0, 0])
    c = concordance(z, seen, event).c
    found["concordance"] = c.low, c.high
    plain, until = rng.exponential(size=n), rng.uniform(0.5, 2.5, n)
    kaplan = kaplan_meier(np.minimum(plain, until), plain < until)
    _, low, high = kaplan.at([0.5])
    found["survival, Kaplan-Meier"] = float(low[0]), float(high[0])
    cause = np.where(plain < until, 1 + (rng.uniform(size=n) < 0.4), 0)
    _, _, low, high = cumulative_incidence(np.minimum(plain, until), cause).at([0.5])
    found["cumulative incidence, competing"] = float(low[0]), float(high[0])
    return found


def true_times() -> dict[str, float]:
    """What these intervals should hold; concordance from a very large sample."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=LARGE)
    alone, cut = rng.exponential(np.exp(-0.5 * z)), rng.uniform(0.5, 2.5, LARGE)
    return {
        "hazard ratio (Cox), legs as people": 0.5,
        "hazard ratio (Cox), clustered": 0.5,
        "hazard ratio, visits, a quarter missed": 0.5,
        "survival predicted by Cox": float(np.exp(-np.exp(0.5) * 0.5)),
        "concordance": concordance(z, np.minimum(alone, cut), alone < cut).c.value,
        "survival, Kaplan-Meier": float(np.exp(-0.5)),
        "cumulative incidence, competing": 0.6 * float(1 - np.exp(-0.5)),
    }


def rows(
    work: Callable[[np.random.Generator, int], Limits], truth: dict[str, float], sizes: list[int]
) -> Iterator[str]:
    """Rows of the table: coverage, and on which side the truth was missed."""
    for n in sizes:
        ends = {name: np.empty((SETS, 2)) for name in truth}
        for k in range(SETS):
            for name, limits in work(np.random.default_rng([61, n, k]), n).items():
                ends[name][k] = limits
        for name, value in truth.items():
            low, high = ends[name].T
            known = np.isfinite(low + high) | np.isinf(low) | np.isinf(high)
            below, above = 100 * (low > value).sum() / SETS, 100 * (high < value).sum() / SETS
            none = 100 * (~known).mean()
            cover = 100 - below - above - none
            width = float(np.mean((high - low)[known & (high - low < inf)]))
            cells = f"{cover:.1f} % | {below:.1f} % | {above:.1f} % | {width:.3g}"
            yield f"| {name} | {n} | {cells} |"


def main() -> None:
    """Simulate everything and write the page."""
    table = [
        *rows(judge_risks, true_risks(), [120, 400]),
        *rows(judge_raters, true_raters(), [30, 100]),
        *rows(judge_times, true_times(), [100, 400]),
    ]
    text = f"""# Coverage of intervals of accuracy, reliability and survival

{SETS:,} simulated studies a line; every interval is one of 95 %. A coverage of 95 % is known here
to ± 0.7 points (one Monte-Carlo standard error). "Legs as people" treats the two legs of a person
as if they were two people; "clustered" is what the engines do where they are told whose leg it is.

| interval of | n | coverage | truth below | above | mean width |
|---|---:|---:|---:|---:|---:|
{chr(10).join(table)}

n counts legs where there are two a person (risks, clustered hazard ratios), else people.
True values of risks and concordance come from {LARGE:,} people, the others from formulae.

Written by `python benchmarks/simulations/clinical_intervals.py` (seeds fixed).
"""
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
