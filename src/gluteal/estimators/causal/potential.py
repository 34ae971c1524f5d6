"""Means under each exposure, and the contrasts that readers ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators import margins
from gluteal.estimators.causal.scores import covariance_of, few_units
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.inference import Estimate, Floats, interval


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """People to expose for one more outcome; negative where exposure prevents it.

    Attributes
    ----------
    number : float
        1 / risk difference.
    low, high : float
        Inverses of the limits of the risk difference. Where ``unbounded``, the interval is
        everything below ``low`` and above ``high``: it passes through infinity.
    """

    number: float
    low: float
    high: float
    unbounded: bool
    level: float


@dataclass(frozen=True, slots=True)
class PotentialMeans:
    """Mean outcomes (risks), were everyone exposed to each level in turn.

    Attributes
    ----------
    means : ndarray, shape (k,)
    cov : ndarray, shape (k, k)
    shares : ndarray, shape (n, k)
        What each row adds to the error of each mean; empty where the delta method was asked for.
    units : int
        Independent units behind ``cov``.
    extra : dict
        Diagnostics of the method.
    """

    means: Floats
    cov: Floats
    shares: Floats
    units: int
    se_type: str
    df: float = inf
    converged: bool = True
    warnings: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def mean(self, which: int, level: float = 0.95) -> Estimate:
        """Estimate one mean."""
        se = float(np.sqrt(self.cov[which, which]))
        return interval(float(self.means[which]), se, self.df, level)

    def difference(self, of: int = 1, against: int = 0, level: float = 0.95) -> Estimate:
        """Estimate one mean minus another: of risks, the risk difference."""
        at = [against, of]
        return margins.difference(self.means[at], self.cov[np.ix_(at, at)], level, self.df)

    def ratio(self, of: int = 1, against: int = 0, level: float = 0.95) -> Estimate:
        """Estimate one mean over another (risk ratio); ``se`` is on the log scale.

        NaN where a mean is not above zero.
        """
        at = [against, of]
        if float(self.means[at].min()) <= 0:
            nan = float("nan")
            return Estimate(nan, nan, self.df, nan, nan, nan, level)
        found = margins.log_ratio(self.means[at], self.cov[np.ix_(at, at)], level, self.df)
        return log_ratio(found)

    def number_needed(self, of: int = 1, against: int = 0, level: float = 0.95) -> NumberNeeded:
        """Turn a risk difference into the number needed to treat (or to harm).

        References
        ----------
        Altman 1998, doi:10.1136/bmj.317.7168.1309.
        """
        found = self.difference(of, against, level)

        def inverse(risk: float) -> float:
            return 1 / risk if risk else inf

        unbounded = not found.low > 0 and not found.high < 0
        ends = inverse(found.low), inverse(found.high)
        low, high = ends if unbounded else sorted(ends)
        return NumberNeeded(inverse(found.estimate), low, high, unbounded, level)


def means_from_shares(
    means: Floats,
    shares: Floats,
    person: ArrayLike | None,
    se_type: str,
    *,
    converged: bool = True,
    warnings: tuple[str, ...] = (),
    extra: dict[str, Any] | None = None,
) -> PotentialMeans:
    """Put means and the shares of rows in their error together.

    Examples
    --------
    >>> y = np.array([[0.0], [1.0], [1.0], [0.0]])
    >>> made = means_from_shares(y.mean(0), (y - y.mean(0)) / 4, None, "stacked")
    >>> made.mean(0).se, made.warnings
    (0.25, ('a large-sample standard error from 4 independent units',))
    """
    cov, units = covariance_of(shares, person)
    said = (*warnings, *few_units(units))
    return PotentialMeans(
        means, cov, shares, units, se_type, inf, converged, said, dict(extra or {})
    )
