"""How an estimator did over many simulated studies, each number with its Monte-Carlo error."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats


class MonteCarlo(NamedTuple):
    """A number from simulation and its standard error."""

    value: float
    se: float


@dataclass(frozen=True, slots=True)
class Performance:
    """Performance over the replicates that gave an interval.

    Attributes
    ----------
    truth, null : float
        What was simulated, and the value that is tested.
    replicates, used : int
        Simulated studies, and those that gave an interval.
    bias, empirical_sd, model_se, mse : MonteCarlo
        ``model_se`` is the root of the mean squared standard error; it should be near
        ``empirical_sd``.
    coverage : MonteCarlo
        Share of intervals that hold the truth.
    rejection : MonteCarlo
        Share of intervals that leave the null out, of all replicates: a study without a result
        has not shown anything. Power, or the type I error where the truth is the null.
    width : MonteCarlo
        Mean width of the interval.
    converged : MonteCarlo
        Share of replicates that gave an interval.
    wrong_sign : float
        Share of rejections on the other side of the null than the truth.
    exaggeration : float
        Mean distance of rejecting estimates from the null over that of the truth.
    warnings : tuple of str
    """

    truth: float
    null: float
    level: float
    replicates: int
    used: int
    bias: MonteCarlo
    empirical_sd: MonteCarlo
    model_se: MonteCarlo
    mse: MonteCarlo
    coverage: MonteCarlo
    rejection: MonteCarlo
    width: MonteCarlo
    converged: MonteCarlo
    wrong_sign: float
    exaggeration: float
    warnings: tuple[str, ...]

    @property
    def power(self) -> MonteCarlo:
        """Share of studies that reject the null; NaN where the truth is the null."""
        return MonteCarlo(nan, nan) if self.truth == self.null else self.rejection

    @property
    def type_one(self) -> MonteCarlo:
        """Share of studies that reject a true null; NaN where the null is false."""
        return self.rejection if self.truth == self.null else MonteCarlo(nan, nan)


def summarise_replicates(
    estimate: ArrayLike,
    se: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    truth: float,
    *,
    null: float = 0.0,
    level: float = 0.95,
    warnings: tuple[str, ...] = (),
) -> Performance:
    """Summarise replicates; those with a number that is not finite count as not converged.

    Parameters
    ----------
    estimate, se, low, high : array_like, shape (replicates,)
    truth, null : float
    level : float
        Of the intervals.

    References
    ----------
    Morris, White and Crowther 2019, doi:10.1002/sim.8086, for the Monte-Carlo errors; Gelman and
    Carlin 2014, doi:10.1177/1745691614551642, for sign and exaggeration.

    Examples
    --------
    >>> found = summarise_replicates([1.0, 1.2], [0.5, 0.5], [0.0, 0.2], [2.0, 2.2], 1.0)
    >>> found.coverage.value, round(found.bias.value, 3)
    (1.0, 0.1)
    """
    b, s, lower, upper = (np.asarray(v, dtype=float) for v in (estimate, se, low, high))
    total = len(b)
    if not total:
        raise ValueError("there are no replicates")
    good = np.isfinite(b) & np.isfinite(s) & np.isfinite(lower) & np.isfinite(upper)
    b, s, lower, upper = b[good], s[good], lower[good], upper[good]
    k = len(b)
    notes = list(warnings)
    if k < total:
        notes.append(f"{total - k} of {total} replicates gave no interval")
    away = (lower > null) | (upper < null)
    other_side = (b[away] - null) * (truth - null) < 0
    off = (b - truth) ** 2
    spread = float(b.std(ddof=1)) if k > 1 else nan
    model = sqrt(float((s**2).mean())) if k else nan
    with np.errstate(invalid="ignore", divide="ignore"):
        model_error = sqrt((s**2).var(ddof=1) / (4 * k * model**2)) if k > 1 and model > 0 else nan
        return Performance(
            truth=truth,
            null=null,
            level=level,
            replicates=total,
            used=k,
            bias=MonteCarlo(float((b - truth).mean()) if k else nan, _root(spread, k)),
            empirical_sd=MonteCarlo(spread, spread / sqrt(2 * (k - 1)) if k > 1 else nan),
            model_se=MonteCarlo(model, model_error),
            mse=_mean(off),
            coverage=_share(int(((lower <= truth) & (truth <= upper)).sum()), k),
            rejection=_share(int(away.sum()), total),
            width=_mean(upper - lower),
            converged=_share(k, total),
            wrong_sign=float(other_side.mean()) if away.any() and truth != null else nan,
            exaggeration=float((np.abs(b[away] - null)).mean() / abs(truth - null))
            if away.any() and truth != null
            else nan,
            warnings=tuple(notes),
        )


def _root(spread: float, k: int) -> float:
    return spread / sqrt(k) if k else nan


def _mean(values: Floats) -> MonteCarlo:
    k = len(values)
    if not k:
        return MonteCarlo(nan, nan)
    return MonteCarlo(float(values.mean()), float(values.std(ddof=1)) / sqrt(k) if k > 1 else nan)


def _share(count: int, k: int) -> MonteCarlo:
    if not k:
        return MonteCarlo(nan, nan)
    share = count / k
    return MonteCarlo(share, sqrt(share * (1 - share) / k))
