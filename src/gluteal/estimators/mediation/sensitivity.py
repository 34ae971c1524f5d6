"""How strong confounding of mediator and outcome must be to explain an indirect effect away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.bootstrap import (
    Bootstrap,
    Equation,
    Solved,
    bootstrap_linear,
    solve_equations,
    take_moments,
)
from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.intervals import Kind
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.paths import as_columns

GRID = tuple(round(-0.9 + 0.1 * k, 1) for k in range(19))


@dataclass(frozen=True, slots=True)
class RhoSensitivity:
    """Indirect and direct effect by the correlation of the errors of mediator and outcome.

    Attributes
    ----------
    rho : ndarray, shape (g,)
        Correlations; 0 is no unmeasured confounding.
    indirect, indirect_low, indirect_high, direct, direct_low, direct_high : ndarray, shape (g,)
    rho_at_zero : float
        Correlation at which the indirect effect is 0.
    rho_low, rho_high : float
        Its interval.
    r2_residual : float
        ``rho_at_zero`` squared: product of the shares of the residual variances of mediator and
        outcome that a confounder must explain.
    r2_total : float
        The same product as shares of their total variances.
    """

    rho: Floats
    indirect: Floats
    indirect_low: Floats
    indirect_high: Floats
    direct: Floats
    direct_low: Floats
    direct_high: Floats
    rho_at_zero: float
    rho_low: float
    rho_high: float
    r2_residual: float
    r2_total: float
    bootstrap: Bootstrap
    converged: bool
    warnings: tuple[str, ...]


def rho_sensitivity(
    exposure: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    rho: Sequence[float] = GRID,
    resamples: int = 1000,
    seed: Seed = 1,
    kind: Kind = "percentile",
    level: float = 0.95,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> RhoSensitivity:
    """Compute the indirect effect of a linear system for correlated errors.

    With the errors of mediator and outcome correlated by rho, the indirect effect is
    a (s₁/s₂) {r - rho √[(1 - r²)/(1 - rho²)]}: a the effect on the mediator, s₁ and s₂ the residual
    standard deviations of outcome and mediator given exposure and covariates, r their residual
    correlation. It is 0 at rho = r. No interaction of exposure and mediator.

    Parameters
    ----------
    exposure, mediator, outcome : array_like, shape (n,)
    covariates : array_like, shape (n, c), optional
    rho : sequence of float
        Within -1 and 1.
    resamples, seed, kind, level, cluster, strata, weights
        See ``bootstrap_linear``.

    References
    ----------
    Imai, Keele and Yamamoto 2010, doi:10.1214/10-STS321, theorem 4.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=300)
    >>> m = 0.5 * x + rng.normal(size=300)
    >>> y = 0.6 * m + rng.normal(size=300)
    >>> round(rho_sensitivity(x, m, y, resamples=200).rho_at_zero, 1)
    0.5
    """
    grid = np.asarray(rho, dtype=float)
    if grid.ndim != 1 or not grid.size or not (np.abs(grid) < 1).all():
        raise ValueError("rho must be numbers within -1 and 1")
    columns, labels, m = as_columns(exposure, mediator, outcome, covariates, None)
    if m != 1:
        raise ValueError("the sensitivity analysis takes one mediator")
    c = columns.shape[1] - 3
    given, both = tuple(range(c + 1)), tuple(range(c + 2))
    equations = [Equation(c + 1, given), Equation(c + 2, given), Equation(c + 2, both)]

    def statistic(solved: Solved) -> Floats:
        a, total, b = solved.coef[0][:, 1 + c], solved.coef[1][:, 1 + c], solved.coef[2][:, 2 + c]
        spread_m, spread_y = (np.sqrt(solved.rss[k]) for k in (0, 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.clip(b * spread_m / spread_y, -1, 1)
            shrink = np.sqrt((1 - r**2)[:, None] / (1 - grid**2))
            indirect = (a * spread_y / spread_m)[:, None] * (r[:, None] - grid * shrink)
        return np.column_stack([r, indirect, total[:, None] - indirect])

    found = bootstrap_linear(
        columns,
        equations,
        statistic,
        resamples=resamples,
        seed=seed,
        weights=weights,
        cluster=cluster,
        strata=strata,
        kind=kind,
        level=level,
        names=labels,
    )
    g = len(grid)
    at, rest = slice(1, 1 + g), slice(1 + g, None)
    r = float(found.estimate[0])
    return RhoSensitivity(
        grid,
        found.estimate[at],
        found.low[at],
        found.high[at],
        found.estimate[rest],
        found.low[rest],
        found.high[rest],
        r,
        float(found.low[0]),
        float(found.high[0]),
        r**2,
        r**2 * _unexplained(columns, equations, weights),
        found,
        found.converged,
        found.warnings,
    )


def _unexplained(
    columns: Floats, equations: Sequence[Equation], weights: ArrayLike | None
) -> float:
    """1 - R² of the mediator times 1 - R² of the outcome given the mediator too."""
    moments = take_moments(columns, weights=weights)
    first, _, last = equations
    asked = [first, last, Equation(first.outcome), Equation(last.outcome)]
    m, y, all_m, all_y = (
        float(one[0]) for one in solve_equations(moments.total, moments, asked).rss
    )
    return m / all_m * y / all_y
