"""Accuracy of a yes-or-no test against a yes-or-no reference, for people or for legs of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, hypot, inf, log, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.auc import of_kept
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import (
    Interval,
    clopper_pearson,
    clustered_proportion,
    t_quantile,
    z_quantile,
)
from gluteal.estimators.suppression import suppress_counts

Array = NDArray[np.float64]
CITED_SIMPLE = (
    "Sensitivity and specificity have Clopper-Pearson intervals (1934, doi:10.1093/biomet/26.4.404)"
)
CITED_CLUSTERED = (
    "Since two legs of one person are alike, variances are those of ratios of sums over people "
    "(Rao and Scott 1992, doi:10.2307/2532311; Genders 2012, doi:10.1148/radiol.12120509), and "
    "intervals of sensitivity and specificity are Wilson's at the effective size"
)
CITED_RATIOS = (
    "likelihood ratios have intervals on the log scale (Simel 1991, "
    "doi:10.1016/0895-4356(91)90128-V), predictive values those of the likelihood ratio carried to "
    "the stated prevalence (Mercaldo 2007, doi:10.1002/sim.2677)"
)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What a two-by-two table says about a test.

    The standard errors of ``lr_positive``, ``lr_negative`` and ``odds_ratio`` are those of their
    logarithms. ``table`` counts legs or people: true positive, false positive, false negative,
    true negative. ``zero_cell`` marks ratios computed with 0.5 added to each cell.
    """

    sensitivity: Interval
    specificity: Interval
    youden: Interval
    lr_positive: Interval
    lr_negative: Interval
    odds_ratio: Interval
    ppv: Interval
    npv: Interval
    prevalence: float
    table: tuple[int, int, int, int]
    people: int
    zero_cell: bool


def predictive_values(
    prevalence: float, lr_positive: Interval, lr_negative: Interval, level: float = 0.95
) -> tuple[Interval, Interval]:
    """Turn likelihood ratios into predictive values at a stated prevalence (Bayes).

    Parameters
    ----------
    prevalence : float
        Between 0 and 1, known from elsewhere: its own uncertainty is not in the interval.
    lr_positive, lr_negative : Interval
        With standard errors on the log scale.
    level : float
        Level of the interval, which is that of the log ratio carried to the logit.

    Returns
    -------
    tuple of Interval
        Positive and negative predictive value.

    References
    ----------
    Mercaldo, Lau & Zhou (2007), doi:10.1002/sim.2677.

    Examples
    --------
    >>> ppv, npv = predictive_values(0.5, Interval(3, 2, 4, 0.1), Interval(0.5, 0.4, 0.6, 0.1))
    >>> round(ppv.value, 2), round(npv.value, 2)
    (0.75, 0.67)
    """
    odds = prevalence / (1 - prevalence)
    z = z_quantile(level)

    def value(start: float, ratio: float, se: float) -> Interval:
        middle = start * ratio
        low, high = middle * exp(-z * se), middle * exp(z * se)
        p = middle / (1 + middle)
        return Interval(p, low / (1 + low), high / (1 + high), se * p * (1 - p))

    return (
        value(odds, lr_positive.value, lr_positive.se),
        value(1 / odds, 1 / lr_negative.value if lr_negative.value else inf, lr_negative.se),
    )


def _ratios(
    se: float, sp: float, v: tuple[float, float, float], level: float
) -> tuple[Interval, Interval, Interval]:
    """LR+, LR- and odds ratio with intervals on the log scale, by the delta method."""
    z = z_quantile(level)

    def carry(value: float, by_se: float, by_sp: float) -> Interval:
        variance = by_se**2 * v[0] + by_sp**2 * v[1] + 2 * by_se * by_sp * v[2]
        spread = sqrt(max(variance, 0.0))
        return Interval(value, value * exp(-z * spread), value * exp(z * spread), spread)

    positive = carry(se / (1 - sp), 1 / se, 1 / (1 - sp))
    negative = carry((1 - se) / sp, -1 / (1 - se), -1 / sp)
    odds = carry(se * sp / ((1 - se) * (1 - sp)), 1 / se + 1 / (1 - se), 1 / sp + 1 / (1 - sp))
    return positive, negative, odds


def _person_sums(test: Array, reference: Array, person: ArrayLike) -> Array:
    """Per person: true positives, weak, true negatives, not weak."""
    who = np.unique(np.asarray(person), return_inverse=True)[1]
    parts = (test * reference, reference, (1 - test) * (1 - reference), 1 - reference)
    return np.column_stack([np.bincount(who, part).astype(float) for part in parts])


def clustered_covariance(test: ArrayLike, reference: ArrayLike, person: ArrayLike) -> Array:
    """Covariance of sensitivity and specificity when one person gives several legs.

    Both are ratios of sums over people; people, not legs, are what was sampled. Equals the
    cluster-robust covariance (HC0, G/(G-1)) of the regression of the test on the reference.

    Parameters
    ----------
    test, reference : array of shape (n,)
        0 or 1, one value a leg.
    person : array of shape (n,)
        Who the leg belongs to.

    Returns
    -------
    array of shape (2, 2)
        Of sensitivity and specificity.

    References
    ----------
    Rao & Scott (1992), doi:10.2307/2532311; Genders et al. (2012),
    doi:10.1148/radiol.12120509.
    """
    t, r = np.asarray(test, dtype=float), np.asarray(reference, dtype=float)
    sums = _person_sums(t, r, person)
    total = sums.sum(0)
    pull = np.column_stack(
        [(sums[:, i] - total[i] / total[i + 1] * sums[:, i + 1]) / total[i + 1] for i in (0, 2)]
    )
    return pull.T @ pull * (len(sums) / (len(sums) - 1) if len(sums) > 1 else nan)


def as_two_by_two(
    test: ArrayLike, reference: ArrayLike, person: ArrayLike | None = None
) -> tuple[Array, Array, NDArray[np.intp]]:
    """Keep legs with both values, as 0 and 1, with their person as a number.

    Raises
    ------
    UserError
        If the reference has no positive or no negative.
    """
    t, r = np.asarray(test, dtype=float), np.asarray(reference, dtype=float)
    kept = np.isfinite(t) & np.isfinite(r)
    t, r = t[kept], r[kept]
    who = np.arange(r.size) if person is None else of_kept(person, kept)
    if not t.size:
        raise UserError("no unit has both a test and a reference value")
    if odd := sorted(set(np.unique(r).tolist()) - {0.0, 1.0}):
        raise UserError(f"the reference must be 0 or 1, found {odd[0]:g}")
    if not r.any() or r.all():
        raise UserError(
            f"the reference is {'positive' if r.all() else 'negative'} in all {r.size} units: "
            "accuracy needs both"
        )
    return t, r, as_groups(who, r.size)[0]


def accuracy(
    test: ArrayLike,
    reference: ArrayLike,
    person: ArrayLike | None = None,
    prevalence: float | None = None,
    level: float = 0.95,
) -> Accuracy:
    """Estimate how well a yes-or-no test shows a yes-or-no reference.

    Parameters
    ----------
    test, reference : array of shape (n,)
        0 or 1, NaN where missing (left out); one value a leg or a person.
    person : array of shape (n,), optional
        Who the leg belongs to. With it, intervals are cluster-robust; without, legs are people.
    prevalence : float, optional
        At which predictive values are given; by default that of the data.
    level : float
        Level of the intervals.

    Returns
    -------
    Accuracy
        Sensitivity and specificity with Clopper-Pearson intervals, or, clustered, with Wilson's
        at the effective size; ratios on the log scale; Youden's J = sensitivity + specificity - 1
        with a t interval (people - 1 degrees of freedom), or, where a cell of the table is empty,
        made of the intervals of both (Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8).

    Raises
    ------
    UserError
        For other codes, a reference that is the same in all, or a unit without a person.

    References
    ----------
    Simel, Samsa & Matchar (1991), doi:10.1016/0895-4356(91)90128-V; Genders et al. (2012),
    doi:10.1148/radiol.12120509; Cohen et al. (2016), STARD 2015, doi:10.1136/bmjopen-2016-012799.

    Examples
    --------
    >>> found = accuracy([1, 1, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0])
    >>> round(found.sensitivity.value, 3), round(found.lr_positive.value, 3)
    (0.667, 2.0)
    """
    t, r, who = as_two_by_two(test, reference, person)
    if odd := sorted(set(np.unique(t).tolist()) - {0.0, 1.0}):
        raise UserError(f"the test must be 0 or 1, found {odd[0]:g}")
    weak, firm = float(r.sum()), float((1 - r).sum())
    tp, tn = float((t * r).sum()), float(((1 - t) * (1 - r)).sum())
    se, sp = tp / weak, tn / firm
    people = int(who.max()) + 1
    v = np.diag([se * (1 - se) / weak, sp * (1 - sp) / firm])
    if person is None:
        sensitivity = clopper_pearson(tp, weak, level)
        specificity = clopper_pearson(tn, firm, level)
    else:
        v = clustered_covariance(t, r, who)
        up, down = (len(np.unique(who[r == side])) for side in (1, 0))
        sensitivity = clustered_proportion(se, sqrt(v[0, 0]), up, level)
        specificity = clustered_proportion(sp, sqrt(v[1, 1]), down, level)
    spread = sqrt(max(float(v.sum()), 0.0))
    half = t_quantile(level, people - 1) * spread if people > 1 else nan
    youden = Interval(se + sp - 1, se + sp - 1 - half, se + sp - 1 + half, spread, people - 1)
    zero_cell = min(tp, weak - tp, tn, firm - tn) == 0
    if zero_cell:  # no spread is seen where there must be some: square and add score intervals
        low = se + sp - 1 - hypot(se - sensitivity.low, sp - specificity.low)
        high = se + sp - 1 + hypot(sensitivity.high - se, specificity.high - sp)
        youden = youden._replace(low=low, high=high)
        se, sp = (tp + 0.5) / (weak + 1), (tn + 0.5) / (firm + 1)
        v = np.diag([se * (1 - se) / (weak + 1), sp * (1 - sp) / (firm + 1)])
    ratios = _ratios(se, sp, (float(v[0, 0]), float(v[1, 1]), float(v[0, 1])), level)
    share = weak / (weak + firm) if prevalence is None else prevalence
    ppv, npv = predictive_values(share, ratios[0], ratios[1], level)
    table = (int(tp), int(firm - tn), int(weak - tp), int(tn))
    both = sensitivity, specificity
    return Accuracy(*both, youden, *ratios, ppv, npv, share, table, people, zero_cell)


def log_ratio_p(ratio: Interval) -> float:
    """Test a ratio against 1 by its logarithm."""
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(log(ratio.value)) / ratio.se)) if ratio.se > 0 else nan


def lay_predictive_values(
    found: Accuracy, prevalences: Iterable[float], level: float = 0.95
) -> list[dict[str, float]]:
    """Give predictive values over a grid of prevalences: rows of a figure."""
    rows: list[dict[str, float]] = []
    for prevalence in prevalences:
        rows.append({"prevalence": prevalence})
        both = predictive_values(prevalence, found.lr_positive, found.lr_negative, level)
        for name, value in zip(("ppv", "npv"), both, strict=True):
            rows[-1] |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
    return rows


def lay_cross_table(found: Accuracy, least: int) -> list[list[str]]:
    """Write the two-by-two table: test positive and negative, by reference positive and negative.

    Each row ends with its sum. Counts of 1 to ``least`` - 1 are not shown, nor what would give
    them away.
    """
    tp, fp, fn, tn = found.table
    counts = [[tp, fp], [fn, tn]]
    written: list[list[str]] = []
    for row, marks in zip(counts, suppress_counts(counts, least), strict=True):
        cells = zip([*row, sum(row)], marks, strict=True)
        words = {"small": f"<{least}", "hidden": "hidden"}
        written.append([words.get(mark, f"{count:,}") for count, mark in cells])
    return written
