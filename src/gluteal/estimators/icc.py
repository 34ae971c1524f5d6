"""Six forms of the intraclass correlation from mean squares, with F-based intervals.

Rows are people, columns are raters (or trials).
"""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.intervals import Interval

FORMS: dict[str, str] = {
    "ICC(1,1)": "one score, every person scored by other raters (one-way)",
    "ICC(A,1)": "absolute agreement of single scores, raters random (two-way)",
    "ICC(C,1)": "consistency of single scores, rater bias left out (two-way)",
    "ICC(1,k)": "mean of k scores, every person scored by other raters (one-way)",
    "ICC(A,k)": "absolute agreement of the mean of k raters (two-way)",
    "ICC(C,k)": "consistency of the mean of k raters, rater bias left out (two-way)",
}
"""McGraw and Wong's names; Shrout and Fleiss call them ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k."""
CITED = (
    "The headline is ICC(A,1), absolute agreement of a single score by a random rater (two-way "
    "random effects; McGraw and Wong 1996, doi:10.1037/1082-989X.1.1.30); all six forms are among "
    "the estimates, and (A,k) is that of the mean of the k scores"
)
CITED_ANOVA = (
    "Where every score was there, mean squares gave the estimates and F distributions the "
    "intervals (Shrout and Fleiss 1979, doi:10.1037/0033-2909.86.2.420)"
)
CITED_REML = (
    "Where scores were missing, variance components of people and raters by restricted maximum "
    "likelihood (Patterson and Thompson 1971, doi:10.1093/biomet/58.3.545) replaced the mean "
    "squares, with the harmonic mean of the scores a person and a rater has; people with every "
    "score are a sensitivity analysis"
)


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
    14.333
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
