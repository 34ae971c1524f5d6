"""Covariances of estimating equations, with what few clusters need.

All corrections take the residuals of a cluster times a function of I - H, H its leverage block.
With D the whitened derivative and M the inverse information, H = D M D', and D' f(DMD') =
f(D'D M) D': a p x p matrix a cluster does, however many rows it has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from gluteal.estimators.gee.working import Layout
from gluteal.estimators.inference import Floats, constant_df
from gluteal.estimators.robust import satterthwaite

Errors = Literal["robust", "bias_reduced", "kauermann_carroll", "fay_graubard"]
OWN_FIT = 1 - 1e-9
MOST_CORRECTED = 0.75
"""Fay and Graubard's bound on a diagonal element of the leverage."""


def cluster_products(slope: Floats, layout: Layout) -> Floats:
    """Return D'D of each cluster, shape (clusters, p, p); clusters of one size in one batch."""
    p = slope.shape[1]
    found = np.empty((len(layout.starts), p, p))
    for size in np.unique(layout.sizes):
        at = np.flatnonzero(layout.sizes == size)
        if len(at) == len(layout.sizes):
            block = slope.reshape(len(at), size, p)
        else:
            block = slope[layout.starts[at][:, None] + np.arange(size)]
        found[at] = np.swapaxes(block, 1, 2) @ block
    return found


def adjustments(products: Floats, bread: Floats, errors: Errors) -> tuple[Floats, int]:
    """Return the matrix by which each cluster's score is multiplied, shape (clusters, p, p).

    Parameters
    ----------
    products : ndarray, shape (clusters, p, p)
    bread : ndarray, shape (p, p)
        Inverse information.
    errors : {"bias_reduced", "kauermann_carroll", "fay_graubard"}

    Returns
    -------
    factors : ndarray
    own : int
        Clusters that determine a coefficient alone (leverage 1); that direction of their score
        carries no information and is left out.
    """
    p = len(bread)
    if errors == "fay_graubard":
        share = np.einsum("gij,ji->gi", products, bread)
        found = np.zeros((len(products), p, p))
        at = np.arange(p)
        found[:, at, at] = 1 / np.sqrt(1 - np.minimum(share, MOST_CORRECTED))
        return found, int((share > OWN_FIT).any(1).sum())
    total = np.einsum("gij,ji->g", products, bread)
    if errors == "bias_reduced" and float(total.max()) < OWN_FIT:
        # Leverages that add up to less than 1 leave every block invertible.
        return np.linalg.inv(np.eye(p) - products @ bread).astype(np.float64), 0
    half = np.linalg.cholesky(bread)
    values, vectors = np.linalg.eigh(half.T @ products @ half)
    free = values < OWN_FIT
    power = -1.0 if errors == "bias_reduced" else -0.5
    stretch = np.where(free, np.where(free, 1 - values, 1.0) ** power, 0.0)
    inverse = np.linalg.inv(half)
    inner = (vectors * stretch[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return inverse.T @ inner @ half.T, int((~free).any(1).sum())


@dataclass(frozen=True, slots=True)
class Sandwich:
    """Covariances of the coefficients, degrees of freedom of contrasts, clusters of leverage 1."""

    cov: Floats
    plain: Floats
    df_of: Callable[[Floats], float]
    own: int


def sandwich(
    slope: Floats,
    residual: Floats,
    bread: Floats,
    layout: Layout,
    errors: Errors,
    with_df: bool = True,
) -> Sandwich:
    """Estimate the covariance of the coefficients from the scores of clusters.

    Parameters
    ----------
    slope : ndarray, shape (n, p)
        Whitened derivatives of the means.
    residual : ndarray, shape (n,)
        Whitened residuals.
    bread : ndarray, shape (p, p)
    layout : Layout
    errors : {"robust", "bias_reduced", "kauermann_carroll", "fay_graubard"}
    with_df : bool
        Without, degrees of freedom are infinite.

    References
    ----------
    Mancl and DeRouen 2001, doi:10.1111/j.0006-341X.2001.00126.x; Kauermann and Carroll 2001,
    doi:10.1198/016214501753382309; Fay and Graubard 2001, doi:10.1111/j.0006-341X.2001.01198.x.
    """
    score = layout.totals(slope * residual[:, None])
    plain = bread @ (score.T @ score) @ bread
    if errors == "robust" and not with_df:
        return Sandwich(plain, plain, constant_df(inf), 0)
    products = cluster_products(slope, layout)
    if errors == "robust":
        return Sandwich(plain, plain, satterthwaite(products, products, bread), 0)
    factors, own = adjustments(products, bread, errors)
    score = (factors @ score[..., None])[..., 0]
    cov = bread @ (score.T @ score) @ bread
    if not with_df:
        return Sandwich(cov, plain, constant_df(inf), own)
    line = products @ np.swapaxes(factors, 1, 2)
    return Sandwich(cov, plain, satterthwaite(factors @ line, line, bread), own)
