"""Reliability of one measurement: ICCs, its standard error, the change that can be detected.

A table of scores without holes is analysed by mean squares, one with holes by variance components.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.crossed import components
from gluteal.estimators.icc import MeanSquares, as_scores, forms, mean_squares
from gluteal.estimators.intervals import Interval, chi2_quantile, z_quantile

CITED = (
    "The standard error of measurement for agreement is √(σ²_rater + σ²_error), that for "
    "consistency √MS_error (de Vet 2006, doi:10.1016/j.jclinepi.2005.10.015), with intervals from "
    "chi-square distributions (Graybill and Wang 1980, doi:10.1080/01621459.1980.10477565); "
    "MDC95 = 1.96 × √2 × SEM for agreement, MDC90 has 1.645 (Weir 2005, doi:10.1519/15184.1)"
)
FEWEST, CEILING = 30, 0.15


@dataclass(frozen=True, slots=True)
class Reliability:
    """What one table of scores says about a measurement.

    ``icc`` by form; ``sem_agreement`` and ``sem_consistency`` in the unit of the scores;
    ``variances`` of persons, raters and error, none below zero; ``method`` is ``anova`` or
    ``reml``; ``n_missing`` counts empty cells of people with at least one score.
    """

    icc: dict[str, Interval]
    sem_agreement: Interval
    sem_consistency: Interval
    mean: float
    variances: dict[str, float]
    n_people: int
    k_raters: int
    n_scores: int
    n_missing: int
    method: str
    converged: bool = True

    @property
    def how(self) -> str:
        """Name the estimator in words."""
        if self.method == "anova":
            return "two-way mean squares, F intervals"
        return "REML variance components, F intervals at effective sizes"


def standard_error_of_measurement(
    ms: MeanSquares, level: float = 0.95
) -> tuple[Interval, Interval]:
    """Estimate the standard error of measurement: for agreement, and for consistency.

    Consistency is √MS_error, with the chi-square interval. Agreement is
    √(σ²_rater + σ²_error), σ²_rater = (MS_rater - MS_error)/n not below 0, with the modified
    large-sample interval of Graybill and Wang, made of chi-square quantiles. With two raters its
    upper limit is wide, and must be: two raters say little about how much raters differ. (The
    Satterthwaite interval covers 66 to 86 % there instead of 95 %.)

    Returns
    -------
    tuple of Interval
        Agreement, consistency; in the unit of the scores.

    References
    ----------
    Graybill & Wang (1980), doi:10.1080/01621459.1980.10477565; de Vet et al. (2006),
    doi:10.1016/j.jclinepi.2005.10.015.
    """
    tail, df = (1 - level) / 2, ms.df_error
    low = sqrt(ms.error * df / chi2_quantile(1 - tail, df))
    high = sqrt(ms.error * df / chi2_quantile(tail, df))
    consistency = Interval(sqrt(ms.error), low, high, df=df)
    parts = [(ms.rater / ms.n, ms.raters - 1), (ms.error * (1 - 1 / ms.n), df)]
    total = sum(part for part, _ in parts)
    below = sum((part * (1 - d / chi2_quantile(1 - tail, d))) ** 2 for part, d in parts)
    above = sum((part * (d / chi2_quantile(tail, d) - 1)) ** 2 for part, d in parts)
    value = sqrt(max(total, ms.error))
    interval = (sqrt(max(total - sqrt(below), 0.0)), sqrt(total + sqrt(above)))
    return Interval(value, min(interval[0], value), max(interval[1], value)), consistency


def detectable_change(sem: Interval, level: float = 0.95) -> Interval:
    """Turn a standard error of measurement into the minimal detectable change of one person.

    MDC = z √2 SEM with z = 1.96 at 0.95 and 1.645 at 0.90; same unit as the scores.

    References
    ----------
    Weir (2005), doi:10.1519/15184.1.

    Examples
    --------
    >>> round(detectable_change(Interval(0.07, 0.06, 0.08)).value, 3)
    0.194
    """
    times = z_quantile(level) * sqrt(2)
    return Interval(*(times * limit for limit in sem[:3]), df=sem.df)


def reliability(scores: ArrayLike, level: float = 0.95) -> Reliability:
    """Estimate everything about one measurement, with or without missing cells.

    Parameters
    ----------
    scores : array of shape (n, k)
        One row a person, one column a rater or trial; NaN where a score is missing.
    level : float
        Level of the intervals.

    Returns
    -------
    Reliability
        ``method`` says how: ``anova`` for a full table; ``reml`` for one with holes, where
        restricted maximum likelihood gives the mean squares (see ``gluteal.estimators.crossed``).

    Raises
    ------
    UserError
        See ``as_scores``.
    """
    table = as_scores(scores)
    missing, converged = int(np.isnan(table).sum()), True
    if missing:
        ms, converged = components(table)
    else:
        ms = mean_squares(table)
    agreement, consistency = standard_error_of_measurement(ms, level)
    return Reliability(
        icc=forms(ms, level),
        sem_agreement=agreement,
        sem_consistency=consistency,
        mean=ms.mean,
        variances={
            "person": max((ms.subject - ms.error) / ms.k, 0.0),
            "rater": max((ms.rater - ms.error) / ms.n, 0.0),
            "error": ms.error,
        },
        n_people=ms.people,
        k_raters=ms.raters,
        n_scores=table.size - missing,
        n_missing=missing,
        method="reml" if missing else "anova",
        converged=converged,
    )


def list_cautions(
    scores: ArrayLike, found: Reliability
) -> Iterator[tuple[str, float | str, str, str]]:
    """Say what limits the reading of a reliability: name, value, threshold, meaning.

    Few people, two raters only, scores piled up at a cap, an error variance at its lower bound.
    """
    table = np.asarray(scores, dtype=float)
    values = table[np.isfinite(table)]
    top = float((values == values.max()).mean())
    if found.n_people < FEWEST:
        meaning = "few people: read the interval, not the estimate"
        yield "People", found.n_people, str(FEWEST), meaning
    if top > CEILING:
        meaning = "share of scores at the largest value: a cap hides error, and the ICC is that "
        yield "Ceiling", f"{top:.2f}", str(CEILING), f"{meaning}of capped scores"
    if not found.converged:
        yield "Fit", "not converged", "", "the error variance is at its lower bound: no interval"
