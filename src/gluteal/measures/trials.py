"""What all measures share: numbers with their domain checked, and trials taken together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import Fault, UserError

Floats = NDArray[np.float64]


def as_floats(values: ArrayLike) -> Floats:
    """Return values as a float64 array; missing values of any kind become NaN."""
    return np.asarray(values, dtype=np.float64)


def require_positive(values: ArrayLike, name: str, *, zero: bool = False) -> Floats:
    """Return values as floats, all above zero (or at zero, if ``zero``), NaN allowed.

    Raises
    ------
    UserError
        Naming the quantity, how many values are wrong and the first of them.

    Examples
    --------
    >>> require_positive([120.0, float("nan")], "force")
    array([120.,  nan])
    """
    found = as_floats(values)
    wrong = (found < 0) if zero else (found <= 0)
    wrong |= np.isinf(found)
    if wrong.any():
        limit = "below zero" if zero else "at or below zero"
        refuse(found, wrong, name, f"a finite number is needed, and not {limit}")
    return found


def refuse(
    values: Floats, wrong: NDArray[np.bool_], name: str, rule: str, remedy: str = ""
) -> None:
    """Raise the one fault that says which values of a quantity are impossible."""
    remedy = remedy or "Correct these values or mark them as not done, with the reason."
    count = int(wrong.sum())
    raise UserError(
        Fault(
            file="measurements",
            column=name,
            value=f"{values[wrong].ravel()[0]:g}",
            rule=f"{rule}; {count} such value{'s' if count > 1 else ''}",
            remedy=remedy,
        )
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """Trials of each group taken together: arrays with one entry a group.

    ``n`` counts the trials with a value; mean, best (largest) and least are NaN without any;
    ``sd`` (divisor n - 1) and ``cv_pct`` (100 sd / mean) are NaN under two trials.
    """

    n: NDArray[np.int64]
    mean: Floats
    best: Floats
    least: Floats
    sd: Floats
    cv_pct: Floats


def summarise_trials(values: ArrayLike, group: ArrayLike, groups: int | None = None) -> Summary:
    """Take the trials of each group together: count, mean, best, least, SD, CV.

    Parameters
    ----------
    values : array_like, shape (n,)
        One value a trial, NaN where it is missing. A missing trial is left out, never zero.
    group : array_like of int, shape (n,)
        Group of each trial, 0 to ``groups - 1`` (``DataFrame.groupby(...).ngroup()``).
    groups : int, optional
        Number of groups; by default the largest code plus one.

    Examples
    --------
    >>> found = summarise_trials([90.0, 110.0, 70.0], [0, 0, 1])
    >>> found.mean.tolist(), found.n.tolist(), round(float(found.cv_pct[0]), 3)
    ([100.0, 70.0], [2, 1], 14.142)
    """
    found = as_floats(values).ravel()
    codes = np.asarray(group, dtype=np.int64).ravel()
    size = groups if groups is not None else (int(codes.max()) + 1 if codes.size else 0)
    here = ~np.isnan(found)
    found, codes = found[here], codes[here]
    n = np.bincount(codes, minlength=size).astype(np.int64)
    best, least = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(best, codes, found)
    np.minimum.at(least, codes, found)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(codes, weights=found, minlength=size) / n
        # Two passes: the sum of squared deviations loses no digits where the mean is large.
        squares = np.bincount(codes, weights=(found - mean[codes]) ** 2, minlength=size)
        sd = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        cv_pct = np.where(mean > 0, 100 * sd / mean, np.nan)
    empty = n == 0
    best[empty], least[empty] = np.nan, np.nan
    return Summary(n=n, mean=mean, best=best, least=least, sd=sd, cv_pct=cv_pct)
