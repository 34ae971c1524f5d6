"""Reliability of a measurement: six forms of the ICC, its standard error, detectable change.

Rows are people, columns are raters (or trials). A table without holes is analysed by mean
squares and F distributions; one with holes goes to ``gluteal.estimators.crossed``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.intervals import Interval, chi2_quantile, z_quantile

FORMS: dict[str, str] = {
    "ICC(1,1)": "one score, every person scored by other raters (one-way)",
    "ICC(A,1)": "absolute agreement of single scores, raters random (two-way)",
    "ICC(C,1)": "consistency of single scores, rater bias left out (two-way)",
    "ICC(1,k)": "mean of k scores, every person scored by other raters (one-way)",
    "ICC(A,k)": "absolute agreement of the mean of k raters (two-way)",
    "ICC(C,k)": "consistency of the mean of k raters, rater bias left out (two-way)",
}
"""McGraw and Wong's names; Shrout and Fleiss call them ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k."""


class MeanSquares(NamedTuple):
    """Two-way analysis of variance without replication; ``within`` is the one-way error.

    ``people`` and ``raters`` are how many there are; ``n`` and ``k`` the scores a rater and a
    person has, the same numbers unless cells are missing (then harmonic means).
    ``subject_one_way`` equals ``subject`` but where cells are missing.
    """

    people: int
    raters: int
    n: float
    k: float
    mean: float
    subject: float
    rater: float
    error: float
    within: float
    df_error: float
    df_within: float
    subject_one_way: float


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


def as_scores(scores: ArrayLike) -> NDArray[np.float64]:
    """Take a persons × raters table: drop people and raters without one score, refuse the rest.

    Raises
    ------
    UserError
        With fewer than two people or raters, fewer than two people scored twice, or scores that
        do not vary.
    """
    table = np.asarray(scores, dtype=float)
    if table.ndim != 2:
        raise UserError("scores must form a table: a row a person, a column a rater or trial")
    table = np.where(np.isfinite(table), table, np.nan)
    table = table[~np.isnan(table).all(1)]
    table = table[:, ~np.isnan(table).all(0)] if table.size else table
    if table.shape[0] < 2 or table.shape[1] < 2:
        raise UserError(
            f"reliability needs at least two people and two raters or trials, found "
            f"{table.shape[0]} people and {table.shape[1] if table.size else 0} raters"
        )
    if ((~np.isnan(table)).sum(1) > 1).sum() < 2:
        raise UserError("reliability needs at least two people with more than one score")
    if np.nanmax(table) == np.nanmin(table):
        raise UserError("the scores do not vary: every one is the same")
    return table


def mean_squares(scores: ArrayLike) -> MeanSquares:
    """Compute the mean squares of a full persons × raters table.

    Parameters
    ----------
    scores : array of shape (n, k)
        No missing cell.

    Examples
    --------
    >>> round(mean_squares([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8]]).subject, 3)
    14.083
    """
    table = np.asarray(scores, dtype=float)
    n, k = table.shape
    mean = float(table.mean())
    centred = table - mean  # a large common shift must not eat the digits
    rows, columns = centred.mean(1), centred.mean(0)
    df_error, df_within = (n - 1) * (k - 1), n * (k - 1)
    subject = k * float((rows**2).sum()) / (n - 1)
    return MeanSquares(
        people=n,
        raters=k,
        n=n,
        k=k,
        mean=mean,
        subject=subject,
        rater=n * float((columns**2).sum()) / (k - 1),
        error=float(((centred - rows[:, None] - columns) ** 2).sum()) / df_error,
        within=float(((centred - rows[:, None]) ** 2).sum()) / df_within,
        df_error=df_error,
        df_within=df_within,
        subject_one_way=subject,
    )


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom else nan


def _one_factor(ms: MeanSquares, subject: float, error: float, df: float, level: float) -> Interval:
    """ICC of a single score whose interval is that of one F ratio (one-way, consistency)."""
    from scipy.special import fdtri

    tail, free = 0.5 + level / 2, ms.people - 1
    steps = (1.0, float(fdtri(free, df, tail)), 1 / float(fdtri(df, free, tail)))
    found = [_ratio(subject - f * error, subject + (ms.k - 1) * f * error) for f in steps]
    return Interval(*found, df=df)


def _absolute(ms: MeanSquares, level: float) -> Interval:
    """ICC(A,1); Satterthwaite's degrees of freedom for the error that is a sum."""
    from scipy.special import fdtri

    n, k, b, j, e = ms.n, ms.k, ms.subject, ms.rater, ms.error
    icc = _ratio(b - e, b + (k - 1) * e + k * (j - e) / n)
    rest = n * (1 + (k - 1) * icc) - k * icc
    bottom = (k * icc * j) ** 2 / (ms.raters - 1) + (rest * e) ** 2 / ms.df_error
    df = _ratio((k * icc * j + rest * e) ** 2, bottom)
    if not df > 0:  # no error and no rater variance: perfect agreement
        return Interval(icc, icc, icc)
    tail, free = 0.5 + level / 2, ms.people - 1
    up, down = float(fdtri(free, df, tail)), float(fdtri(df, free, tail))
    error = k * j + (k * n - k - n) * e
    low = _ratio(n * (b - up * e), up * error + n * b)
    high = _ratio(n * (down * b - e), error + n * down * b)
    return Interval(icc, low, high, df=df)


def forms(ms: MeanSquares, level: float = 0.95) -> dict[str, Interval]:
    """Turn mean squares into the six forms; the mean of k scores by Spearman and Brown."""
    single = (
        _one_factor(ms, ms.subject_one_way, ms.within, ms.df_within, level),
        _absolute(ms, level),
        _one_factor(ms, ms.subject, ms.error, ms.df_error, level),
    )
    k = ms.raters
    mean = [Interval(*(_ratio(k * x, 1 + (k - 1) * x) for x in i[:3]), df=i.df) for i in single]
    return dict(zip(FORMS, [*single, *mean], strict=True))


def intraclass(scores: ArrayLike, level: float = 0.95) -> dict[str, Interval]:
    """Estimate the six intraclass correlations of a full table, with F-based intervals.

    Parameters
    ----------
    scores : array of shape (n, k)
        One row a person, one column a rater or trial, no missing cell.
    level : float
        Level of the intervals.

    Returns
    -------
    dict of str to Interval
        Keys of ``FORMS``; no unit; ``df`` is that of the error.

    Raises
    ------
    UserError
        See ``as_scores``; also where a cell is missing.

    References
    ----------
    Shrout & Fleiss (1979), doi:10.1037/0033-2909.86.2.420; McGraw & Wong (1996),
    doi:10.1037/1082-989X.1.1.30. Equal to R's ``psych::ICC(lmer = FALSE)``.

    Examples
    --------
    >>> rated = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9]]
    >>> rated.append([6, 2, 4, 7])
    >>> round(intraclass(rated)["ICC(A,1)"].value, 3)
    0.29
    """
    table = as_scores(scores)
    if np.isnan(table).any():
        raise UserError("scores are missing: mean squares need every person scored by every rater")
    return forms(mean_squares(table), level)


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
        from gluteal.estimators.crossed import components

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
