"""How wrong one effect could be: what an unseen confounder must be like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, interval
from gluteal.estimators.sensitivity import (
    Bound,
    EValue,
    bound_by_benchmarks,
    compute_difference_evalue,
    compute_evalue,
    compute_robustness,
    contour_estimate,
)
from gluteal.frames.bias_checks import Answer, attempt
from gluteal.frames.one_effect import Effect
from gluteal.notation import write_label
from gluteal.variables import variables

UNMEASURED = "unmeasured confounding"
RARE = 0.15
TIMES = (1.0, 2.0, 3.0)
NUMBER = {"se": None, "low": None, "high": None, "p": None, "df": None, "se_type": ""}
Rows = list[dict[str, Any]]


def answer_number(threat: str, model: str, value: float, scale: str, **more: Any) -> Answer:
    """Answer by a number that has no interval and another scale than the effect."""
    words = {**NUMBER, "scale": scale, "unit": "", "estimand": scale, "contrast": "", **more}
    return Answer(threat, model, interval(value, 0.0), more=words)


def compute_evalue_of(effect: Effect, found: Estimate) -> EValue:
    """Compute the E-value of an effect on whatever scale it is."""
    if not effect.ratio:
        sd = float(effect.outcome.std(ddof=1))
        return compute_difference_evalue(found.estimate, found.se, sd=sd)
    share = float(effect.outcome.mean())
    ends = (found.estimate, found.low, found.high)
    if effect.family == "logistic":
        return compute_evalue(*ends, "odds ratio", rare=share <= RARE)
    return compute_evalue(*ends)


def answer_evalues(effect: Effect, level: float) -> Iterator[Answer]:
    """Yield the E-value of the estimate and that of its interval."""
    how = "least risk ratio that a confounder needs with exposure and with outcome"
    names = ("estimate explained away", "interval moved to no association")
    if effect.ratio and not effect.yes_no:
        reason = "it is for shares, odds and means, not for rates"
        yield Answer(UNMEASURED, "E-value", reason=reason)
        return

    def make(index: int, name: str) -> Answer:
        value = compute_evalue_of(effect, effect.found(level))
        number = value.limit if index else value.point
        if not isfinite(number):
            raise UserError("no finite E-value")
        return answer_number(UNMEASURED, f"E-value: {name}", number, "E-value", estimator=how)

    for index, name in enumerate(names):
        yield attempt(UNMEASURED, f"E-value: {name}", lambda i=index, n=name: make(i, n))


def choose_benchmarks(effect: Effect, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Choose covariates to measure an unseen confounder against.

    By default those known to matter most for back pain, else the one that goes with the outcome
    most.
    """
    if wanted is not None:
        return tuple(name for name in wanted if name in effect.covariates)
    known = tuple(name for name in ("prior_lbp", "phq9") if name in effect.covariates)
    if known or not effect.covariates or effect.family != "linear":
        return known
    strength = {
        name: effect.model.wald(effect.design.terms[name]).statistic for name in effect.covariates
    }
    return (max(strength, key=lambda name: strength[name]),)


def answer_omitted(effect: Effect, benchmarks: Sequence[str], level: float) -> Iterator[Answer]:
    """Yield robustness values, and the effect under confounders like known covariates."""
    if effect.family != "linear":
        reason = "robustness values and bounds are for linear models; the E-value stands instead"
        yield Answer(UNMEASURED, "robustness value", reason=reason)
        return
    own, df = robustness_base(effect, level)
    robust = compute_robustness(own.estimate, own.se, df, alpha=1 - level)
    how = "partial R² that a confounder needs with exposure and outcome"
    for name, value in (("", robust.rv), (" of the interval", robust.rv_alpha)):
        text = f"robustness value{name}"
        yield answer_number(UNMEASURED, text, value, "partial R²", estimator=how)
    if not benchmarks:
        reason = "no covariate to measure an unseen confounder against"
        yield Answer(UNMEASURED, "bounds", reason=reason)
    for name in benchmarks:
        for k in TIMES:
            text = f"a confounder {k:g} × {write_label(variables()[name].label)}"

            def bound(name: str = name, k: float = k, text: str = text) -> Answer:
                (one,) = bounds_of(effect, [name], [k], level)
                return _bounded(effect, one, text, df, level)

            yield attempt(UNMEASURED, text, bound)


def robustness_base(effect: Effect, level: float) -> tuple[Estimate, float]:
    """Return the coefficient with its classical error, per amount of exposure, and its df."""
    n, p = effect.x.shape
    se = float(np.sqrt(effect.model.classical_cov[1, 1]))
    found = interval(float(effect.model.coef[1]), se, n - p, level)
    return found.times(effect.units), float(n - p)


def bounds_of(
    effect: Effect, names: Sequence[str], times: Sequence[float], level: float
) -> tuple[Bound, ...]:
    """Bound the coefficient by benchmarks, per one unit of exposure."""
    columns = {name: effect.design.terms[name] for name in names}
    return bound_by_benchmarks(effect.x, effect.outcome, 1, columns, times=times, level=level)[1]


def _bounded(effect: Effect, one: Bound, text: str, df: float, level: float) -> Answer:
    found = interval(one.estimate, one.se, df, level).times(effect.units)
    strength = f"partial R² {one.r2_exposure:.3f} with the exposure, {one.r2_outcome:.3f} with "
    more = {
        "se_type": "classical", "warnings": "; ".join(one.warnings),
        "estimator": f"bound on omitted-variable bias, {strength}the outcome",
    }  # fmt: skip
    return Answer(UNMEASURED, text, found, more=more)


def lay_contour(effect: Effect, benchmarks: Sequence[str], level: float) -> dict[str, Rows]:
    """Lay out the effect over strengths of a confounder, and where covariates stand."""
    if effect.family != "linear":
        return {}
    own, df = robustness_base(effect, level)
    if not own.se > 0:
        return {}
    points: Rows = []
    for name in benchmarks:
        for k in TIMES:
            try:
                (one,) = bounds_of(effect, [name], [k], level)
            except UserError:
                continue
            label = variables()[name].label
            place = {"x": one.r2_exposure, "y": one.r2_outcome, "times": k, "label": label}
            points.append(place | {"estimate": one.estimate * effect.units})
    rv = compute_robustness(own.estimate, own.se, df, alpha=1 - level).rv
    ends = [[p[axis] for p in points] for axis in ("x", "y")]
    top = tuple(min(1.25 * max([*end, rv, 0.04]), 0.95) for end in ends)
    grid = contour_estimate(own.estimate, own.se, df, most=(top[0], top[1]), points=31)
    flat = zip(
        *(v.ravel() for v in (grid.r2_exposure, grid.r2_outcome, grid.estimate)), strict=True
    )
    return {
        "contour": [dict(zip("xyz", map(float, cell), strict=True)) for cell in flat],
        "points": points,
        "own": [{"estimate": own.estimate, "rv": rv}],
    }
