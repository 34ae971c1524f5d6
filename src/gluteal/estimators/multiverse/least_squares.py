"""Linear specifications from shared cross-products: the data are read once per set of rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.specifications import Flags, Ints, Plan
from gluteal.estimators.multiverse.sweeping import LEAST_PIVOT, Swept, grow_tree, sweep

MOST_NUMBERS = 3_000_000
"""Numbers of one batch of cross-products: more are cut into batches."""

FLAT = 1e-24
"""Squared spread beside the squared mean, below which a column does not vary."""


class Products(NamedTuple):
    """Centred cross-products of each set of rows, scaled to a unit diagonal."""

    scaled: Floats
    """Shape (sets, m, m); 0 on the diagonal of a column that does not vary."""
    spread: Floats
    """Root of the sum of squares, shape (sets, m); 1 for a column that does not vary."""
    n: Ints
    """Rows of each set."""


class Slopes(NamedTuple):
    """Slopes of the exposure, shape (k,); ``doubtful`` where QR must decide."""

    estimate: Floats
    se: Floats
    df: Floats
    doubtful: Flags


def cross_products(columns: Floats, rows: Flags) -> Products:
    """Multiply the columns with each other in each set of rows; missing values stay in theirs."""
    m = columns.shape[1]
    products = np.empty((len(rows), m, m))
    for r, used in enumerate(rows):
        x = columns if used.all() else columns[used]
        mean = x.mean(0) if len(x) else np.zeros(m)
        x = x - mean
        product = x.T @ x
        # What is left of a constant column is rounding.
        still = np.diag(product) <= FLAT * len(x) * mean**2
        product[still], product[:, still] = 0.0, 0.0
        products[r] = product
    return scale_products(products, rows.sum(1))


def scale_products(products: Floats, n: Ints, least: Floats | float = 0.0) -> Products:
    """Scale centred cross-products, shape (..., m, m), to a unit diagonal.

    A sum of squares up to ``least`` is rounding: that column stays as it is, near 0.
    """
    squares = np.einsum("...jj->...j", products)
    spread = np.sqrt(np.where(squares > least, squares, 1.0))
    scaled = products / (spread[..., :, None] * spread[..., None, :])
    return Products(scaled, spread, n)


def slopes_of(plan: Plan, which: Ints, products: Products) -> Slopes:
    """Estimate the linear specifications ``which`` with classical standard errors."""
    m = plan.columns.shape[1]
    root, covariates = plan.of_rows[which], plan.covariates[which]
    order = np.arange(len(which))
    step = max(1, MOST_NUMBERS // m**2)
    if len(which) > step:  # neighbours share their sweeps
        order = np.lexsort((*covariates.T[::-1], root))
    found = [np.empty(len(which)) for _ in range(4)]
    for start in range(0, len(which), step):
        part = order[start : start + step]
        tree = grow_tree(root[part], covariates[part], plan.size[which][part], m)
        at = which[part]
        for kept, new in zip(
            found, sweep(tree, products.scaled, plan.exposure[at], plan.outcome[at]), strict=True
        ):
            kept[part] = new
    swept = Swept(*found)
    spread = products.spread[root]
    at = np.arange(len(which))
    scale = spread[at, plan.outcome[which]] / spread[at, plan.exposure[which]]
    df = (products.n[root] - plan.size[which] - 2).astype(np.float64)
    estimate, se, rest = to_slopes(swept, df)
    doubtful = ~(swept.least > LEAST_PIVOT) | ~(rest > LEAST_PIVOT) | (df < 1)
    return Slopes(estimate * scale, se * scale, df, doubtful)


def to_slopes(swept: Swept, df: Floats) -> tuple[Floats, Floats, Floats]:
    """Turn swept cross-products into slope, standard error (both scaled) and residual share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = swept.xy / swept.xx
        rest = swept.yy - slope * swept.xy
        se = np.sqrt(np.maximum(rest, 0.0) / np.where(df > 0, df, np.nan) / swept.xx)
    return slope, se, rest
