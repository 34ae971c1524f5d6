"""The bootstrap inside multiple imputation: every completed data set is resampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.equations import Equation
from gluteal.estimators.bootstrap.intervals import draw_intervals
from gluteal.estimators.bootstrap.linear import Bootstrap, Statistic, bootstrap_linear
from gluteal.estimators.inference import Estimate, Floats, interval


@dataclass(frozen=True, slots=True)
class PooledBootstrap:
    """Estimates pooled over imputations.

    Attributes
    ----------
    estimate : ndarray, shape (k,)
        Means over the imputations.
    low, high : ndarray, shape (k,)
        Quantiles of the draws of all imputations together.
    rubin : tuple of Estimate, length k
        Rubin's rules with the bootstrap variance within: t interval.
    missing : ndarray, shape (k,)
        Share of the variance that the imputations add: (1 + 1/m) between / total.
    draws : ndarray, shape (m * resamples, k)
    """

    estimate: Floats
    low: Floats
    high: Floats
    rubin: tuple[Estimate, ...]
    missing: Floats
    draws: Floats
    level: float
    converged: bool
    warnings: tuple[str, ...]


def pool_bootstraps(found: Sequence[Bootstrap], *, df_complete: float = inf) -> PooledBootstrap:
    """Pool the bootstraps of m completed data sets.

    Parameters
    ----------
    found : sequence of Bootstrap
        Of the same statistic, level and number of resamples, one per imputation.
        Those of ``mediate`` have them: ``pool_bootstraps([fit.bootstrap for fit in fits])``.
    df_complete : float
        Degrees of freedom without missing values (units minus coefficients), for the small-sample
        degrees of freedom of Barnard and Rubin; inf for Rubin's own.

    References
    ----------
    Schomaker and Heumann 2018, doi:10.1002/sim.7654 (draws of all imputations together: "MI
    boot pooled"); Rubin 1987; Barnard and Rubin 1999, doi:10.1093/biomet/86.4.948.
    """
    m = len(found)
    if m < 2:
        raise ValueError("pooling needs at least 2 imputations")
    level = found[0].level
    each = np.array([one.estimate for one in found])
    estimate = each.mean(0)
    within = np.array([one.se**2 for one in found]).mean(0)
    between = (1 + 1 / m) * each.var(0, ddof=1)
    total = within + between
    with np.errstate(invalid="ignore", divide="ignore"):
        missing = np.where(total > 0, between / total, 0.0)
        df = np.where(missing > 0, (m - 1) / missing**2, inf)
        if np.isfinite(df_complete):
            seen = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - missing)
            df = 1 / (1 / df + 1 / seen)
    rubin = tuple(
        interval(float(e), float(np.sqrt(v)), float(d), level)
        for e, v, d in zip(estimate, total, df, strict=True)
    )
    draws = np.concatenate([one.draws for one in found])
    low, high, said = draw_intervals(draws, estimate, "percentile", level)
    warnings = tuple(dict.fromkeys([*said, *(text for one in found for text in one.warnings)]))
    converged = all(one.converged for one in found) and bool(np.isfinite(low + high).all())
    return PooledBootstrap(estimate, low, high, rubin, missing, draws, level, converged, warnings)


def bootstrap_imputed(
    completed: Sequence[ArrayLike],
    equations: Sequence[Equation],
    statistic: Statistic,
    *,
    resamples: int = 1000,
    seed: Seed = 1,
    df_complete: float = inf,
    **more: Any,
) -> PooledBootstrap:
    """Bootstrap each completed data set and pool.

    Parameters
    ----------
    completed : sequence of array_like, each shape (n, p)
        The same columns with their missing values imputed, m times.
    equations, statistic
        See ``bootstrap_linear``.
    resamples : int
        Per completed data set.
    **more
        ``weights``, ``cluster``, ``strata``, ``level``, ``names`` of ``bootstrap_linear``.

    Returns
    -------
    PooledBootstrap

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(100, 2))
    >>> filled = [data + rng.normal(0, 0.1, data.shape) for _ in range(5)]
    >>> pooled = bootstrap_imputed(filled, [Equation(1, (0,))], lambda s: s.coef[0][:, 1:])
    >>> len(pooled.draws)
    5000
    """
    base = [seed] if isinstance(seed, int) else list(seed)
    found = [
        bootstrap_linear(one, equations, statistic, resamples=resamples, seed=[*base, k], **more)
        for k, one in enumerate(completed)
    ]
    return pool_bootstraps(found, df_complete=df_complete)
