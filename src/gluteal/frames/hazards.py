"""Hazard ratios of new pain by one exposure, from the same people under different models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.firth import fit_firth, profile
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Estimate, Floats, JointTest, interval
from gluteal.estimators.splines import place_knots, spline_basis
from gluteal.estimators.survival import (
    check_proportionality,
    expand_times,
    expand_visits,
    fit_cox,
    fit_discrete,
)
from gluteal.estimators.survival.discrete import Hazards
from gluteal.estimators.survival.visits import Periods
from gluteal.frames.amounts import find_amount, write_amount
from gluteal.frames.design import WHERE
from gluteal.frames.followed import Followed, refuse_few

CLOGLOG = "discrete-time hazard model, complementary log-log link"
FIRTH = "discrete-time hazard model, logit link, Firth's penalty"


@dataclass(frozen=True)
class Answer:
    """A hazard ratio with the model that it comes from."""

    found: Estimate
    estimator: str
    se_type: str
    n_obs: int
    n_people: int
    n_events: int
    converged: bool = True
    warnings: tuple[str, ...] = ()


def amount_of(people: Followed, exposure: str, per: str | float) -> tuple[float, str]:
    """Return the amount of exposure that a ratio is for, and its words.

    Raises
    ------
    UserError
        If an SD within sexes is asked for and the sex is not known.
    """
    values = people.x[:, 0]
    if per != "within_sex_sd":
        return find_amount(values, exposure, per)
    if "sex" not in people.frame or people.frame["sex"].isna().any():
        rule, remedy = "is needed for an SD within sexes", "Use per: sd or an amount."
        raise CannotTest(Fault(WHERE, rule, remedy, column="sex"))
    sexes = np.unique(people.frame["sex"].astype("str").to_numpy(), return_inverse=True)[1]
    means = np.bincount(sexes, values) / np.bincount(sexes)
    rest = values - means[sexes]
    sd = sqrt(float(rest @ rest) / (len(values) - len(means)))
    return sd, write_amount(sd, exposure, "SD within sexes")


def compare_answers(first: Answer, second: Answer, level: float) -> Answer:
    """Divide the ratio of the second group of people by that of the first."""
    if not (first.converged and second.converged):
        raise UserError("one of the two groups has no finite estimate")
    gap = float(np.log(second.found.estimate / first.found.estimate))
    error = sqrt(first.found.se**2 + second.found.se**2)
    size = {name: getattr(first, name) + getattr(second, name)
            for name in ("n_obs", "n_people", "n_events")}  # fmt: skip
    return replace(second, found=log_ratio(interval(gap, error, inf, level)), **size)


def drop_constant(x: Floats) -> NDArray[np.intp]:
    """Return the columns that vary."""
    return np.flatnonzero(np.ptp(x, axis=0) > 0)


def fit_visits(people: Followed, *, crude: bool = False) -> tuple[Hazards, Periods]:
    """Fit the hazard between visits on exposure and covariates, people as clusters (CR2)."""
    refuse_few(people.events)
    rows = expand_visits(people.status)
    x = people.x[:, :1] if crude else people.x
    names = people.names[: x.shape[1]]
    kept = drop_constant(x[people.seen])
    if 0 not in kept:
        raise UserError(f"{names[0]} has one value only in these people")
    named = tuple(names[j] for j in kept)
    return fit_discrete(rows, x[:, kept], se="CR2", names=named), rows


def answer_visits(
    people: Followed, units: float, level: float, *, crude: bool = False
) -> tuple[Answer, Hazards]:
    """Estimate the hazard ratio for so many units more of the exposure."""
    fit, rows = fit_visits(people, crude=crude)
    found = log_ratio(fit.hazard_ratio(0, level).times(units))
    size = (len(rows.person), len(np.unique(rows.person)), int(rows.event.sum()))
    said = fit.model.warnings
    return Answer(found, CLOGLOG, "CR2, log scale", *size, fit.model.converged, said), fit


def answer_surely(people: Followed, units: float, level: float) -> tuple[Answer, Hazards | None]:
    """Estimate the hazard ratio; with Firth's penalty where there is no finite answer without.

    With few events a covariate may have none on one side, or there are more covariates than events.
    """
    try:
        answer, fit = answer_visits(people, units, level)
        if answer.converged:
            return answer, fit
        said = "; ".join(answer.warnings)
    except UserError as error:
        refuse_few(people.events)
        said = str(error)
    penalised = answer_logit(people, units, level, penalised=True)
    said = f"without a penalty there is no answer: {said}"
    return replace(penalised, warnings=(said, *penalised.warnings)), None


def spread_visits(people: Followed) -> tuple[Periods, Floats, NDArray[np.intp]]:
    """Lay out single periods at risk: an onset after missed visits counts in its last period.

    Returns
    -------
    rows : Periods
    dummies : ndarray
        Of the periods with an event; rows of other periods are all 0.
    who : ndarray
        The person of each row.
    """
    rows = expand_visits(people.status)
    who, start = np.unique(rows.person, return_index=True)
    end = np.append(start[1:], len(rows.person)) - 1
    single = expand_times(rows.last[end] + 1, rows.event[end])
    live = np.unique(single.last[single.event])
    return single, (single.last[:, None] == live).astype(float), who[single.person]


def answer_logit(people: Followed, units: float, level: float, *, penalised: bool) -> Answer:
    """Estimate by logistic regression of periods at risk, clustered or with Firth's penalty.

    The odds ratio of a short period is close to the hazard ratio.
    """
    refuse_few(people.events)
    single, dummies, who = spread_visits(people)
    use = dummies.any(axis=1)
    columns = people.x[who]
    columns = columns[:, drop_constant(columns[use])]
    x, y = np.column_stack([dummies, columns])[use], single.event[use].astype(float)
    at = dummies.shape[1]
    size = (int(use.sum()), len(np.unique(who)), int(y.sum()))
    if penalised:
        found = profile(x, y, at, level)
        model = fit_firth(x, y)
        kind, name = "profile penalised likelihood, log scale", FIRTH
    else:
        model = fit_glm(x, y, "logistic", "CR2", who[use])
        found, kind = model.coefficient(at, level), "CR2, log scale"
        name = "discrete-time hazard model, logit link"
    done = log_ratio(found.times(units))
    return Answer(done, name, kind, *size, model.converged, model.warnings)


def answer_dates(
    people: Followed, units: float, level: float
) -> tuple[Answer, JointTest, JointTest]:
    """Estimate by Cox regression on exact days; test proportional hazards, of exposure and all."""
    dated = people.take(np.isfinite(people.days))
    refuse_few(int(dated.hit.sum()))
    kept = drop_constant(dated.x)
    names = tuple(dated.names[j] for j in kept)
    fit = fit_cox(dated.x[:, kept], dated.days, dated.hit, robust=True, names=names)
    found = log_ratio(fit.model.coefficient(0, level).times(units))
    size = (fit.rows, fit.rows, fit.events)
    told = check_proportionality(fit)
    model = fit.model
    name = "Cox regression on days, Efron's ties"
    answer = Answer(found, name, "robust, log scale", *size, model.converged, model.warnings)
    return answer, told.each[0], told.whole


def answer_drift(people: Followed, level: float, units: float) -> Answer:
    """Estimate how the hazard ratio changes with each doubling of time."""
    rows = expand_visits(people.status)
    weeks = np.log2(people.weeks)[rows.last]
    x = people.x[rows.person]
    more = (x[:, 0] - people.x[people.seen, 0].mean()) * (weeks - weeks.mean())
    x = np.column_stack([x[:, 0], more, x[:, 1:]])
    names = (people.names[0], "exposure by time", *people.names[1:])
    kept = drop_constant(x)
    fit = fit_discrete(rows, x[:, kept], se="CR2", names=tuple(names[j] for j in kept))
    found = log_ratio(fit.hazard_ratio(1, level).times(units))
    size = (len(rows.person), len(np.unique(rows.person)), int(rows.event.sum()))
    said = fit.model.warnings
    return Answer(found, CLOGLOG, "CR2, log scale", *size, fit.model.converged, said)


def answer_calibrated(answer: Answer, share: Estimate, level: float) -> Answer:
    """Divide a log hazard ratio by the exposure's reliability, and its error with it.

    Good where the event is rare between visits (Rosner, Willett and Spiegelman 1989); the two
    estimates are taken as independent.
    """
    if not share.low > 0:
        raise UserError("the reliability is not clearly above zero: nothing can be corrected")
    slope, se = np.log(answer.found.estimate) / share.estimate, answer.found.se
    error = sqrt((se / share.estimate) ** 2 + (slope * share.se / share.estimate) ** 2)
    found = log_ratio(interval(float(slope), error, inf, level))
    name = f"{answer.estimator}, regression calibration (reliability {share.estimate:.2f})"
    return replace(answer, found=found, estimator=name, se_type="delta method, log scale")


def check_bend(people: Followed) -> JointTest | None:
    """Test that the log hazard is straight in the exposure; None if values are too few."""
    knots = place_knots(people.x[people.seen, 0], 3)
    if len(knots) < 3 or people.events < 4 * people.x.shape[1]:
        return None
    basis = spline_basis(people.x[:, 0], knots)
    x = np.column_stack([basis, people.x[:, 1:]])
    kept = drop_constant(x[people.seen])
    fit = fit_discrete(expand_visits(people.status), x[:, kept], se="CR2")
    return fit.model.wald([len(fit.live) + 1]) if fit.model.converged else None
