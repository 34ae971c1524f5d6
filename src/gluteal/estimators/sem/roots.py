"""Cholesky factors of one small matrix, by LAPACK without the overhead of numpy's stacks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from gluteal.estimators.inference import Floats


@cache
def lapack() -> Any:
    """Load LAPACK at the first use, not when the package starts."""
    from scipy import linalg

    return linalg.lapack


def inverse_root(matrix: Floats) -> tuple[Floats, float] | None:
    """Invert the lower Cholesky factor of a symmetric matrix.

    Returns
    -------
    root : ndarray
        With ``root.T @ root`` the inverse of the matrix.
    log_det : float
        Of the matrix.
    None
        If the matrix is not positive definite or not finite.

    Examples
    --------
    >>> root, log_det = inverse_root(np.diag([4.0, 1.0]))
    >>> root.diagonal().tolist(), round(log_det, 6)
    ([0.5, 1.0], 1.386294)
    """
    by = lapack()
    factor, fault = by.dpotrf(matrix, lower=1, clean=1)
    if fault or not factor[-1, -1] > 0:
        return None
    log_det = 2 * float(np.log(factor.diagonal()).sum())
    root, fault = by.dtrtri(factor, lower=1, overwrite_c=1)
    return None if fault else (root, log_det)


def scaled_root(matrix: Floats) -> tuple[Floats, Floats] | None:
    """Factor a matrix on the scale of a correlation matrix, so that units do not matter.

    Returns
    -------
    root : ndarray
        Inverse Cholesky factor of the matrix divided by ``size`` on both sides.
    size : ndarray
        Roots of the diagonal.
    None
        If the matrix is not positive definite or not finite.
    """
    diagonal = matrix.diagonal()
    # NaN is not above zero.
    if not diagonal.min(initial=np.inf) > 0:
        return None
    size = np.sqrt(diagonal)
    if not size.size:
        return matrix, size
    found = inverse_root(matrix / (size[:, None] * size))
    return None if found is None else (found[0], size)


def solve_definite(matrix: Floats, right: Floats) -> Floats | None:
    """Solve a positive definite system; None if the matrix is none, NaN where it is NaN."""
    _, solution, fault = lapack().dposv(matrix, right, lower=1)
    return None if fault else solution
