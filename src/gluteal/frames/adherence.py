"""Adherence over the intervals of a programme, weighted for what made people adhere and leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.causal import (
    accumulate,
    fit_msm,
    summarise_weights,
    weigh_density,
    weigh_remaining,
)
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.inference import Floats, Model
from gluteal.estimators.inputs import dependent_columns
from gluteal.estimators.linear import fit_linear
from gluteal.frames.course import Course, lay_wide
from gluteal.frames.design import WHERE
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

Codes = NDArray[np.intp]
FEWEST = 20
TOO_FEW_LEFT = "too few left to model who stayed: no weights for staying"
INTERVAL, SO_FAR, STAGE = "adherence_interval", "adherence_to_date", "stage_at_visit"


@dataclass(frozen=True)
class Intervals:
    """People × intervals of the programme up to the end; interval k ends at visit k + 1.

    Attributes
    ----------
    course : Course
        Of the people with sessions.
    end : int
        Column of the end visit.
    dose : ndarray, shape (n, end)
        Adherence in each interval; NaN where no session was prescribed.
    so_far : ndarray, shape (n, end + 1)
        Adherence up to each visit; 0 before the first session.
    before : tuple of ndarray, shape (n, end)
        Known before each interval: the outcome, the stage, and other variables, the last value.
    names : tuple of str
        Of ``before``.
    """

    course: Course
    end: int
    dose: Floats
    so_far: Floats
    before: tuple[Floats, ...]
    names: tuple[str, ...]

    @property
    def total(self) -> Floats:
        """Adherence from the start to the end."""
        return self.so_far[:, self.end]

    @property
    def baseline(self) -> Floats:
        """Design of the baseline: intercept, outcome, covariates."""
        first = self.course.y[:, :1]
        return np.hstack([np.ones((len(first), 1)), first, self.course.z])


@dataclass(frozen=True)
class Dose:
    """The later outcome by adherence: weighted, and as plain regressions beside it.

    The adherence is coefficient 1 of each model, per 1 (all of what was prescribed).
    """

    weighted: Model
    untruncated: Model
    crude: Model
    adjusted: Model
    weights: Floats
    summary: Any
    n: int


def read_intervals(cohort: Cohort, course: Course, end: int, history: Sequence[str]) -> Intervals:
    """Lay out what was done in each interval and what was known before it.

    Parameters
    ----------
    cohort : Cohort
    course : Course
        Of the outcome.
    end : int
        Column of the visit at which the outcome is analysed.
    history : sequence of str
        Variables of the visits that may drive adherence and outcome alike.

    Raises
    ------
    UserError
        If fewer than 20 people have sessions and a baseline value, or a variable is no number.
    """
    visits = course.visits
    so_far = lay_numbers(cohort, SO_FAR, course)[:, : end + 1]
    there = np.isfinite(so_far[:, end]) & np.isfinite(course.y[:, 0])
    if int(there.sum()) < FEWEST:
        rule = f"fewer than {FEWEST} people have sessions before {visits[end]}"
        raise CannotTest(Fault(WHERE, rule, "A dose-response needs more.", column=SO_FAR))
    kept = course.only(there)
    dose = lay_numbers(cohort, INTERVAL, kept)[:, 1 : end + 1]
    names = [STAGE] if STAGE in cohort.visits else []
    names += [name for name in history if name in cohort.visits]
    before = [_carry(kept.y)[:, :end]]
    before += [_carry(lay_numbers(cohort, name, kept))[:, :end] for name in names]
    return Intervals(
        kept,
        end,
        dose,
        np.nan_to_num(so_far[there]),
        tuple(before),
        ("outcome", *names),
    )


def lay_numbers(cohort: Cohort, name: str, course: Course) -> Floats:
    """Lay a variable out as numbers; the codes of an ordered category count from 0."""
    wide: Any = lay_wide(cohort, name, list(course.people), course.visits)
    known = variables().get(name)
    if known and known.kind == "category":
        codes = {level: float(k) for k, level in enumerate(known.levels)}
        wide = wide.astype(object).map(lambda word: codes.get(str(word), np.nan))
    try:
        return wide.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        rule, remedy = "is not a number and cannot be used as one", "Name another variable."
        raise UserError(Fault(WHERE, rule, remedy, column=name)) from error


def _carry(values: Floats) -> Floats:
    """Give each visit the last known value; before the first one, the mean of the first visit.

    This is what a therapist knows of a person at that time, not a guess at the missing value.
    """
    found = values.copy()
    known = found[np.isfinite(found[:, 0]), 0]
    found[~np.isfinite(found[:, 0]), 0] = known.mean() if len(known) else 0.0
    for k in range(1, found.shape[1]):
        gone = ~np.isfinite(found[:, k])
        found[gone, k] = found[gone, k - 1]
    return found


def _independent(x: Floats) -> Floats:
    """Leave out columns that follow from the ones before them."""
    spread = dependent_columns(x)
    return np.delete(x, list(spread), axis=1) if len(spread) else x


def _rows(made: Intervals, k: int) -> tuple[Floats, Floats]:
    """Return the designs of interval k: of the denominator, and of the numerator before it."""
    marks = np.zeros((len(made.dose), made.end - 1))
    if k:
        marks[:, k - 1] = 1.0
    few = np.hstack([made.baseline, marks, made.so_far[:, k : k + 1]])
    return np.hstack([few, *(b[:, k : k + 1] for b in made.before)]), few


def weigh_intervals(made: Intervals) -> tuple[Weights, Codes, Codes]:
    """Weigh people for their adherence in each interval and for having stayed.

    Returns
    -------
    weights : Weights
        One row a person × interval, accumulated up to it.
    who, interval : ndarray
        Person and interval of each row.
    """
    n, end = made.dose.shape
    who, at = np.repeat(np.arange(n), end), np.tile(np.arange(end), n)
    parts = [_rows(made, k) for k in range(end)]
    full = np.stack([p[0] for p in parts], axis=1).reshape(n * end, -1)
    few = np.stack([p[1] for p in parts], axis=1).reshape(n * end, -1)
    dose = made.dose.ravel()
    weights = _spread(_density(dose, full, few), np.isfinite(dose))
    seen = np.isfinite(made.course.y[:, 1 : end + 1])
    later = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    later[:, end - 1] = seen[:, end - 1]
    stayed = later.astype(float).ravel()
    here = np.hstack([np.ones((n, 1), dtype=bool), later[:, :-1]]).ravel()
    if stayed[here].min() == 0:
        left = _remaining(stayed[here], full[here], few[here], dose[here])
        if left.converged:
            weights = weights.times(_spread(left, here))
        else:
            weights = replace(weights, warnings=(*weights.warnings, TOO_FEW_LEFT))
        weights.values[~here] = 0.0
    return accumulate(weights, who, at), who, at


def _density(dose: Floats, full: Floats, few: Floats) -> Weights:
    known = np.isfinite(dose)
    wide, narrow = _independent(full[known]), _independent(few[known])
    return weigh_density(dose[known], wide, numerator=narrow)


def _remaining(stayed: Floats, full: Floats, few: Floats, dose: Floats) -> Weights:
    """Weigh those who stayed; the adherence of the interval itself tells of leaving, too."""
    own = np.nan_to_num(dose, nan=float(np.nanmean(dose)))[:, None]
    wide, narrow = _independent(np.hstack([full, own])), _independent(np.hstack([few, own]))
    return weigh_remaining(stayed, wide, numerator=narrow)


def _spread(weights: Weights, rows: Any) -> Weights:
    """Give rows outside a model the weight 1: it says nothing about them."""
    n, q = len(rows), weights.gradient.shape[1]
    values, gradient, shares = np.ones(n), np.zeros((n, q)), np.zeros((n, q))
    values[rows], gradient[rows], shares[rows] = weights.values, weights.gradient, weights.shares
    chance = np.ones(n)
    chance[rows] = weights.probability
    return Weights(values, gradient, shares, chance, weights.converged, weights.warnings)


def fit_dose(made: Intervals, truncate: tuple[float, float] = (0.01, 0.99)) -> Dose:
    """Fit the outcome at the end on adherence so far, weighted and plain.

    Raises
    ------
    UserError
        If adherence or outcome do not vary, or fewer than 20 people have the outcome.

    References
    ----------
    Robins, Hernán and Brumback 2000, doi:10.1097/00001648-200009000-00011; Cole and Hernán 2008
    for the truncation, doi:10.1093/aje/kwn164.
    """
    weights, who, at = weigh_intervals(made)
    end = made.course.y[:, made.end]
    seen = np.isfinite(end)
    if int(seen.sum()) < FEWEST:
        rule = f"fewer than {FEWEST} people with sessions have the outcome at the end"
        raise CannotTest(Fault(WHERE, rule, "Choose an earlier outcome_visit.", column="visit"))
    for values, name in ((made.total[seen], SO_FAR), (end[seen], made.course.outcome)):
        if np.ptp(values) == 0:
            rule = "has one value only in the rows analysed"
            raise CannotTest(Fault(WHERE, rule, "Nothing to compare.", column=name))
    last = (at == made.end - 1) & seen[who]
    final = Weights(
        np.where(last, weights.values, 0.0),
        weights.gradient,
        weights.shares,
        weights.probability,
        weights.converged,
        weights.warnings,
    )
    base = made.baseline
    x = np.column_stack([base[:, 0], made.total, base[:, 1:]])
    y = np.where(np.isfinite(end), end, 0.0)
    cut = final.truncate(*truncate)
    plain = x[seen]
    return Dose(
        weighted=fit_msm(x[who], y[who], cut, person=who),
        untruncated=fit_msm(x[who], y[who], final, person=who),
        crude=fit_linear(plain[:, :2], end[seen], "HC3"),
        adjusted=fit_linear(plain, end[seen], "HC3"),
        weights=cut.values[last],
        summary=summarise_weights(cut.values[last]),
        n=int(seen.sum()),
    )
