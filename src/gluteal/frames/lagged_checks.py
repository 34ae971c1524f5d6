"""How far a lagged path may be trusted: fit, starts, traits, reliability, time and the floor."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimators.checks import check, share_at
from gluteal.estimators.sem import compare_models, fit_indices
from gluteal.frames.lagged import Lagged, spread_within
from gluteal.frames.panel import Panel
from gluteal.frames.score_error import ScoreError
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

Checks = list[dict[str, Any]]
FLOOR, FEW_EACH = 0.15, 5.0


def check_lagged(
    found: Lagged,
    free: Lagged | None,
    panel: Panel,
    errors: tuple[ScoreError, ScoreError],
    pair: tuple[str, str],
) -> Checks:
    """Check a panel model.

    Parameters
    ----------
    found : Lagged
        The headline.
    free : Lagged or None
        The same with every lag free, where it could be fitted.
    panel : Panel
    errors : (ScoreError, ScoreError)
        Of exposure and outcome.
    pair : (str, str)
        Names of exposure and outcome.
    """
    rows = _fit(found)
    share = found.reached / found.starts
    text = "starts of the search that ended at the highest likelihood, of all; 1 alone is luck"
    rows.append(check("starts that agree", share, ">= 0.5", share >= 0.5, text))
    text = "1: the search ended at a maximum without negative variances or impossible correlations"
    rows.append(check("admissible", float(found.admissible), "1", found.admissible, text))
    if free is not None and found.lags == "equal":
        rows += _equal(found, free)
    rows += _spread(found, errors, pair)
    people = found.fit.n / max(found.fit.free, 1)
    text = "people per parameter"
    rows.append(check("people per parameter", people, f">= {FEW_EACH:g}",
                      people >= FEW_EACH, text))  # fmt: skip
    seen = panel.n_obs / (panel.first.size + panel.second.size)
    text = "people without a covariate, a dose or any value: they are not in the model"
    share = panel.n_missing / (panel.n_missing + found.fit.n)
    rows.append(check("people left out", panel.n_missing, "<= 10 %", share <= 0.1, text))
    text = "share of values seen; the rest is taken as missing at random given those seen"
    rows.append(check("values seen", seen, ">= 0.7", seen >= 0.7, text))
    for name, block in zip(pair, (panel.first, panel.second), strict=True):
        rows += _floor(name, block, panel)
    return rows


def _fit(found: Lagged) -> Checks:
    index = fit_indices(found.fit)
    test = found.fit.test
    rmsea = index.rmsea_robust if isfinite(index.rmsea_robust.value) else index.rmsea
    cfi = index.cfi_robust if isfinite(index.cfi_robust) else index.cfi
    p = test.scaled_p if isfinite(test.scaled_p) else test.p
    text = "scaled chi-square of the model against no model; small with many people"
    rows = [check(f"model fit, p ({test.df} df)", p, ">= 0.05", None, text)]
    text = "root mean square error of approximation (robust); large: the model misses something"
    rows.append(check("RMSEA", rmsea.value, "<= 0.06", rmsea.value <= 0.06, text))
    text = "comparative fit index (robust)"
    rows.append(check("CFI", cfi, ">= 0.95", cfi >= 0.95, text))
    text = "standardised root mean square residual"
    rows.append(check("SRMR", index.srmr, "<= 0.08", index.srmr <= 0.08, text))
    return rows


def _equal(found: Lagged, free: Lagged) -> Checks:
    if not free.admissible:
        text = "the model with free lags did not reach an admissible solution: not testable"
        return [check("equal lags, p", float("nan"), ">= 0.05", None, text)]
    test = compare_models(found.fit, free.fit)
    text = "likelihood-ratio test; small: the paths are not the same in every interval"
    fine = test.p >= 0.05 if isfinite(test.p) else None
    return [check(f"equal lags, p ({test.df} df)", test.p, ">= 0.05", fine, text)]


def _spread(found: Lagged, errors: tuple[ScoreError, ScoreError], pair: tuple[str, str]) -> Checks:
    rows: Checks = []
    within = spread_within(found)
    for k, (name, error, sd) in enumerate(zip(pair, errors, within, strict=True)):
        label, unit = variable(name).label, variable(name).unit
        trait = found.fit.estimate(f"trait_{k + 1} ~~ trait_{k + 1}")
        z = trait.estimate / trait.se if trait.se > 0 else float("nan")
        text = (
            "z of the variance of stable differences; low: too few visits to tell them from change"
        )
        rows.append(check(f"trait variance, z: {label}", z, ">= 1.64", bool(z >= 1.64), text))
        middle = float(np.mean(sd**2))
        text = f"SD of a person's own ups and downs, free of error ({unit})"
        rows.append(check(f"within-person SD: {label}", sqrt(middle), "", None, text))
        total = middle + error.variance
        share = middle / total if total > 0 else float("nan")
        text = (
            "share of the ups and downs of the score that is no error; low: the correction is large"
        )
        rows.append(check(f"within-person reliability: {label}", share, ">= 0.5",
                          bool(share >= 0.5), text))  # fmt: skip
        ratio = float(sd.max() / sd.min()) if sd.min() > 0 else float("inf")
        text = "largest over smallest within-person SD of the visits: far from 1 is not stationary"
        rows.append(check(f"stationarity: {label}", ratio, "< 1.5", ratio < 1.5, text))
        known = error.source not in ("trials", "none") or variable(name).kind == "integer"
        text = f"standard error of measurement, {error.describe(unit)}"
        rows.append(check(f"error of a score: {label}", error.sd, "", known or False, text))
    return rows


def _floor(name: str, block: Any, panel: Panel) -> Checks:
    low = variable(name).low
    if low is None or variable(name).kind != "integer":
        return []
    shares = [share_at(column[np.isfinite(column)], low) for column in block.T]
    worst = int(np.argmax(shares))
    text = (f"largest share at {low:g} over the visits ({panel.schedule.visits[worst]}); "
            "a floor flattens slopes")  # fmt: skip
    label = f"share at {low:g}: {variable(name).label}"
    return [check(label, shares[worst], f"<= {FLOOR}", shares[worst] <= FLOOR, text)]


def check_timing(cohort: Cohort, panel: Panel) -> Checks:
    """Compare the weeks at which people came with the planned ones."""
    table = cohort.visits
    if "week_actual" not in table or not table["week_actual"].notna().any():
        return []
    here = table[table["visit"].isin(panel.schedule.visits) & table["week_actual"].notna()]
    off = (here["week_actual"] - here["week_nominal"]).to_numpy(dtype=float)
    size = float(np.sqrt((off**2).mean())) / panel.schedule.shortest
    text = "distance of visits from their planned week, as a share of the lag (root mean square)"
    return [check("visits off schedule", size, "<= 0.25", size <= 0.25, text)]
