"""Draws of a linear regression from cross-products, for many imputations at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

RIDGE = 1e-5
"""Share added to the diagonal of the cross-products, as mice does: collinearity stays harmless."""

LEAST_PENALTY = 1e-3
"""For predictors that have come to be constant where the column is observed: their coefficients
then have a prior standard deviation of 30 residual ones, of standardised predictors."""


def draw_linear(
    gram: Floats,
    at: int,
    predictors: NDArray[np.intp],
    z: Floats,
    chi: Floats,
    ridge: float = RIDGE,
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
    ridge : float
        Share added to the diagonal.

    Returns
    -------
    estimate, drawn : ndarray, shape (b, q)
        Least squares and drawn coefficients; 0 where a column predicts nothing.
    sigma : ndarray, shape (b,)

    Raises
    ------
    numpy.linalg.LinAlgError
        If rounding has left cross-products that no data have.

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
    from scipy.linalg.lapack import dpotrf, dpotrs, dtrtrs  # pyright: ignore[reportAttributeAccessIssue]

    b, width = len(gram), gram.shape[1]
    inner = gram[:, predictors[:, None], predictors]
    right = gram[:, predictors, at]
    own = gram[:, at, at]
    diagonal = np.einsum("bkk->bk", inner)
    penalty = np.maximum(ridge * diagonal, LEAST_PENALTY)
    diagonal += penalty
    # One small matrix at a time: LAPACK solves a triangle, which numpy's batches cannot.
    solved, noise = np.empty_like(right), np.empty_like(right)
    for i in range(b):
        root, failed = dpotrf(inner[i].T, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise np.linalg.LinAlgError("cross-products are not positive definite")
        solved[i] = dpotrs(root, right[i], lower=1)[0]
        noise[i] = dtrtrs(root, z[i], lower=1, trans=1)[0]
    # Where the fit is perfect, rounding leaves nothing or less.
    left = own - (solved * (right + penalty * solved)).sum(1)
    sigma = np.sqrt(np.maximum(left, 1e-12 * np.maximum(own, 1e-300)) / chi)
    estimate, drawn = np.zeros((2, b, width))
    estimate[:, predictors] = solved
    drawn[:, predictors] = solved + sigma[:, None] * noise
    return estimate, drawn, sigma


def residual_df(rows: int, predictors: int) -> int:
    """Return the degrees of freedom of the residual spread, at least 1."""
    return max(rows - predictors, 1)
