"""Single-leg stance and what is seen in it; chair stand. Rules of domain note 1.5.

Stance is not a sign of hip strength (Penney 2014, Pizol 2023): nothing here stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.constants import constant
from gluteal.measures.trials import Floats, as_floats, refuse, require_positive, summarise_trials


@dataclass(frozen=True, slots=True)
class Stance:
    """Stance time of each group of trials: the best, the mean, and whether the best is cut off.

    ``censored`` is 1, 0 or NaN (no trial). It is 1 if any trial was stopped at the cap: then
    the best is a lower bound only.
    """

    best_s: Floats
    mean_s: Floats
    censored: Floats
    n: NDArray[np.int64]


def summarise_stance(
    time_s: ArrayLike,
    censored: ArrayLike,
    group: ArrayLike,
    groups: int | None = None,
    *,
    cap_s: float | None = None,
) -> Stance:
    """Take the stance trials of each group (person × visit × side) together.

    Parameters
    ----------
    time_s : array_like, shape (n,)
        Time of each trial; NaN is left out.
    censored : array_like of bool, shape (n,)
        Whether the trial was stopped at the cap while the person still stood.
    group : array_like of int, shape (n,)
        Group of each trial, from 0.
    groups : int, optional
        Number of groups.
    cap_s : float, optional
        The protocol's cap, where the data do not mark censored trials: a time at or over it
        counts as censored.

    Examples
    --------
    >>> found = summarise_stance([20.0, 45.0, 12.0], [False, True, False], [0, 0, 1])
    >>> found.best_s.tolist(), found.mean_s.tolist(), found.censored.tolist()
    ([45.0, 12.0], [32.5, 12.0], [1.0, 0.0])
    """
    found = require_positive(time_s, "sls_time_s", zero=True)
    cut = np.asarray(censored, dtype=bool) & ~np.isnan(found)
    if cap_s is not None:
        cut |= found >= cap_s
    times = summarise_trials(found, group, groups)
    flag = summarise_trials(np.where(np.isnan(found), np.nan, cut), group, groups).best
    return Stance(best_s=times.best, mean_s=times.mean, censored=flag, n=times.n)


def censored_share(censored: ArrayLike) -> float:
    """Share of people (or legs) at the cap, of those with a value; NaN without any.

    Examples
    --------
    >>> censored_share([1.0, 0.0, 0.0, float("nan")])
    0.3333333333333333
    """
    flags = as_floats(censored)
    flags = flags[~np.isnan(flags)]
    return float(flags.mean()) if flags.size else float("nan")


def mean_misleads(censored: ArrayLike) -> bool:
    """Say whether over 15 % are at the cap, so that a plain mean of the times is not reported."""
    return censored_share(censored) > constant("cut_sls_censored_share").value


def trendelenburg_pos(grade: ArrayLike) -> Floats:
    """Sign from the grade: level (0) is negative, a drop (1) or drop and shift (2) positive.

    Examples
    --------
    >>> trendelenburg_pos([0, 1, 2])
    array([0., 1., 1.])
    """
    found = as_floats(grade)
    wrong = ~np.isnan(found) & ~np.isin(found, (0, 1, 2))
    if wrong.any():
        refuse(found, wrong, "trendelenburg_grade", "the grade is 0, 1 or 2")
    return np.where(np.isnan(found), np.nan, found >= 1)


def cst30_reps(stands: ArrayLike, arms_used: ArrayLike | None = None) -> Floats:
    """Full stands in 30 s; a person who pushed up with the arms scores 0.

    Examples
    --------
    >>> cst30_reps([12, 9], [False, True])
    array([12.,  0.])
    """
    found = require_positive(stands, "cst30_reps", zero=True)
    if arms_used is None:
        return found
    arms = np.asarray(arms_used, dtype=bool)
    return np.where(np.isnan(found), np.nan, np.where(arms, 0.0, found))
