"""How far a slope and its curve may be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.estimators.checks import check, check_ends, check_model, inflation
from gluteal.estimators.families import link_p
from gluteal.estimators.ordinal import brant_test
from gluteal.frames.dose import Curve, Slope
from gluteal.frames.shares import COMMON

FEW_CLUSTERS = 40
Checks = list[dict[str, Any]]


def check_dose(
    line: Slope, curve: Curve | None, rows: int, low: float | None, high: float | None
) -> Checks:
    """Check a slope and its curve.

    Parameters
    ----------
    line, curve
        From ``fit_slope`` and ``fit_curve``.
    rows : int
        Rows before incomplete ones were left out.
    low, high : float or None
        Ends of the outcome's scale, for the shares at floor and ceiling.
    """
    linear = line.family == "linear"
    found = check_model(
        line.model, line.outcome, 1, rows, residuals=linear, compare=line.family != "poisson"
    )
    found += _shape(line, curve)
    vif = inflation(line.design.matrix, [1])
    text = "large: the exposure is nearly given by the covariates"
    found.append(check("variance inflation of the exposure", vif, "< 5", vif < 5, text))
    found += _family(line)
    if (
        line.family in ("linear", "negative_binomial", "poisson")
        and len(np.unique(line.outcome)) > 2
    ):
        found += check_ends(line.outcome, low, high, flag=linear)
    if line.cluster is not None:
        n = len(np.unique(line.cluster))
        text = "people; few make clustered errors uncertain, which the CR2 df allow for"
        found.append(check("clusters", n, f">= {FEW_CLUSTERS}", n >= FEW_CLUSTERS, text))
    return found


def _shape(line: Slope, curve: Curve | None) -> Checks:
    found: Checks = []
    if curve is None:
        text = "too few different values of the exposure for a curve"
        found.append(check("spline", 0.0, "", False, text))
    else:
        bend = curve.bend()
        text = "small: one slope does not describe the relation, read the curve"
        found.append(check("nonlinearity, p", bend.p, ">= 0.05", bend.p >= 0.05, text))
        found.append(
            check("nonlinearity, statistic", bend.statistic, "", None, "F, or chi-square of a GLM")
        )
    p = link_p(line.model, line.family, line.design.matrix, line.outcome, line.cluster)
    text = "small: the form of the model misses a bend or an interaction"
    found.append(check("link test, p", p, ">= 0.05", None if np.isnan(p) else p >= 0.05, text))
    return found


def _family(line: Slope) -> Checks:
    found: Checks = []
    model, y, family = line.model, line.outcome, line.family
    yes_no = set(np.unique(y)) <= {0.0, 1.0}
    if yes_no and family in ("logistic", "poisson"):
        fewer = min(float(y.sum()), float((1 - y).sum())) / line.design.matrix.shape[1]
        text = "rows with the rarer outcome per parameter"
        found.append(check("events per parameter", fewer, ">= 10", fewer >= 10, text))
    if family == "logistic":
        apart = bool(model.extra["separated"])
        text = "1: the covariates split the outcome, Firth's penalised estimate is shown"
        found.append(check("separation", float(apart), "0", not apart, text))
        share = float(y.mean())
        text = "a common outcome: the odds ratio is further from 1 than the ratio of shares"
        common = share <= COMMON
        found.append(check("share with the outcome", share, "<= 0.1", common, text))
    if family in ("poisson", "negative_binomial") and not yes_no:
        value = float(model.extra["dispersion"])
        text = "Pearson chi-square per degree of freedom; far above 1: more spread than the model"
        found.append(check("dispersion", value, "< 1.5", value < 1.5, text))
    if family == "ordinal":
        codes = y.astype(int)
        brant = brant_test(line.design.matrix[:, 1:], codes)
        text = "small: the slope differs between the cuts of the outcome (Brant's test)"
        tests = {"all variables": brant[0], "exposure": brant[1][0]} if brant else {"all": None}
        for name, test in tests.items():
            p = test.p if test else float("nan")
            fine = p >= 0.05 if test else None
            found.append(check(f"proportional odds, {name}, p", p, ">= 0.05", fine, text))
    return found
