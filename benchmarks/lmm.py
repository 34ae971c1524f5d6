"""Mixed models beside statsmodels and lme4: a random intercept and slope of people with 5 visits.

What counts as a fit on both sides: coefficients, their errors and the likelihood. lmer runs as it
comes; it stops a little short of the optimum, which bounds the agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import harness
import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.lmm import MixedModel, choose_df, fit_components, fit_lmm, robust_model

SHARED = ((400, 8.0), (5_000, 28.0), (200_000, 50.0))
OWN = ((400, 6.0), (5_000, 6.0), (50_000, 12.0))


def data(people: int, own: bool = False, visits: int = 5) -> tuple[Any, Any, Any]:
    """Draw outcomes of people with a tenth of visits missed, at shared or at their own times."""
    rng = np.random.default_rng([12, people])
    who = np.repeat(np.arange(people), visits)
    time = np.tile(np.arange(float(visits)), people)
    effects = rng.normal(size=(people, 2)) * [1.0, 0.3]
    strength, age = rng.normal(size=len(who)), rng.normal(size=people)[who]
    y = 5 - 0.5 * strength + 0.2 * time + 0.3 * age + effects[who, 0] + effects[who, 1] * time
    y += rng.normal(size=len(who))
    if own:
        time = time + 0.1 * rng.normal(size=len(who))
    keep = rng.uniform(size=len(who)) > 0.1
    return np.column_stack([np.ones(len(who)), time, strength, age])[keep], y[keep], who[keep]


def statsmodels(x: Any, y: Any, who: Any) -> dict[str, Any]:
    """Fit the same model by MixedLM."""
    import warnings

    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Any = MixedLM(y, x, who, exog_re=x[:, :2]).fit(reml=True)
    return {"coef": found.fe_params, "se": found.bse_fe, "loglik": float(found.llf)}


def numbers(fit: MixedModel) -> dict[str, Any]:
    """Return what a fit is asked for."""
    model = fit.model
    return {
        "coef": model.coef,
        "se": np.sqrt(np.diag(model.cov)),
        "loglik": model.log_likelihood,
    }


def apart(mine: dict[str, Any], said: dict[str, Any], se: bool) -> float:
    """Compare coefficients in standard errors, log-likelihoods, and errors where both mean them."""
    found = [
        np.abs(mine["coef"] - said["coef"]) / mine["se"],
        [abs(mine["loglik"] - said["loglik"])],
    ]
    if se:
        found.append(np.abs(mine["se"] / said["se"] - 1))
    return float(np.concatenate(found).max())


def rows() -> Iterator[Row]:
    """Compare fits at shared and at own visit times."""
    cases = [("MixedLM", 400, 100.0, False), ("MixedLM", 5_000, 500.0, False)]
    cases += [("lme4", people, promised, False) for people, promised in SHARED]
    cases += [("lme4", people, promised, True) for people, promised in OWN]
    for peer, people, promised, own in cases:
        x, y, who = data(people, own)
        columns = {"time": x[:, 1], "strength": x[:, 2], "age": x[:, 3], "y": y, "who": who}

        def ours(x: Any = x, y: Any = y, who: Any = who) -> dict[str, Any]:
            return numbers(fit_lmm(x, y, who, x[:, :2]))

        def theirs(
            peer: str = peer, x: Any = x, y: Any = y, who: Any = who, columns: Any = columns
        ) -> dict[str, Any]:
            return statsmodels(x, y, who) if peer == "MixedLM" else run_r("lmm", columns)

        in_r = peer == "lme4"
        said = "coefficients in SE, log-likelihood"
        yield compare(
            "mixed model, " + ("own visit times" if own else "shared visits"),
            "lme4 (R)" if in_r else "statsmodels",
            f"{people:,} people x 5",
            ours,
            theirs,
            lambda mine, other, in_r=in_r: apart(mine, other, in_r),
            promised=promised,
            tolerance=1e-3,
            # MixedLM's errors are another estimate: it inverts the Hessian of all parameters.
            agreement=said + (", relative SE" if in_r else ""),
            floor_s=floor_of(read_bytes=x.nbytes + y.nbytes + who.nbytes, flops=2 * len(y) * 7 * 7),
            floor="one read, cross-products",
            peer_rounds=1 if people > 10_000 or not in_r else None,
        )


def growing(ask: Callable[[Any, Any, Any], Any], own: bool = False) -> Any:
    """Prepare people with five visits."""

    def make(n: int) -> Callable[[], Any]:
        x, y, who = data(n, own)
        return lambda: ask(x, y, who)

    return make


def _sides(x: Any, y: Any, who: Any) -> Any:
    # Two sides of each person, alternating over rows.
    return fit_components(x, y, [who, np.arange(len(y)) % 2], nested=True)


def _kenward_roger(x: Any, y: Any, who: Any) -> Any:
    return choose_df(fit_lmm(x, y, who, x[:, :2]), "kenward_roger").contrast([0, 0, 1, 0])


GROWTH = {
    "mixed model, shared visits": growing(lambda x, y, who: fit_lmm(x, y, who, x[:, :2])),
    "mixed model, own visit times": growing(
        lambda x, y, who: fit_lmm(x, y, who, x[:, :2]), own=True
    ),
    "mixed model, Kenward-Roger": growing(_kenward_roger),
    "mixed model, CR2 errors": growing(
        lambda x, y, who: robust_model(fit_lmm(x, y, who, x[:, :2])).coefficient(1)
    ),
    "mixed model, sides within people": growing(_sides),
}

if __name__ == "__main__":
    for row in rows():
        print(harness.as_json(row), flush=True)
