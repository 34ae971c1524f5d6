"""Bootstrap of mediation: rows and clusters, beside pingouin, lavaan, statsmodels and a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.mediation import Mediation, mediate, mediate_counterfactual

Data = dict[str, np.ndarray]
SERIAL = ("X → M1 → Y", "X → M1 → M2 → Y", "X → M2 → Y")
AGREE = "share of what may differ (estimate 1e-8, SE 4 Monte-Carlo errors)"
PER = "one resample"


def make(n: int, visits: int = 1, seed: int = 1) -> Data:
    """Exposure, two mediators in a row, outcome, two covariates; people share some of each."""
    rng = np.random.default_rng(seed)

    def noise() -> np.ndarray:
        own = rng.normal(size=n * visits)
        return own if visits == 1 else (own + np.repeat(rng.normal(size=n), visits)) / 2**0.5

    age, bmi = 45 + 10 * noise(), 25 + 4 * noise()
    x = 0.02 * age + noise()
    m1 = 0.4 * x + 0.01 * bmi + noise()
    m2 = 0.3 * m1 + 0.1 * x + noise()
    y = 0.3 * m2 + 0.1 * m1 + 0.1 * x + 0.02 * bmi + noise()
    return {"age": age, "bmi": bmi, "X": x, "M1": m1, "M2": m2, "Y": y}


def ours(d: Data, mediators: tuple[str, ...], resamples: int, **more: Any) -> Mediation:
    """Run our side."""
    covariates = np.column_stack([d["age"], d["bmi"]])
    between = np.column_stack([d[name] for name in mediators])
    return mediate(
        d["X"], between, d["Y"], covariates, arrows="serial", resamples=resamples, seed=1, **more
    )


def apart(names: tuple[str, ...], mine_n: int, peer_n: int, mine: Mediation, said: Any) -> float:
    """Compare estimates and bootstrap standard errors, as a share of what may differ."""
    found = [mine.effect(name) for name in names]
    estimate, se = (np.atleast_1d(said[key]).astype(float) for key in ("estimate", "se"))
    shift = np.abs(np.array([one.estimate for one in found]) - estimate)
    # A peer that reports the mean of its draws differs from the estimate by Monte-Carlo error.
    may = 4 * se / np.sqrt(peer_n) if said.get("mean_of_draws") else 1e-8
    error = np.sqrt(1 / (2 * mine_n) + 1 / (2 * peer_n))
    spread = np.abs(np.array([one.se for one in found]) / se - 1) / (4 * error)
    return float(max((shift / may).max(), spread.max()))


def pingouin(d: Data, resamples: int) -> dict[str, Any]:
    import pandas as pd
    import pingouin as pg

    table = pg.mediation_analysis(
        pd.DataFrame(d), x="X", m="M1", y="Y", covar=["age", "bmi"], n_boot=resamples, seed=1
    ).set_index("path")
    return {"estimate": table.loc["Indirect", "coef"], "se": table.loc["Indirect", "se"]}


def statsmodels(d: Data, resamples: int) -> dict[str, Any]:
    import pandas as pd
    import statsmodels.api as sm
    from statsmodels.stats.mediation import Mediation as Peer

    frame = pd.DataFrame(d)
    outcome = sm.OLS.from_formula("Y ~ X + M1 + age + bmi", frame)
    mediator = sm.OLS.from_formula("M1 ~ X + age + bmi", frame)
    rng = np.random.default_rng(1)
    fit = Peer(outcome, mediator, "X", "M1").fit(method="bootstrap", n_rep=resamples, rng=rng)
    draws = np.asarray(fit.ACME_avg)
    return {"estimate": draws.mean(), "se": draws.std(ddof=1), "mean_of_draws": True}


def index_loop(d: Data, visits: int, resamples: int) -> dict[str, Any]:
    """Draw people, take their rows, fit both regressions by statsmodels."""
    import statsmodels.api as sm

    n = len(d["X"]) // visits
    one = np.ones(n * visits)
    first = np.column_stack([one, d["X"], d["age"], d["bmi"]])
    second = np.column_stack([one, d["X"], d["M1"], d["age"], d["bmi"]])

    def indirect(rows: Any) -> float:
        a = sm.OLS(d["M1"][rows], first[rows]).fit().params[1]
        return a * sm.OLS(d["Y"][rows], second[rows]).fit().params[2]

    rng = np.random.default_rng(2)
    steps = np.arange(visits)
    draws = [
        indirect((rng.integers(0, n, n)[:, None] * visits + steps).ravel())
        for _ in range(resamples)
    ]
    return {"estimate": indirect(slice(None)), "se": np.std(draws, ddof=1)}


def limit(units: int, columns: int, resamples: int) -> float:
    """Draw one byte a unit and multiply the counts with the cross-products."""
    q = (columns + 1) * (columns + 2) / 2
    return floor_of(integers=units * resamples / 4, flops=2.0 * units * q * resamples)


def row(
    work: str,
    peer: str,
    size: str,
    promised: float,
    mine_n: int,
    peer_n: int,
    names: tuple[str, ...],
    work_of: tuple[Callable[[], Mediation], Callable[[], Any]],
    floor_s: float,
) -> Row:
    """Compare the time of one resample; both sides divide what they took by their resamples."""
    return compare(
        f"{work}; {PER} (of {mine_n:,}; peer of {peer_n:,})",
        peer,
        size,
        *work_of,
        partial(apart, names, mine_n, peer_n),
        promised=promised,
        tolerance=1.0,
        agreement=AGREE,
        floor_s=floor_s,
        floor="one byte drawn per unit, product",
        peer_rounds=2,
        ours_scale=1 / mine_n,
        peer_scale=1 / peer_n,
    )


def rows() -> Iterator[Row]:
    one = ("X → M → Y",)
    for n, mine_n, peer_n, promised in ((1000, 5000, 2000, 30), (100_000, 500, 100, 18)):
        d = make(n)
        both = (partial(ours, d, ("M1",), mine_n), partial(pingouin, d, peer_n))
        work = "simple mediation, case bootstrap"
        floor_s = limit(n, 5, mine_n)
        yield row(work, "pingouin", f"n={n:,}", promised, mine_n, peer_n, one, both, floor_s)
    for n, mine_n, peer_n, promised in ((1000, 5000, 300, 1500), (10_000, 2000, 200, 280)):
        d = make(n)
        lavaan = partial(run_r, "mediation", d, resamples=peer_n)
        both = (partial(ours, d, ("M1", "M2"), mine_n), lavaan)
        work = "serial mediation, case bootstrap"
        floor_s = limit(n, 6, mine_n)
        yield row(work, "lavaan (R)", f"n={n:,}", promised, mine_n, peer_n, SERIAL, both, floor_s)
    d = make(1000)
    both = (partial(ours, d, ("M1",), 5000), partial(statsmodels, d, 60))
    work = "simple mediation, case bootstrap"
    floor_s = limit(1000, 5, 5000)
    yield row(work, "statsmodels Mediation", "n=1,000", 3000, 5000, 60, one, both, floor_s)
    d = make(5000, 5)
    who = np.repeat(np.arange(5000), 5)
    both = (partial(ours, d, ("M1",), 5000, cluster=who), partial(index_loop, d, 5, 60))
    work = "simple mediation, cluster bootstrap"
    floor_s = limit(5000, 5, 5000)
    size = "5,000 people x 5 visits"
    yield row(work, "statsmodels OLS, index loop", size, 280, 5000, 60, one, both, floor_s)


def of_rows(n: int) -> Callable[[], Any]:
    return partial(ours, make(n), ("M1", "M2"), 1000)


def of_people(n: int) -> Callable[[], Any]:
    return partial(ours, make(n, 5), ("M1", "M2"), 1000, cluster=np.repeat(np.arange(n), 5))


def of_counterfactuals(n: int) -> Callable[[], Any]:
    d = make(n)
    rng = np.random.default_rng(3)
    pain = (rng.uniform(size=n) < 1 / (1 + np.exp(-d["Y"]))).astype(float)
    covariates = np.column_stack([d["age"], d["bmi"]])
    return partial(
        mediate_counterfactual,
        *(d["X"], d["M1"], pain, covariates),
        outcome_link="logit",
        resamples=100,
    )


GROWTH = {
    "bootstrap of rows, serial mediation, 1,000 resamples": of_rows,
    "bootstrap of people with 5 visits, serial mediation, 1,000 resamples": of_people,
    "counterfactual mediation, logit outcome, 100 resamples": of_counterfactuals,
}
