"""Bootstrap of linear equations from cross-products: rows, clusters, strata, imputations.

Resamples are sums of what units carry, so a resample costs a product with its counts, whatever the
equations. ``draw_counts`` serves estimators that need every row again.
"""

from gluteal.estimators.bootstrap.draws import Block, draw_counts, part_units, resample_totals
from gluteal.estimators.bootstrap.equations import Equation, Solved, solve_equations
from gluteal.estimators.bootstrap.intervals import (
    acceleration,
    draw_intervals,
    draw_p,
    order_quantiles,
)
from gluteal.estimators.bootstrap.linear import Bootstrap, bootstrap_linear, summarise_draws
from gluteal.estimators.bootstrap.moments import Moments, take_moments
from gluteal.estimators.bootstrap.pooled import (
    PooledBootstrap,
    bootstrap_imputed,
    pool_bootstraps,
)
from gluteal.estimators.bootstrap.units import Units, as_units

__all__ = [
    "Block",
    "Bootstrap",
    "Equation",
    "Moments",
    "PooledBootstrap",
    "Solved",
    "Units",
    "acceleration",
    "as_units",
    "bootstrap_imputed",
    "bootstrap_linear",
    "draw_counts",
    "draw_intervals",
    "draw_p",
    "order_quantiles",
    "part_units",
    "pool_bootstraps",
    "resample_totals",
    "solve_equations",
    "summarise_draws",
    "take_moments",
]
