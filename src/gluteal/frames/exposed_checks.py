"""Can these people be compared at all? Overlap, balance and the fit of the outcome model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gluteal.estimators.causal import (
    PotentialMeans,
    WeightSummary,
    overlap_share,
    shift_support,
    weigh_binary,
)
from gluteal.estimators.causal.iptw import summarise_weights
from gluteal.estimators.causal.scores import fit_scores
from gluteal.estimators.checks import check
from gluteal.estimators.inference import Floats
from gluteal.frames.exposed import Exposed
from gluteal.frames.groups import density

SUPPORTED, HEAVY, EFFECTIVE, BALANCED, LIKELY = 0.9, 0.05, 0.3, 0.1, 0.05
ENOUGH = 10
GRID = 101


def overlap_of(data: Exposed, main: PotentialMeans) -> tuple[float, WeightSummary]:
    """Return the share of people with others like them on the other side, and the weights."""
    if data.groups is None:
        return shift_support(main.extra["rest"], data.shift), main.extra["weights"]
    share = overlap_share(main.extra["probability"], data.a)
    return share, summarise_weights(weigh_binary(data.a, data.z))


def check_exposed(
    data: Exposed, main: PotentialMeans, balance: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Check the comparison; the first diagnostic, ``overlap``, sums its overlap up.

    Parameters
    ----------
    data : Exposed
    main : PotentialMeans
        The headline's model.
    balance : sequence of dict
        From ``balance_of``.
    """
    share, spread = overlap_of(data, main)
    effective = spread.effective / spread.rows
    enough = share >= SUPPORTED and spread.top_share <= HEAVY and effective >= EFFECTIVE
    asked = f">= {SUPPORTED}, heaviest person <= {HEAVY}, effective share >= {EFFECTIVE}"
    words = "shifted exposure" if data.groups is None else "propensity"
    text = f"share of people whose {words} others with the same covariates have, and weights that "
    text += "rest on many; without it the answer rests on a model alone"
    found = [
        check("overlap", share, asked, enough, text),
        check("exposure before outcome", float(data.later), "1", data.later,
              "0: both were seen at one time, and which came first is not known"),
    ]  # fmt: skip
    text = "largest stabilised weight; it grows with the number of people"
    found.append(check("largest weight", spread.high, "", None, text))
    text = "share of all weight that the heaviest person has; large: one person decides much"
    light = spread.top_share <= HEAVY
    found.append(check("heaviest person", spread.top_share, f"<= {HEAVY}", light, text))
    text = "effective share of people after weighting (Kish)"
    fine = effective >= EFFECTIVE
    found.append(check("effective share", effective, f">= {EFFECTIVE}", fine, text))
    if balance:
        worst = max(balance, key=lambda row: row["after"])
        text = f"largest standardised difference after weighting: {worst['variable']}"
        even = worst["after"] < BALANCED
        found.append(
            check("imbalance after weighting", worst["after"], f"< {BALANCED}", even, text)
        )
    if data.groups is not None:
        p = main.extra["probability"]
        far = float(((p < LIKELY) | (p > 1 - LIKELY)).mean())
        text = f"share of people with a propensity below {LIKELY} or above {1 - LIKELY}"
        found.append(check("nearly certain exposure", far, "<= 0.05", far <= LIKELY, text))
    rows = len(data.y) / (len(data.y) + data.n_missing)
    text = "share of people with every value of the model; the others are left out"
    found.append(check("complete cases", rows, ">= 0.8", rows >= 0.8, text))
    if data.events is not None:
        events = min(data.events, len(data.y) - data.events)
        each = events / (data.x.shape[1] - 1)
        text = "people with the rarer outcome for each coefficient of its model"
        found.append(check("events per coefficient", each, ">= 10", each >= 10, text))
    gap = calibration_gap(data)
    text = "largest gap between predicted and observed mean in fifths of the prediction, in "
    text += "standard errors; large: the outcome model does not fit"
    found.append(check("calibration of the outcome model", gap, "< 3", gap < 3, text))
    return found


def calibration_gap(data: Exposed, parts: int = 5) -> float:
    """Return the largest gap of means in fifths of the prediction, in standard errors."""
    fit = fit_scores(data.x, data.y, data.family)
    order = np.argsort(fit.mean, kind="stable")
    gaps: list[float] = []
    for part in np.array_split(order, min(parts, len(order) // ENOUGH) or 1):
        rest = data.y[part] - fit.mean[part]
        if data.family == "logistic":
            variance = float((fit.mean[part] * (1 - fit.mean[part])).sum())
        else:
            variance = float(rest @ rest) * len(part) / max(len(part) - 1, 1)
        gaps.append(abs(float(rest.sum())) / max(variance, 1e-300) ** 0.5)
    return max(gaps)


def lay_out_overlap(data: Exposed, main: PotentialMeans) -> list[dict[str, Any]]:
    """Return two smoothed distributions that should overlap, one row a point.

    Propensities of both groups; or the exposure given the covariates, as measured and shifted.
    """
    if data.groups is None:
        rest = main.extra["rest"] + float(data.a.mean())
        pair: list[tuple[str, Floats]] = [("as measured", rest), ("shifted", rest + data.shift)]
    else:
        p = main.extra["probability"]
        pair = [(data.groups[0], p[data.a == 0]), (data.groups[1], p[data.a == 1])]
    if min(len(values) for _name, values in pair) < ENOUGH:
        return []
    every = np.concatenate([values for _name, values in pair])
    low, high = np.quantile(every, [0.002, 0.998])
    edge = 0.08 * (high - low)
    grid = np.linspace(low - edge, high + edge, GRID)
    if data.groups is not None:
        grid = np.clip(grid, 0, 1)
    if np.ptp(every) == 0:
        return []
    return [
        {"side": side, "group": name, "x": float(x), "density": float(y)}
        for side, (name, values) in enumerate(pair)
        for x, y in zip(grid, density(values, grid), strict=True)
    ]
