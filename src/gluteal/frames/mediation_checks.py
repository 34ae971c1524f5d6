"""How far a mediated effect may be trusted: time, interaction, form, overlap, error, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.checks import check, check_ends, moments
from gluteal.estimators.families import fit_family, link_p
from gluteal.estimators.inference import Floats
from gluteal.frames.column_words import label_of
from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import fit_outcome, outcome_design

ENOUGH, FEW_PER_PARAMETER, RELIABLE, OVERLAP = 50, 10, 0.7, 0.8
Checks = list[dict[str, Any]]


def check_chain(
    chain: Chain, reliability: Mapping[str, float], ends: tuple[float | None, float | None]
) -> Checks:
    """Check a chain's data and its models.

    Parameters
    ----------
    reliability : mapping of str to float
        Of the columns whose error of measurement is known.
    ends : pair of float or None
        Of the outcome's scale.
    """
    found = _time(chain) + _numbers(chain)
    found += _models(chain)
    found += _overlap(chain)
    for name, value in reliability.items():
        text = (
            "share of its variance, given exposure and covariates, that is not error of "
            "measurement; a noisy mediator hides what passes it"
        )
        fine = value >= RELIABLE
        title = f"reliability of {label_of(name)}"
        found.append(check(title, value, f">= {RELIABLE}", fine, text))
    if not chain.yes_no and len(np.unique(chain.outcome)) > 2:
        found += check_ends(chain.outcome, *ends)
    return found


def _time(chain: Chain) -> Checks:
    same = len(set(chain.visits)) == 1
    text = (
        "exposure, mediators and outcome were measured at one visit: any order of the three fits "
        "the data, so this is no mechanism"
        if same
        else f"visits of exposure, mediators and outcome: {', '.join(chain.visits)}"
    )
    found = [check("measured at one visit", float(same), "0", not same, text)]
    if not same and chain.visits[1] == chain.visits[2]:
        text = "mediators and outcome share a visit: the outcome may have changed the mediators"
        found.append(check("mediators measured with the outcome", 1.0, "0", False, text))
    return found


def _numbers(chain: Chain) -> Checks:
    rows = len(chain.outcome)
    share = rows / (rows + chain.n_missing)
    text = "share of rows with every value at every visit; the others are left out"
    found = [check("complete cases", share, ">= 0.9", share >= 0.9, text)]
    people = chain.people
    text = "few people: the interval of a product of two slopes is unreliable"
    found.append(check("people", people, f">= {ENOUGH}", people >= ENOUGH, text))
    if chain.several:
        text = "rows a person on average; people were drawn, never single rows"
        found.append(check("rows a person", rows / people, "", None, text))
    if chain.yes_no:
        fewer = min(float(chain.outcome.sum()), float((1 - chain.outcome).sum()))
        per = fewer / outcome_design(chain).shape[1]
        text = "rows with the rarer outcome per parameter"
        fine = per >= FEW_PER_PARAMETER
        found.append(check("events per parameter", per, f">= {FEW_PER_PARAMETER}", fine, text))
    return found


def _models(chain: Chain) -> Checks:
    """Test each product with the exposure, and the form of each equation."""
    found: Checks = []
    family = "logistic" if chain.yes_no else "linear"
    who = chain.person if chain.several else None
    x = outcome_design(chain)
    for k, name in enumerate(chain.names[1:-1]):
        product = _centred(chain.exposure) * _centred(chain.mediators[:, k])
        p = _p(np.column_stack([x, product]), chain, family)
        text = "small: the mediator works differently by exposure; read the natural effects"
        title = f"exposure × {label_of(name)}, p"
        found.append(check(title, p, ">= 0.05", None if np.isnan(p) else p >= 0.05, text))
    text = "small: the form of the model misses a bend or an interaction"
    try:
        p = link_p(fit_outcome(chain), family, x, chain.outcome, who)
    except (UserError, np.linalg.LinAlgError):
        p = float("nan")
    fine = None if np.isnan(p) else p >= 0.05
    found.append(check("link test of the outcome's model, p", p, ">= 0.05", fine, text))
    if not chain.yes_no:
        left = chain.outcome - x @ np.linalg.lstsq(x, chain.outcome, rcond=None)[0]
        skew = moments(left)[0]
        text = "far from 0: means are pulled by a tail"
        found.append(check("residual skewness", skew, "|x| < 2", abs(skew) < 2, text))
    else:
        fitted = x @ np.linalg.lstsq(x, chain.outcome, rcond=None)[0]
        outside = float(((fitted < 0) | (fitted > 1)).mean())
        text = "share of rows whose linear probability lies outside 0 to 1"
        found.append(check("linear risks out of range", outside, "<= 0.1", outside <= 0.1, text))
    return found


def _p(x: Floats, chain: Chain, family: Any) -> float:
    """Return the p of the last column; NaN where the model cannot be fitted."""
    who = chain.person if chain.several else None
    try:
        model = fit_family(family, x, chain.outcome, who)
    except (UserError, np.linalg.LinAlgError):
        return float("nan")
    return model.coefficient(x.shape[1] - 1).p if model.converged else float("nan")


def _centred(values: Floats) -> Floats:
    return values - values.mean()


def _overlap(chain: Chain) -> Checks:
    """Say how many people of two groups have a mediator that the other group has, too."""
    if len(chain.levels) != 2:
        return []
    found: Checks = []
    one = chain.exposure > chain.exposure.mean()
    for k, name in enumerate(chain.names[1:-1]):
        values = chain.mediators[:, k]
        low = max(values[one].min(), values[~one].min())
        high = min(values[one].max(), values[~one].max())
        share = float(((values >= low) & (values <= high)).mean())
        text = "share of rows with a value that both groups have; beyond it the model extrapolates"
        title = f"overlap of {label_of(name)}"
        found.append(check(title, share, f">= {OVERLAP}", share >= OVERLAP, text))
    return found
