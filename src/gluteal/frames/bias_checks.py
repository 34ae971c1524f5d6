"""One effect estimated again, each time as if another thing had been wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.effect_size import log_ratio, welch
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.frames.one_effect import Effect, name_model, take_effect
from gluteal.frames.score_error import ScoreError
from gluteal.notation import write_number
from gluteal.variables import variables

ENOUGH_EFFECTIVE, UNBALANCED = 0.5, 0.1
LEVELS = Mapping[str, Sequence[str]]
EXCLUDED: Mapping[str, LEVELS] = {
    "hip osteoarthritis": {"hip_oa": ("1",)},
    "analgesics in the last 24 h": {"med_analgesic_24h": ("1",)},
}
HIP, PAINFUL = ("abd", "ext", "er"), "pain during the strength test"


@dataclass(frozen=True)
class Answer:
    """What one check gave: an estimate, or the reason why there is none.

    ``reason`` without ``failed`` means that the question does not arise or cannot be put here;
    ``failed`` that a model was tried and broke down. ``more`` overrides columns of the row.
    """

    threat: str
    model: str
    found: Estimate | None = None
    reason: str = ""
    failed: bool = False
    more: dict[str, Any] = field(default_factory=dict[str, Any])


def attempt(threat: str, model: str, make: Callable[[], Answer]) -> Answer:
    """Let one check break down without taking the others along."""
    try:
        return make()
    except UserError as error:
        return Answer(threat, model, reason=str(error), failed=True)


def estimate_from(effect: Effect, model: Model, level: float, column: int = 1) -> Estimate:
    """Read the effect off a model of the same link: a difference, or a ratio."""
    found = model.coefficient(column, level).times(effect.units)
    return log_ratio(found) if effect.ratio else found


def described(effect: Effect, model: Model, estimator: str, **more: Any) -> dict[str, Any]:
    """Write the columns that a model fills."""
    kind = f"{model.se_type}, log scale" if effect.ratio else model.se_type
    words = {"se_type": kind, "estimator": estimator, "converged": model.converged}
    return {**words, "warnings": "; ".join(model.warnings), **more}


def answer_crude(effect: Effect, level: float) -> Answer:
    """Estimate without covariates in the same people."""
    bare = take_effect(
        effect.frame,
        effect.outcome_name,
        effect.exposure_name,
        (),
        effect.family,
        amount=(effect.units, effect.contrast),
        also=effect.covariates,
    )
    kind, estimator = name_model(bare)
    more: dict[str, Any] = {"adjusted_for": "", "se_type": kind, "estimator": estimator}
    if effect.binary and not effect.ratio:
        one = bare.exposure == 1
        more |= {"se_type": "Welch", "estimator": "Welch", "estimand": "mean difference"}
        return Answer(
            "crude", "crude", welch(bare.outcome[one], bare.outcome[~one], level), more=more
        )
    return Answer("crude", "crude", bare.found(level), more=more)


def answer_robust(effect: Effect, level: float) -> Answer:
    """Fit so that outlying outcomes cannot pull."""
    from gluteal.estimators.m_estimation import fit_huber

    if effect.family != "linear":
        reason = "a yes or no has no outliers" if effect.yes_no else "for linear models only"
        return Answer("robust", "outliers reined in", reason=reason)
    if len(np.unique(effect.outcome)) < 3:
        return Answer("robust", "outliers reined in", reason="the outcome has two values only")
    made = fit_huber(effect.x, effect.outcome)
    share = made.extra["reined_in"] / effect.people
    more = described(effect, made, f"Huber's M-estimator, {100 * share:.0f} % of rows reined in")
    return Answer("robust", "outliers reined in", estimate_from(effect, made, level), more=more)


def answer_weighted(effect: Effect, level: float, *, adjusted: bool) -> Answer:
    """Weight people so that the exposure no longer goes with the covariates.

    With ``adjusted`` the covariates stand in the outcome model as well: right if either is.
    """
    from gluteal.estimators.causal import (
        fit_msm,
        summarise_weights,
        weigh_binary,
        weigh_density,
    )

    threat = "doubly robust" if adjusted else "weighted"
    name = "weighted and adjusted" if adjusted else "weighted"
    if not effect.covariates:
        return Answer(threat, name, reason="no covariates to weight by")
    if adjusted and effect.binary:
        return _augment(effect, level)
    if adjusted and effect.family == "logistic":
        reason = "an odds ratio changes with the covariates in its model, weights or not"
        return Answer(threat, name, reason=reason)
    weigh = weigh_binary if effect.binary else weigh_density
    weights = weigh(effect.exposure, effect.rest).truncate(0.01, 0.99)
    x = effect.x if adjusted else effect.x[:, :2]
    made = fit_msm(x, effect.outcome, weights, effect.family)
    spread = summarise_weights(weights)
    how = "inverse-probability" if effect.binary else "density-ratio"
    text = (
        f"{how} weights, stabilised, cut at 1 and 99 %: {spread.effective:.0f} effective people, "
        f"largest weight {write_number(spread.high)}"
    )
    said = ["few people carry most of the weight"] * (
        spread.effective < ENOUGH_EFFECTIVE * spread.rows
    )
    name_left, left = _imbalance(effect, weights.values)
    if left > UNBALANCED and not adjusted:
        kind = "SD between the groups" if effect.binary else "correlation with the exposure"
        said.append(f"weights leave {name_left} unbalanced: {left:.2f} {kind}")
    more = described(effect, made, text)
    more["warnings"] = "; ".join(t for t in (more["warnings"], *said) if t)
    if not adjusted:
        more["estimand"] = "marginal " + ("ratio" if effect.ratio else "mean difference")
    return Answer(threat, name, estimate_from(effect, made, level), more=more)


def _imbalance(effect: Effect, weights: Floats) -> tuple[str, float]:
    """Return the covariate that goes with the exposure most, after weighting, and how much."""
    from gluteal.estimators.causal import weighted_smd

    z, a = effect.x[:, 2:], effect.exposure
    if effect.binary:
        size = np.abs(weighted_smd(z, a, weights))
    else:
        w = weights / weights.sum()
        zc, ac = z - w @ z, a - w @ a
        spread = np.sqrt((w @ zc**2) * (w @ ac**2))
        size = np.abs(w @ (zc * ac[:, None])) / np.where(spread > 0, spread, 1.0)
    worst = int(np.argmax(size))
    return effect.design.names[2 + worst], float(size[worst])


def _augment(effect: Effect, level: float) -> Answer:
    """Augment weights by outcome models, for a yes/no exposure."""
    from gluteal.estimators.causal import estimate_aipw

    threat, name = "doubly robust", "weighted and adjusted"
    if effect.family == "logistic":
        reason = "it gives risks, not the odds ratio within covariates that the headline is"
        return Answer(threat, name, reason=reason)
    z = effect.rest
    made = estimate_aipw(effect.outcome, effect.exposure, z, z, effect.family)
    found = made.ratio(level=level) if effect.ratio else made.difference(level=level)
    more: dict[str, Any] = {
        "se_type": f"{made.se_type}, log scale" if effect.ratio else made.se_type,
        "converged": made.converged, "estimator": "AIPW",
        "warnings": "; ".join(made.warnings),
        "estimand": "marginal " + ("ratio" if effect.ratio else "mean difference"),
    }  # fmt: skip
    return Answer(threat, name, found, more=more)


def answer_error(effect: Effect, error: ScoreError, level: float, seed: int) -> Iterator[Answer]:
    """Yield the effect of the exposure without its measurement error, by two ways."""
    from gluteal.estimators.sensitivity import ErrorVariance, calibrate_regression, fit_simex

    threat = "exposure error"
    if effect.binary:
        reason = "the exposure is a yes or no, which has no classical error"
        yield Answer(threat, "exposure without its error", reason=reason)
        return
    if not error.variance > 0:
        yield Answer(threat, "exposure without its error", reason="no repeats of the exposure")
        return
    variance = ErrorVariance(
        error.variance, error.variance * sqrt(2 / error.df) if error.df > 0 else 0.0
    )

    def calibrate() -> Answer:
        made = calibrate_regression(effect.x, effect.outcome, variance, 1, effect.family)
        left = f"{made.extra['reliability']:.2f} of the exposure's variance, given the covariates"
        more = described(effect, made, f"regression calibration, reliable: {left}")
        return Answer(threat, "exposure calibrated", estimate_from(effect, made, level), more=more)

    def simulate() -> Answer:
        made = fit_simex(effect.x, effect.outcome, variance, 1, effect.family, seed=seed)
        more = described(effect, made, "SIMEX, quadratic extrapolation, 100 replicates")
        return Answer(threat, "exposure, SIMEX", estimate_from(effect, made, level), more=more)

    for name, make in (("exposure calibrated", calibrate), ("exposure, SIMEX", simulate)):
        one = attempt(threat, name, make)
        if error.source == "trials" and one.found is not None:
            said = "trials of one session share what changes between sessions: more error is likely"
            one.more["warnings"] = "; ".join(t for t in (one.more["warnings"], said) if t)
        yield one


def choose_exclusions(*names: str) -> dict[str, LEVELS]:
    """Name the people to leave out in turn, for these variables of an effect.

    Pain inhibits force: where one of them is strength, also those whom its test hurt.

    Examples
    --------
    >>> list(choose_exclusions("lbp", "hip_abd_nm_kg"))[-1]
    'pain during the strength test'
    """
    found = dict(EXCLUDED)
    for muscle in (variables()[name].muscle for name in names):
        if muscle in HIP:
            found[PAINFUL] = {f"hip_{muscle}_pain_during": ("1",)}
    return found


def answer_exclusions(
    effect: Effect, groups: Mapping[str, LEVELS], level: float
) -> Iterator[Answer]:
    """Yield the effect without each group of people, per the same amount of exposure."""
    threat, frame = "exclusion", effect.frame
    for name, levels in groups.items():
        if held := [one for one in levels if one in (effect.outcome_name, effect.exposure_name)]:
            yield Answer(threat, name, reason=f"{held[0]} is in the effect itself")
            continue
        if absent := [one for one in levels if one not in frame or not frame[one].notna().any()]:
            reason = f"{' and '.join(absent)} not recorded"
            yield Answer(threat, name, reason=reason)
            continue
        out = np.ones(len(frame), dtype=bool)
        for one, chosen in levels.items():
            column: Any = frame[one]
            boolean = variables()[one].kind == "boolean"
            text = (column.astype("Int64") if boolean else column).astype("str")
            out &= text.where(column.notna(), "").isin(list(chosen)).to_numpy(dtype=bool)
        yield from _without(effect, threat, name, out, level)


def answer_implausible(effect: Effect, level: float) -> Iterator[Answer]:
    """Yield the effect without people whose outcome or exposure is outside its soft range."""
    name, out = "values on the query list", np.zeros(len(effect.frame), dtype=bool)
    for one in (effect.outcome_name, effect.exposure_name):
        known = variables()[one]
        if known.numeric:
            values: Floats = effect.frame[one].to_numpy(dtype=float, na_value=np.nan)
            low = -np.inf if known.soft_low is None else known.soft_low
            high = np.inf if known.soft_high is None else known.soft_high
            out |= (values < low) | (values > high)
    yield from _without(effect, "exclusion", name, out, level)


def _without(
    effect: Effect, threat: str, name: str, out: np.ndarray[Any, Any], level: float
) -> Iterator[Answer]:
    if not out[effect.design.rows].any():
        yield Answer(threat, name, reason="nobody in the analysis to leave out")
        return

    def refit() -> Answer:
        pair = effect.outcome_name, effect.exposure_name
        part = take_effect(
            effect.frame[~out], *pair, effect.covariates, effect.family,
            amount=(effect.units, effect.contrast), drop_constant=True,
        )  # fmt: skip
        sizes = {"n_obs": part.people, "n_people": part.people}
        more = described(
            part, part.model, name_model(part)[1], **sizes, adjusted_for="; ".join(part.covariates)
        )
        return Answer(threat, f"without {name}", part.found(level), more=more)

    yield attempt(threat, f"without {name}", refit)
