"""What could be wrong with a hazard ratio: people who left, an exposure measured with error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gluteal.cohort.tables import BASELINE
from gluteal.constants import constant
from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.causal import (
    Weights,
    WeightSummary,
    accumulate,
    fit_msm,
    summarise_weights,
    weigh_remaining,
)
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.linear import fit_linear
from gluteal.frames.design import WHERE
from gluteal.frames.followed import PERSON, Followed, values_by_visit
from gluteal.frames.hazards import Answer, drop_constant
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

FEWEST_PAIRS = 30


def keep_varying(x: Floats) -> Floats:
    """Keep the intercept in front and the columns that vary."""
    return np.column_stack([x[:, :1], x[:, 1:][:, drop_constant(x[:, 1:])]])


def count_lost(people: Followed) -> int:
    """Count people without the event who were not seen at the last visit."""
    return int((~people.hit & ~np.isfinite(people.status[:, -1])).sum())


def last_known(
    cohort: Cohort, people: Followed, names: Sequence[str], visit: str = BASELINE
) -> dict[str, Floats]:
    """Return what was last known of people before each later visit, people × visits.

    Who has no value at the start gets the median: these predict who leaves, no more.
    """
    found: dict[str, Floats] = {}
    who = people.frame[PERSON]
    for name in names:
        if name not in cohort.visits:
            continue
        known = variables().get(name)
        if known is None or not (known.numeric or known.kind == "boolean"):
            continue
        table = values_by_visit(cohort, name, who, [visit, *people.visits[:-1]])
        if not np.isfinite(table[:, 0]).any():
            continue
        table[:, 0] = np.where(np.isnan(table[:, 0]), np.nanmedian(table[:, 0]), table[:, 0])
        place = np.where(np.isfinite(table), np.arange(table.shape[1]), 0)
        carried = np.take_along_axis(table, np.maximum.accumulate(place, axis=1), axis=1)
        moves = bool(np.ptp(carried, axis=1).any())
        if moves or (name not in people.covariates and np.ptp(carried) > 0):
            found[name] = carried
    return found


def answer_weighted(
    people: Followed, predictors: dict[str, Floats], units: float, level: float
) -> tuple[Answer, WeightSummary]:
    """Weight people who stayed for those like them who left (inverse probability of censoring).

    Staying is modelled by logistic regression on time, exposure, covariates and what was last
    known; the weights are stabilised by the model without the latter. Hazards are those of a
    logit link.

    Raises
    ------
    UserError
        If nobody left, or a model has a fault.
    """
    status = people.status
    k = status.shape[1]
    visit = np.arange(k)
    negative = (status == 0) & (np.cumsum(status == 1, axis=1) == 0)
    passed = np.where(negative.any(1), k - negative[:, ::-1].argmax(1), 0)
    last = np.where(people.hit, (status == 1).argmax(1), np.minimum(passed, k - 1))
    who, period = np.nonzero(visit <= last[:, None])
    event = people.hit[who] & (period == last[who])
    stayed = event | (period < passed[who]) | (people.hit[who] & (period < last[who]))
    weeks = people.weeks[period]
    x = people.x[who][:, drop_constant(people.x[people.seen])]
    over = np.column_stack([np.ones(len(who)), weeks, np.log(weeks), x])
    over = keep_varying(over)
    more = [table[who, period] for table in predictors.values()]
    under = np.column_stack([over, *more])
    each = weigh_remaining(stayed, under, numerator=over if more else np.ones((len(who), 1)))
    weights = accumulate(each, who, period)
    live = np.unique(period[event])
    dummies = (period[:, None] == live).astype(float)
    used = stayed & dummies.any(axis=1)
    values = np.where(used, weights.values, 0.0)
    weights = Weights(values, weights.gradient, weights.shares, weights.probability,
                      weights.converged, weights.warnings)  # fmt: skip
    y = np.where(used, event.astype(float), np.nan)
    fit = fit_msm(np.column_stack([dummies, x]), y, weights, "logistic", person=who)
    found = log_ratio(fit.coefficient(len(live), level).times(units))
    size = (int(used.sum()), len(np.unique(who[used])), int(event.sum()))
    name = "discrete-time hazard model, logit link, weighted for staying"
    answer = Answer(found, name, f"{fit.se_type}, log scale", *size, fit.converged, fit.warnings)
    return answer, summarise_weights(values)


def reliability_of(
    cohort: Cohort, people: Followed, exposure: str, source: str
) -> tuple[Estimate, str]:
    """Estimate which share of the exposure's spread, given the covariates, is lasting.

    Parameters
    ----------
    source : str
        ``later_visit``: the slope of the last later measurement of people still free (at least 30)
        on the first, which is the share that lasts; else the name of a constant: an SEM in the
        exposure's unit or an ICC.

    Returns
    -------
    share : Estimate
        Without error where it comes from a constant.
    words : str
        Where it comes from.

    Raises
    ------
    UserError
        If too few people were measured again, or the constant does not fit.
    """
    z = np.column_stack([np.ones(len(people.x)), people.x[:, 1:]])
    z = keep_varying(z)
    first = people.x[:, 0]
    if source != "later_visit":
        return _from_constant(source, exposure, first, z)
    table = values_by_visit(cohort, exposure, people.frame[PERSON], people.visits)
    table = np.where(people.status == 0, table, np.nan)
    counts = np.isfinite(table).sum(axis=0)
    enough = np.flatnonzero(counts >= max(FEWEST_PAIRS, z.shape[1] + 10))
    if not enough.size:
        rule = f"fewer than {FEWEST_PAIRS} people still free of pain were measured again"
        raise CannotTest(Fault(WHERE, rule, "Name a constant in exposure_error.", column=exposure))
    at = enough[-1]
    use = np.isfinite(table[:, at])
    x = keep_varying(np.column_stack([z[:, 0], first, z[:, 1:]])[use])
    share = fit_linear(x, table[use, at], "HC3").coefficient(1)
    words = f"{counts[at]} people measured again at {people.visits[at]}"
    return share, words


def _from_constant(name: str, exposure: str, first: Floats, z: Floats) -> tuple[Estimate, str]:
    known = constant(name)
    inner = fit_linear(z, first, "classical")
    rest = first - inner.fitted
    spread = float(rest @ rest) / (len(first) - z.shape[1])
    if name.startswith("icc_"):
        error = (1 - known.value) * float(first.var(ddof=1))
    elif known.unit == variables()[exposure].unit:
        error = known.value**2
    else:
        rule = f"the constant {name} is in {known.unit}, the exposure in another unit"
        raise UserError(Fault("the config", rule, "Name an SEM or ICC.", column="exposure_error"))
    value = 1 - error / spread
    if value <= 0:
        rule = f"the error of {name} is as large as the spread given the covariates"
        raise UserError(
            Fault("the config", rule, "Name a fitting constant.", column="exposure_error")
        )
    return Estimate(value, 0.0, float("inf"), value, value, 0.0, 0.95), known.cite()
