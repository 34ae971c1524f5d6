"""The ROC curve of one test: its points, its band, and a cut-off that was searched in the data.

A cut-off chosen where the data like it best looks too good in the same data. The bootstrap
repeats the search in resamples of people and judges each cut-off in the people left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.accuracy import accuracy, as_two_by_two
from gluteal.estimators.bootstrap.draws import draw_counts
from gluteal.estimators.intervals import Interval, z_quantile

Array = NDArray[np.float64]
CITED = (
    "A cut-off searched in the data by Youden's index looks too good in the same data: the search "
    "was repeated in resamples of people and judged in the people left out (Efron and Tibshirani "
    "1997, doi:10.1080/01621459.1997.10474007), the interval having the larger of the standard "
    "error at a fixed cut-off and that of the resamples"
)
MOST_POINTS = 200
AT_ONCE = 1 << 16  # weights worked on at once: they stay in the processor's cache


class Curve(NamedTuple):
    """Points of a ROC curve from (0, 0) to (1, 1); positive is ``score >= threshold``."""

    thresholds: Array
    sensitivity: Array
    false_positive: Array


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A cut-off searched in the data by Youden's index, apparent and corrected for optimism.

    ``harrell`` has sensitivity, specificity and J less the mean by which those of resamples drop
    in the data (Harrell 1996): the usual correction, to be compared with ``corrected``.
    """

    value: float
    sensitivity: float
    specificity: float
    youden: float
    corrected: Interval
    corrected_sensitivity: Interval
    corrected_specificity: Interval
    optimism: float
    resamples: int
    harrell: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """Sensitivity on a grid of false-positive shares, with pointwise percentile limits."""

    false_positive: Array
    sensitivity: Array
    low: Array
    high: Array


def curve(reference: ArrayLike, score: ArrayLike) -> Curve:
    """Compute the points of a ROC curve, one a distinct value of the score.

    Thresholds lie halfway between neighbouring values, as in R's pROC.

    Examples
    --------
    >>> found = curve([0, 0, 1, 1], [1, 2, 2, 3])
    >>> found.sensitivity.tolist(), found.thresholds.tolist()
    ([0.0, 0.5, 1.0, 1.0], [inf, 2.5, 1.5, -inf])
    """
    s, r, _ = as_two_by_two(score, reference)
    values, place = np.unique(-s, return_inverse=True)
    values = -values
    rise = np.cumsum(np.bincount(place, r)) / r.sum()
    run = np.cumsum(np.bincount(place, 1 - r)) / (1 - r).sum()
    thresholds = np.concatenate([[np.inf], (values[:-1] + values[1:]) / 2, [-np.inf]])
    return Curve(thresholds, np.concatenate([[0.0], rise]), np.concatenate([[0.0], run]))


def _sweep(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None,
    resamples: int,
    seed: int,
    outside: bool = False,
) -> Iterator[list[Array]]:
    """Yield sensitivity and false-positive share of resamples at the thresholds of the data.

    Those of the people drawn and, with ``outside``, those of the people left out.
    """
    s, r, who = as_two_by_two(score, reference, person)
    values, place = np.unique(-s, return_inverse=True)
    sides: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for side in (1, 0):
        rows = np.flatnonzero(r == side)
        rows = rows[np.argsort(place[rows], kind="stable")]
        ends = np.searchsorted(place[rows], np.arange(values.size), "right")
        sides.append((who[rows], ends))
    for weights in draw_counts([int(who.max()) + 1], resamples, seed, AT_ONCE // s.size):
        shares: list[Array] = []
        for taken in (weights, weights == 0) if outside else (weights,):
            for whose, ends in sides:
                sums = np.zeros((len(taken), whose.size + 1))
                np.cumsum(taken[:, whose], axis=1, out=sums[:, 1:])
                with np.errstate(invalid="ignore", divide="ignore"):
                    shares.append(sums[:, np.r_[0, ends]] / sums[:, -1:])
        yield shares


def choose_cutoff(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Cutoff:
    """Find the cut-off of the largest Youden index and correct it for having been searched.

    Parameters
    ----------
    reference : array of shape (n,)
        0 or 1.
    score : array of shape (n,)
        Higher values speak for a positive reference; the test is positive at or above the cut.
    person : array of shape (n,), optional
        People are resampled, with all their legs.
    resamples, seed, level
        Of the bootstrap. Each resample has its own cut-off, judged in the people it left out;
        ``corrected`` is the mean of that, ``optimism`` the apparent value less it. The interval
        takes the larger of two standard errors: of the share at the chosen cut-off, and of the
        apparent shares of resamples.

    Returns
    -------
    Cutoff
        In the unit of the score; shares without unit.

    Raises
    ------
    UserError
        If the reference has no positive or no negative.

    Notes
    -----
    In 400 simulated samples each of 60 to 400 people the corrected J was off by less than 0.01 and
    its 95 % interval held the truth in 92 to 97 %. The usual correction (Harrell 1996) was off by
    0.06 in 60 people where the test was noise, and its percentile interval left out 0 in 21 %.

    References
    ----------
    Youden (1950), doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3; Efron &
    Tibshirani (1997), doi:10.1080/01621459.1997.10474007.
    """
    points = curve(reference, score)
    best = int(np.argmax((points.sensitivity - points.false_positive).round(12)))
    seen: list[Array] = []
    judged: list[Array] = []
    back: list[Array] = []
    for rise, run, rise_out, run_out in _sweep(
        reference, score, person, resamples, seed, outside=True
    ):
        whole = np.isfinite(rise[:, -1] + run[:, -1] + rise_out[:, -1] + run_out[:, -1])
        rows = np.flatnonzero(whole)
        index = np.where(whole[:, None], rise - run, 0.0)
        chosen = np.argmax(index.round(12), axis=1)[rows]  # equal but for arithmetic: the first
        seen.append(_shares(rise[rows, chosen], run[rows, chosen]))
        judged.append(_shares(rise_out[rows, chosen], run_out[rows, chosen]))
        back.append(_shares(points.sensitivity[chosen], points.false_positive[chosen]))
    apparent, outside = np.concatenate(seen), np.concatenate(judged).mean(0)
    own = _shares(points.sensitivity[best : best + 1], points.false_positive[best : best + 1])[0]
    usual = own - (apparent - np.concatenate(back)).mean(0)
    test = np.where(np.isfinite(score), np.asarray(score) >= points.thresholds[best], np.nan)
    fixed = accuracy(test, reference, person, level=level)
    errors = np.array([fixed.sensitivity.se, fixed.specificity.se, fixed.youden.se])
    errors = np.maximum(errors, apparent.std(0, ddof=1))
    low, high = outside - z_quantile(level) * errors, outside + z_quantile(level) * errors
    low, high = np.maximum(low, [0, 0, -1]), np.minimum(high, 1)
    corrected = [
        Interval(*map(float, values)) for values in zip(outside, low, high, errors, strict=True)
    ]
    return Cutoff(
        value=float(points.thresholds[best]),
        sensitivity=float(own[0]),
        specificity=float(own[1]),
        youden=float(own[2]),
        corrected=corrected[2],
        corrected_sensitivity=corrected[0],
        corrected_specificity=corrected[1],
        optimism=float(own[2] - outside[2]),
        resamples=len(apparent),
        harrell=(float(usual[0]), float(usual[1]), float(usual[2])),
    )


def _shares(rise: Array, run: Array) -> Array:
    """Lay sensitivity, specificity and their sum less one side by side."""
    return np.column_stack([rise, 1 - run, rise - run])


def band(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    steps: int = 50,
) -> Band:
    """Bootstrap the ROC curve: pointwise limits of sensitivity at each false-positive share."""
    points = curve(reference, score)
    grid = np.linspace(0, 1, steps + 1)
    rows: list[Array] = []
    for rise, run in _sweep(reference, score, person, resamples, seed):
        whole = np.isfinite(rise[:, -1] + run[:, -1])
        rows += [np.interp(grid, b, a) for a, b in zip(rise[whole], run[whole], strict=True)]
    low, high = np.quantile(np.array(rows), [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Band(grid, np.interp(grid, points.false_positive, points.sensitivity), low, high)


def lay_curve(
    reference: ArrayLike,
    score: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> dict[str, list[dict[str, float]]]:
    """Give a ROC curve and its band as rows of a figure; thresholds are left out.

    A curve of very many points is thinned to ``MOST_POINTS``.
    """
    points, limits = curve(reference, score), band(reference, score, person, resamples, seed, level)
    size = points.sensitivity.size
    kept = np.unique(np.linspace(0, size - 1, min(size, MOST_POINTS)).round().astype(int))
    columns = (limits.false_positive, limits.sensitivity, limits.low, limits.high)
    names = ("false_positive", "sensitivity", "low", "high")
    return {
        "curve": [
            {"false_positive": float(x), "sensitivity": float(y)}
            for x, y in zip(points.false_positive[kept], points.sensitivity[kept], strict=True)
        ],
        "band": [
            dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)
        ],
    }
