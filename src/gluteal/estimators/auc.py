"""The area under the ROC curve, its covariance for one or more tests, and tests between them."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, z_quantile

Array = NDArray[np.float64]
CITED_SIMPLE = "the area under the ROC curve has DeLong's variance (1988, doi:10.2307/2531595)"
CITED_CLUSTERED = (
    "the area under the ROC curve has Obuchowski's variance for clustered data (1997, "
    "doi:10.2307/2533958)"
)


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of tests given to the same people, and their covariance."""

    values: Array
    covariance: Array
    positives: int
    negatives: int
    people: int


def placements(reference: Array, score: Array) -> tuple[Array, Array]:
    """Say where each positive stands among the negatives and each negative among the positives.

    A placement is the share of the other group that the value beats, ties counting half; its mean
    over either group is the area. Costs one sort.
    """
    positive, negative = score[reference == 1], score[reference == 0]
    low, high = np.sort(negative), np.sort(positive)
    above = np.searchsorted(low, positive, "left") + np.searchsorted(low, positive, "right")
    below = np.searchsorted(high, negative, "left") + np.searchsorted(high, negative, "right")
    return above / (2 * low.size), 1 - below / (2 * high.size)


def areas(reference: ArrayLike, *scores: ArrayLike, person: ArrayLike | None = None) -> Areas:
    """Estimate areas under ROC curves with their covariance.

    Parameters
    ----------
    reference : array of shape (n,)
        0 or 1.
    *scores : array of shape (n,)
        One test each; higher values speak for a positive reference.
    person : array of shape (n,), optional
        Who the leg belongs to. Without it DeLong's covariance; with it Obuchowski's, in which
        legs of one person may be alike, whatever their reference.

    Returns
    -------
    Areas
        Units missing the reference or any score are left out of all.

    Raises
    ------
    UserError
        Without a score, for a reference that is not 0 or 1, with fewer than two positives or two
        negatives, or where a unit has no person.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), doi:10.2307/2531595; Sun & Xu (2014),
    doi:10.1109/LSP.2014.2337313; Obuchowski (1997), doi:10.2307/2533958.

    Examples
    --------
    >>> found = areas([0, 0, 0, 1, 1, 1], [1, 2, 3, 2, 4, 5])
    >>> round(float(found.values[0]), 4)
    0.8333
    """
    if not scores:
        raise UserError("an area under the ROC curve needs a test")
    r = np.asarray(reference, dtype=float)
    values = np.column_stack([np.asarray(score, dtype=float) for score in scores])
    kept = np.isfinite(r) & np.isfinite(values).all(1)
    r, values = r[kept], values[kept]
    if odd := sorted(set(np.unique(r).tolist()) - {0.0, 1.0}):
        raise UserError(f"the reference must be 0 or 1, found {odd[0]:g}")
    m, n = int((r == 1).sum()), int((r == 0).sum())
    if m < 2 or n < 2:
        raise UserError(
            f"an area under the ROC curve needs at least two positive and two negative units by "
            f"the reference, found {m} and {n}"
        )
    pairs = [placements(r, column) for column in values.T]
    for_positive = np.column_stack([pair[0] for pair in pairs])
    for_negative = np.column_stack([pair[1] for pair in pairs])
    area = for_positive.mean(0)
    who, people = np.arange(r.size), r.size
    if person is not None:
        who, people = as_groups(of_kept(person, kept), r.size)

    def gather(deviation: Array, rows: NDArray[np.bool_]) -> tuple[Array, int]:
        sums = [np.bincount(who[rows], column, people) for column in deviation.T]
        return np.column_stack(sums).astype(float), len(np.unique(who[rows]))

    up, people_up = gather(for_positive - area, r == 1)
    down, people_down = gather(for_negative - area, r == 0)

    def size(clusters: int) -> float:
        return clusters / (clusters - 1) if clusters > 1 else nan

    cross = up.T @ down / (m * n) * size(people)
    covariance = up.T @ up / m**2 * size(people_up) + down.T @ down / n**2 * size(people_down)
    return Areas(area, covariance + cross + cross.T, m, n, people)


def of_kept(person: ArrayLike, kept: NDArray[np.bool_]) -> NDArray[np.generic]:
    """Give the people of the units that are kept.

    Raises
    ------
    UserError
        Where not every unit has a person.
    """
    who = np.asarray(person)
    if who.shape != kept.shape:
        raise UserError(f"{kept.size} units need a person each, found the shape {who.shape}")
    return who[kept]


def area_interval(found: Areas, index: int = 0, level: float = 0.95) -> Interval:
    """Give one area with its normal interval, cut at 0 and 1 (as R's pROC does).

    Examples
    --------
    >>> area_interval(areas([0, 0, 1, 1], [1, 2, 3, 4]))[:3]
    (1.0, 1.0, 1.0)
    """
    value, se = float(found.values[index]), sqrt(max(float(found.covariance[index, index]), 0.0))
    half = z_quantile(level) * se
    return Interval(value, max(value - half, 0.0), min(value + half, 1.0), se)


def compare_areas(
    found: Areas, first: int = 0, second: int = 1, level: float = 0.95
) -> tuple[Interval, float, float]:
    """Test two tests of the same people against each other.

    Returns
    -------
    difference : Interval
        First minus second.
    z, p : float
        Of the difference against 0.
    """
    from scipy.special import ndtr

    contrast = np.zeros(found.values.size)
    contrast[first], contrast[second] = 1.0, -1.0
    value = float(contrast @ found.values)
    se = sqrt(max(float(contrast @ found.covariance @ contrast), 0.0))
    half = z_quantile(level) * se
    z = value / se if se > 0 else nan
    p = 2 * float(ndtr(-abs(z))) if se > 0 else nan
    return Interval(value, value - half, value + half, se), z, p
