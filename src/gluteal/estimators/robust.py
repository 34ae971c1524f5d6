"""Covariances that hold when rows differ in spread (HC) or share a person (CR2).

statsmodels returns HC0 when a GLM is asked for HC1, HC2 or HC3 (statsmodels issue 7798); these
equal ``sandwich::vcovHC`` and ``clubSandwich::vcovCR``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

HC = Literal["HC0", "HC1", "HC2", "HC3"]
OWN_FIT = 1 - 1e-10


def leverages(x: Floats, weights: Floats, bread: Floats) -> Floats:
    """Return the diagonal of the hat matrix, shape (n,), without building the matrix."""
    return np.einsum("ij,jk,ik->i", x * weights[:, None], bread, x, optimize=True)


def hc_covariance(
    x: Floats, residual: Floats, leverage: Floats, bread: Floats, kind: HC = "HC3"
) -> Floats:
    """Estimate a covariance that allows each row its own variance.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Design.
    residual : ndarray, shape (n,)
        Observed minus fitted mean (of a canonical link).
    leverage : ndarray, shape (n,)
        Diagonal of the hat matrix. A row that determines its own fit (leverage 1) carries no
        information on its variance and is left out of HC2 and HC3.
    bread : ndarray, shape (p, p)
        Inverse of X'WX.
    kind : {"HC0", "HC1", "HC2", "HC3"}

    Returns
    -------
    ndarray, shape (p, p)

    References
    ----------
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7; Long and Ervin 2000,
    doi:10.1080/00031305.2000.10474549.

    Examples
    --------
    >>> x = np.ones((4, 1)); r = np.array([-1.0, 1.0, -1.0, 1.0]); h = np.full(4, 0.25)
    >>> hc_covariance(x, r, h, np.array([[0.25]]), "HC2").round(4)
    array([[0.3333]])
    """
    n, p = x.shape
    free = leverage < OWN_FIT
    room = np.where(free, 1 - leverage, 1.0)
    square = np.where(free, residual**2, 0.0)
    spread = {
        "HC0": residual**2,
        "HC1": residual**2 * n / max(n - p, 1),
        "HC2": square / room,
        "HC3": square / room**2,
    }[kind]
    return bread @ ((x * spread[:, None]).T @ x) @ bread


def check_clusters(
    cluster: ArrayLike | None, n: int, weights: Floats | None = None
) -> NDArray[np.intp]:
    """Give the clusters of a cluster-robust covariance numbers.

    Raises
    ------
    UserError
        For rows without a cluster, or fewer than two clusters with a row of positive weight.
    ValueError
        Without clusters at all.

    Examples
    --------
    >>> check_clusters(["a", "a"], 2)
    Traceback (most recent call last):
    gluteal.errors.UserError: a cluster-robust covariance needs at least two clusters
    """
    if cluster is None:
        raise ValueError("CR2 needs the clusters")
    codes, count = as_groups(cluster, n, "cluster")
    if weights is not None and not weights.all():
        count = len(np.unique(codes[weights > 0]))
    if count < 2:
        raise UserError("a cluster-robust covariance needs at least two clusters")
    return codes


def blocks_of(cluster: NDArray[np.generic]) -> list[NDArray[np.intp]]:
    """Return the rows of clusters, batched by size: arrays of shape (clusters, size).

    Examples
    --------
    >>> [block.tolist() for block in blocks_of(np.array([7, 3, 7, 9]))]
    [[[1], [3]], [[0, 2]]]
    """
    order = np.argsort(cluster, kind="stable")
    ranked = cluster[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    counts = np.diff(np.r_[starts, len(order)])
    return [order[starts[counts == size][:, None] + np.arange(size)] for size in np.unique(counts)]


def _inverse_root(matrices: Floats) -> Floats:
    """Take the symmetric root of each pseudo-inverse, shape (..., m, m)."""
    values, vectors = np.linalg.eigh(matrices)
    top = np.maximum(values.max(-1, keepdims=True), 1e-300)
    keep = values > 1e-10 * top
    roots = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    return (vectors * roots[..., None, :]) @ np.swapaxes(vectors, -1, -2)


def cr2_covariance(
    x: Floats,
    residual: Floats,
    variance: Floats,
    cluster: NDArray[np.generic],
    bread: Floats,
    weights: Floats | None = None,
) -> tuple[Floats, Callable[[Floats], float]]:
    """Estimate a cluster-robust covariance with the small-sample correction CR2.

    Clusters of one size are worked in one batch. Work and memory grow with the sum of squared
    cluster sizes, never with n x n: the Satterthwaite degrees of freedom come from the identity
    (I-H)Φ(I-H)' = Φ - D(D'Φ⁻¹D)⁻¹D', where Φ is the working variance and D the derivative of the
    means.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    residual : ndarray, shape (n,)
        Observed minus fitted mean (of a canonical link).
    variance : ndarray, shape (n,)
        Variance function at each mean, which for a canonical link is also the derivative of the
        mean by the linear predictor; ones for a linear model.
    cluster : ndarray, shape (n,)
        The person of each row.
    bread : ndarray, shape (p, p)
        Inverse of X'WX with W = weights times variance.
    weights : ndarray, shape (n,), optional
        Prior weights; the working variance is ``variance / weights``.

    Returns
    -------
    covariance : ndarray, shape (p, p)
    df_of : callable
        Satterthwaite degrees of freedom of a contrast with weights of shape (p,).

    References
    ----------
    Bell and McCaffrey 2002, Survey Methodology 28(2):169-181; Pustejovsky and Tipton 2018,
    doi:10.1080/07350015.2016.1247004. Equal to clubSandwich's CR2 with its default target, and
    where there are weights with the target ``variance / weights``.
    """
    p = x.shape[1]
    if weights is not None and not weights.all():
        used = weights > 0
        x, residual, variance = x[used], residual[used], variance[used]
        cluster, weights = cluster[used], weights[used]
    phi = variance if weights is None else variance / weights
    scores, own, shared = [], [], []
    for rows in blocks_of(cluster):
        root = np.sqrt(phi[rows])[..., None]
        slope = x[rows] * variance[rows][..., None]
        high = root * slope
        target = -(high @ bread) @ np.swapaxes(high, -1, -2)
        at = np.arange(rows.shape[1])
        target[:, at, at] += phi[rows] ** 2
        side = root * (_inverse_root(target) @ (slope / root))
        turned = np.swapaxes(side, -1, -2)
        scores.append((turned @ residual[rows][..., None])[..., 0])
        spread = side * root
        own.append(np.swapaxes(spread, -1, -2) @ spread)
        shared.append(np.swapaxes(slope, -1, -2) @ side)
    score = np.concatenate(scores)
    if p == 0 or len(score) < 2:
        raise ValueError("a cluster-robust covariance needs at least two clusters")
    covariance = bread @ (score.T @ score) @ bread
    return covariance, satterthwaite(np.concatenate(own), np.concatenate(shared), bread)


def satterthwaite(own: Floats, shared: Floats, bread: Floats) -> Callable[[Floats], float]:
    """Give the degrees of freedom of contrasts whose variance is a sum of squares over clusters.

    Parameters
    ----------
    own : ndarray, shape (clusters, p, p)
        A_g'ΦA_g of each cluster's adjusted design A_g.
    shared : ndarray, shape (clusters, p, p)
        D_g'A_g: what ties each cluster to all others through the fitted coefficients.
    bread : ndarray, shape (p, p)
        (D'Φ⁻¹D)⁻¹.

    Returns
    -------
    callable
        Degrees of freedom of a contrast with weights of shape (p,).
    """
    half = np.linalg.cholesky(bread)

    def df_of(contrast: Floats) -> float:
        direction = bread @ contrast
        diagonal = (own @ direction) @ direction
        low = (shared @ direction) @ half
        trace = float(diagonal.sum() - (low**2).sum())
        inner = low.T @ low
        squares = float(
            (diagonal**2).sum() - 2 * (diagonal * (low**2).sum(1)).sum() + (inner**2).sum()
        )
        return trace**2 / squares if squares > 0 else float("nan")

    return df_of
