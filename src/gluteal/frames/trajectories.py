"""Courses of an outcome put into classes, and who belongs to the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.lmm import fit_lmm
from gluteal.estimators.trajectories import (
    ClassRegression,
    ClassSelection,
    Trajectories,
    regress_classes,
    select_classes,
)
from gluteal.frames.course import PERSON, require_visits
from gluteal.frames.design import WHERE, build_design, numeric_column

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

WAVES, FEWEST = 4, 20
Scale = Literal["week", "log_week"]
WEEK, PLANNED = "week_actual", "week_nominal"


@dataclass(frozen=True)
class Courses:
    """Rows of an outcome over time, and what is known of their people at the baseline.

    Attributes
    ----------
    y, time : ndarray, shape (n,)
        Outcome, and week on the scale of the model.
    week : ndarray, shape (n,)
    person : ndarray, shape (n,)
        Place of the row's person in ``x``.
    x : ndarray, shape (people, q)
        Design of the classes: intercept, exposure in SDs, covariates.
    sd : float
        Of the exposure.
    names : tuple of str
        Of the covariates' columns.
    n_missing : int
        People left out for missing covariates or fewer than two values.
    """

    y: Floats
    time: Floats
    week: Floats
    person: np.ndarray[Any, np.dtype[np.intp]]
    x: Floats
    sd: float
    names: tuple[str, ...]
    scale: Scale
    n_missing: int

    def on_scale(self, weeks: Floats) -> Floats:
        """Take weeks to the time of the model."""
        return scale_weeks(weeks, self.scale)


def scale_weeks(weeks: Floats, scale: Scale) -> Floats:
    """Return weeks, or ln(1 + weeks), along which courses of pain flatten less.

    Examples
    --------
    >>> scale_weeks(np.array([0.0, 1.0]), "log_week").round(3).tolist()
    [0.0, 0.693]
    """
    return np.log1p(np.maximum(weeks, 0.0)) if scale == "log_week" else weeks


def count_waves(cohort: Cohort, outcome: str) -> int:
    """Count the visits at which at least two people have the outcome.

    Raises
    ------
    UserError
        If the outcome is no measure of visits.
    """
    require_visits(cohort, outcome)
    there = cohort.visits[["visit", outcome]].dropna()
    return int((there.groupby("visit", observed=True).size() >= 2).sum())


def read_courses(
    cohort: Cohort,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    baseline: str,
    scale: Scale,
) -> Courses:
    """Take all visits of the people who have exposure, covariates and two values or more.

    Raises
    ------
    UserError
        If exposure or outcome are no numbers or do not vary, or the covariates have a fault.
    """
    require_visits(cohort, outcome)
    frame = cohort.frame([exposure, *covariates], "person", baseline)
    long = _long(cohort, outcome)
    enough = long.groupby(PERSON, observed=True)["y"].size()
    frame = frame[frame[PERSON].isin(enough.index[enough >= 2])].reset_index(drop=True)
    if len(frame) < FEWEST:
        rule = f"{len(frame)} people have two values or more, classes need {FEWEST}"
        raise CannotTest(Fault(WHERE, rule, "Describe the people one by one.", column=outcome))
    numeric_column(frame, exposure)
    made = build_design(frame, [exposure, *covariates])
    x = made.matrix.copy()
    sd = float(x[:, 1].std(ddof=1))
    x[:, 1] /= sd
    ids = frame[PERSON].to_numpy()[made.rows]
    place = {name: n for n, name in enumerate(ids)}
    long = long[long[PERSON].isin(list(place))]
    weeks = long["week"].to_numpy(dtype=float)
    people = int(cohort.people[PERSON].nunique())
    return Courses(
        long["y"].to_numpy(dtype=float),
        scale_weeks(weeks, scale),
        weeks,
        np.array([place[name] for name in long[PERSON]], dtype=np.intp),
        x,
        sd,
        made.names[2:],
        scale,
        people - len(ids),
    )


def _long(cohort: Cohort, outcome: str) -> pd.DataFrame:
    """Rows with a value: person, outcome, actual week (the planned one where it is not known)."""
    visits = cohort.visits
    y = numeric_column(visits, outcome)
    if PLANNED not in visits and WEEK not in visits:
        rule = "the visits have no week"
        raise CannotTest(Fault(WHERE, rule, "Record week_nominal.", column=PLANNED))
    planned = PLANNED if PLANNED in visits else WEEK
    week = visits[planned].to_numpy(dtype=float)
    if WEEK in visits:
        actual = visits[WEEK].to_numpy(dtype=float)
        week = np.where(np.isnan(actual), week, actual)
    table = visits[[PERSON]].assign(y=y, week=week)
    return table.dropna()


@dataclass(frozen=True)
class Classes:
    """The classes chosen, all fits, and the regressions of class on exposure.

    Attributes
    ----------
    chosen : Trajectories
        Classes in ascending order of their mean outcome: the last one is the worst.
    selection : ClassSelection
    regression : ClassRegression or None
        None with one class.
    """

    courses: Courses
    chosen: Trajectories
    selection: ClassSelection
    regression: ClassRegression | None

    def worst(self, level: float) -> Estimate | None:
        """Odds ratio of the worst against the best course per SD of the exposure."""
        if self.regression is None:
            return None
        return log_ratio(self.regression.log_odds(self.chosen.classes - 1, 1, level))

    def of_class(self, which: int, level: float) -> Estimate | None:
        """Return the odds ratio of a class against the best course."""
        if self.regression is None:
            return None
        return log_ratio(self.regression.log_odds(which, 1, level))


def classify(
    courses: Courses,
    *,
    most: int = 5,
    classes: int | None = None,
    degree: int = 1,
    least_share: float = 0.05,
    starts: int = 50,
    seed: int = 1,
) -> Classes:
    """Fit 1 to ``most`` classes, take the lowest BIC, and regress class on the exposure.

    Among fits that converged and whose smallest class holds ``least_share`` of people or more;
    ``classes`` takes a number of classes instead.

    Raises
    ------
    UserError
        If there are too few people or times, or that number of classes cannot be fitted.
    """
    y, time, person = courses.y, courses.time, courses.person
    most = max(most, classes or 1)
    selection = select_classes(y, time, person, most=most, degree=degree, starts=starts, seed=seed)
    if classes is not None:
        fits = [one for one in selection.fits if one.classes == classes]
        if not fits:
            rule = f"{classes} classes cannot be fitted to so few people"
            raise CannotTest(Fault(WHERE, rule, "Ask for fewer.", column="classes"))
    else:
        fits = [f for f in selection.fits if f.converged and f.smallest >= least_share]
    best = min(fits or selection.fits[:1], key=lambda one: one.bic)
    return Classes(courses, best, selection, regress(courses, best))


def regress(
    courses: Courses,
    found: Trajectories,
    *,
    method: Literal["ML", "BCH"] = "ML",
    adjusted: bool = True,
) -> ClassRegression | None:
    """Regress class on exposure and covariates, with the error of the classes; None for one."""
    if found.classes < 2 or len(np.unique(found.assigned[found.assigned >= 0])) < found.classes:
        return None
    x = courses.x if adjusted else courses.x[:, :2]
    return regress_classes(found, x, method=method)


def continuum_bic(courses: Courses, degree: int) -> float:
    """Return the BIC of one course about which people differ along a line, not in classes.

    A random intercept by maximum likelihood; people are counted, as in the BIC of classes.
    """
    x = courses.time[:, None] ** np.arange(degree + 1)
    fit = fit_lmm(x, courses.y, courses.person, reml=False, df="normal")
    people = len(np.unique(courses.person))
    return fit.deviance + fit.parameters * float(np.log(people))


def draw_courses(
    made: Classes, weeks: Floats, level: float, least: int = 10
) -> list[dict[str, Any]]:
    """Return the mean course of each class with its band over weeks; small classes are left out."""
    found: list[dict[str, Any]] = []
    chosen, width = made.chosen, made.chosen.degree + 1
    for k in range(chosen.classes):
        n = int((chosen.assigned == k).sum())
        if n < least:
            continue
        for week, at in zip(weeks, made.courses.on_scale(weeks), strict=True):
            w = np.zeros(len(chosen.model.coef))
            w[k * width : (k + 1) * width] = float(at) ** np.arange(width)
            one = chosen.model.contrast(w, level)
            ends = {"estimate": one.estimate, "low": one.low, "high": one.high}
            share = float(chosen.share[k])
            found.append({"class": k + 1, "n": n, "share": share, "week": float(week)} | ends)
    return found
