"""Draws of a linear regression from cross-products, for many imputations at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

RIDGE = 1e-5
"""Share added to the diagonal of the cross-products, as mice does: collinearity stays harmless."""


def draw_linear(
    gram: Floats, at: int, predictors: NDArray[np.intp], z: Floats, chi: Floats
) -> tuple[Floats, Floats, Floats]:
    """Draw coefficients and residual spread of one column's regression on others.

    Flat prior on coefficients and log spread: sigma² is the residual sum of squares over a
    chi-square, coefficients are normal around least squares with covariance sigma² (X'X)⁻¹.

    Parameters
    ----------
    gram : ndarray, shape (b, q, q)
        Cross-products of the rows in which the column was observed, one for each imputation.
    at : int
        Position of the column in them.
    predictors : ndarray of int, shape (k,)
    z : ndarray, shape (b, k)
        Standard normal draws.
    chi : ndarray, shape (b,)
        Chi-square draws with ``residual_df`` degrees of freedom.

    Returns
    -------
    estimate, drawn : ndarray, shape (b, q)
        Least squares and drawn coefficients; 0 where a column predicts nothing.
    sigma : ndarray, shape (b,)

    References
    ----------
    Rubin 1987, 166-167, doi:10.1002/9780470316696; van Buuren 2018, algorithm 3.1,
    doi:10.1201/9780429492259.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0, 1, 2, 3], [1, 3, 5, 7.5]])
    >>> z, chi = np.zeros((1, 2)), np.ones(1)
    >>> draw_linear((x.T @ x)[None], 2, np.array([0, 1]), z, chi)[0].round(2)
    array([[0.9 , 2.15, 0.  ]])
    """
    inner = gram[:, predictors[:, None], predictors]
    right = gram[:, predictors, at]
    k = len(predictors)
    diagonal = np.einsum("bkk->bk", inner)
    penalty = RIDGE * diagonal
    inner[:, range(k), range(k)] += penalty
    root = np.linalg.inv(np.linalg.cholesky(inner))
    estimate = np.matmul(root.transpose(0, 2, 1), root @ right[:, :, None])[:, :, 0]
    left = gram[:, at, at] - (estimate * right).sum(1) - (penalty * estimate**2).sum(1)
    # Where the fit is perfect, rounding leaves nothing or less.
    sigma = np.sqrt(np.maximum(left, 1e-12 * np.maximum(gram[:, at, at], 1e-300)) / chi)
    noise = np.matmul(root.transpose(0, 2, 1), z[:, :, None])[:, :, 0]
    both = np.zeros((2, len(gram), gram.shape[1]))
    both[0][:, predictors] = estimate
    both[1][:, predictors] = estimate + sigma[:, None] * noise
    return both[0], both[1], sigma


def residual_df(rows: int, predictors: int) -> int:
    """Return the degrees of freedom of the residual spread, at least 1."""
    return max(rows - predictors, 1)
