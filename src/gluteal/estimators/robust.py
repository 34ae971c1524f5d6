"""Covariances that hold when rows differ in spread (HC) or share a person (CR2).

statsmodels returns HC0 when a GLM is asked for HC1, HC2 or HC3 (statsmodels issue 7798); these
equal ``sandwich::vcovHC`` and ``clubSandwich::vcovCR``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

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


def _inverse_root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    keep = values > 1e-10 * max(float(values.max()), 1e-300)
    roots = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    return (vectors * roots) @ vectors.T


def cr2_covariance(
    x: Floats, residual: Floats, variance: Floats, cluster: NDArray[np.generic], bread: Floats
) -> tuple[Floats, Callable[[Floats], float]]:
    """Estimate a cluster-robust covariance with the small-sample correction CR2.

    Work and memory grow with the sum of squared cluster sizes, never with n x n: the Satterthwaite
    degrees of freedom come from the identity (I-H)Φ(I-H)' = Φ - D(D'Φ⁻¹D)⁻¹D', where Φ is the
    working variance and D the derivative of the means.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    residual : ndarray, shape (n,)
        Observed minus fitted mean (of a canonical link).
    variance : ndarray, shape (n,)
        Working variance of each row, which for a canonical link is also its weight W; ones for a
        linear model.
    cluster : ndarray, shape (n,)
        The person of each row.
    bread : ndarray, shape (p, p)
        Inverse of X'WX.

    Returns
    -------
    covariance : ndarray, shape (p, p)
    df_of : callable
        Satterthwaite degrees of freedom of a contrast with weights of shape (p,).

    References
    ----------
    Bell and McCaffrey 2002, Survey Methodology 28(2):169-181; Pustejovsky and Tipton 2018,
    doi:10.1080/07350015.2016.1247004. Equal to clubSandwich's CR2 with its default target.
    """
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.r_[True, cluster[order][1:] != cluster[order][:-1]])
    p = x.shape[1]
    scores, spread, lines = [], [], []
    for rows in np.split(order, starts[1:]):
        xi, vi = x[rows], variance[rows]
        root = np.sqrt(vi)
        high = xi * (vi * root)[:, None]
        target = np.diag(vi**2) - high @ bread @ high.T
        side = root[:, None] * (_inverse_root(target) @ (root[:, None] * xi))
        scores.append(side.T @ residual[rows])
        spread.append(side * root[:, None])
        lines.append((xi * vi[:, None]).T @ side)
    score = np.asarray(scores)
    covariance = bread @ (score.T @ score) @ bread
    own = np.asarray([s.T @ s for s in spread])
    shared = np.asarray(lines)
    half = np.linalg.cholesky(bread)

    def df_of(contrast: Floats) -> float:
        direction = bread @ contrast
        diagonal = np.einsum("j,gjk,k->g", direction, own, direction)
        low = (shared @ direction) @ half
        trace = float(diagonal.sum() - (low**2).sum())
        inner = low.T @ low
        squares = float(
            (diagonal**2).sum() - 2 * (diagonal * (low**2).sum(1)).sum() + (inner**2).sum()
        )
        return trace**2 / squares if squares > 0 else float("nan")

    if p == 0 or len(scores) < 2:
        raise ValueError("a cluster-robust covariance needs at least two clusters")
    return covariance, df_of
