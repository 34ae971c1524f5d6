"""Agreement of two methods that each measured a person several times while nothing changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.agreement import mover_limits
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import Interval


@dataclass(frozen=True, slots=True)
class Replicates:
    """Bias and limits of agreement of single measurements, in the unit of the measurement.

    ``within_first`` and ``within_second`` are standard deviations of one method in one person
    (repeatability); ``between`` is that of mean differences between people. ``warnings`` names a
    method that was never repeated: its own error is then part of ``between``.
    """

    bias: Interval
    lower: Interval
    upper: Interval
    sd: float
    within_first: float
    within_second: float
    between: float
    people: int
    warnings: tuple[str, ...] = ()


def _means(table: Floats) -> tuple[Floats, Floats, float, int]:
    """Mean and number of each person's values, variance within people and its df."""
    seen = np.isfinite(table)
    size = seen.sum(1).astype(float)
    mean = np.where(seen, table, 0.0).sum(1) / size
    away = np.where(seen, table - mean[:, None], 0.0)
    df = int(size.sum()) - len(table)
    return mean, size, float((away**2).sum()) / df if df else 0.0, df


def compare_replicates(
    first: ArrayLike, second: ArrayLike, level: float = 0.95, share: float = 0.95
) -> Replicates:
    """Estimate how far single measurements by two methods may lie apart in one person.

    For replicates that belong to no pair: what was measured stayed the same. Where each pair was
    taken at its own time or on its own leg, use ``compare_repeated``.

    Parameters
    ----------
    first, second : array_like, shape (n, k) and (n, m)
        One row a person, one column a replicate; NaN where there was none. Numbers of replicates
        may differ between methods and people.
    level, share : float
        Of the intervals; of the differences that the limits hold.

    Returns
    -------
    Replicates
        First less second; intervals of the limits by MOVER.

    Raises
    ------
    UserError
        With fewer than two people measured by both methods, or no replicate at all.

    References
    ----------
    Bland and Altman 1999, doi:10.1177/096228029900800204, and 2007,
    doi:10.1080/10543400701329422; Zou 2013, doi:10.1177/0962280211402548.

    Examples
    --------
    >>> found = compare_replicates([[1.0, 1.2], [2.0, 2.1], [3.1, 2.9]], [[1.1], [1.8], [3.0]])
    >>> round(found.bias.value, 3), found.warnings
    (0.083, ('the second method was never repeated',))
    """
    a, b = (np.asarray(one, dtype=float) for one in (first, second))
    a, b = (one[:, None] if one.ndim == 1 else one for one in (a, b))
    if a.ndim != 2 or b.ndim != 2 or len(a) != len(b):
        raise UserError(f"replicates of shapes {a.shape} and {b.shape} are not of the same people")
    kept = np.isfinite(a).any(1) & np.isfinite(b).any(1)
    a, b, people = a[kept], b[kept], int(kept.sum())
    if people < 2:
        raise UserError(f"limits of agreement need two people measured by both, found {people}")
    (mean_a, size_a, within_a, df_a), (mean_b, size_b, within_b, df_b) = _means(a), _means(b)
    if not df_a + df_b:
        raise UserError("no method was repeated in anyone: compare single pairs instead")
    difference = mean_a - mean_b
    bias, between = float(difference.mean()), float(difference.var(ddof=1))
    # A mean of replicates has less error than the single measurement that the limits are for.
    parts = [
        ((1 - float((1 / size).mean())) * within, df)
        for size, within, df in ((size_a, within_a, df_a), (size_b, within_b, df_b))
        if df
    ]
    mid, lower, upper = mover_limits(bias, between, people, parts, level, share)
    warnings = tuple(
        f"the {name} method was never repeated"
        for name, df in (("first", df_a), ("second", df_b))
        if not df
    )
    total = between + sum(part for part, _ in parts)
    spreads = [float(np.sqrt(v)) for v in (total, within_a, within_b, between)]
    return Replicates(mid, lower, upper, *spreads, people=people, warnings=warnings)
