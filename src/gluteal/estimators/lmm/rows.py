"""The rows of a mixed model in a basis that computes well, and their sums within people."""

from __future__ import annotations

from dataclasses import dataclass
from math import ldexp, log2
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design, dependent_columns

NOTHING_LEFT = 1e-12
DOUBTFUL = 1e-6


@dataclass(frozen=True, slots=True)
class Rows:
    """Weighted rows: orthonormal covariates and the scaled residual of least squares.

    Attributes
    ----------
    table : ndarray, shape (n, p + 1)
        Columns Q of X = Q basis⁻¹, then (y - X start) / scale.
    basis : ndarray, shape (p, p)
        Turns coefficients of Q into coefficients of X.
    start : ndarray, shape (p,)
        Least squares.
    scale : float
        Root mean square of the residual of least squares.
    log_weights : float
        Sum of the logs of the weights.
    root : ndarray, shape (n,) or (0,)
        Square roots of the weights; empty where all are 1.
    """

    x: Floats
    y: Floats
    table: Floats
    basis: Floats
    start: Floats
    scale: float
    log_weights: float
    root: Floats

    def coefficients(self, b: Floats) -> Floats:
        """Turn coefficients of the inner basis into those of the design."""
        return self.start + self.scale * (self.basis @ b)


def as_rows(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Rows:
    """Check a design and an outcome, and turn them into rows that compute well.

    Raises
    ------
    UserError
        For what ``as_design`` refuses, weights that are not positive, and an outcome that the
        covariates fit exactly.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        matrix, outcome = as_design(x, y, least_df=1)
        _check_size(outcome, "the outcome")
    n, p = matrix.shape
    root: Floats = np.empty(0)
    log_weights = 0.0
    wx, wy = matrix, outcome
    if weights is not None:
        w = np.asarray(weights, dtype=float)
        if w.shape != (n,) or not np.isfinite(w).all() or not (w > 0).all():
            raise UserError(f"weights must be {n} positive finite numbers")
        root, log_weights = np.sqrt(w), float(np.log(w).sum())
        wx, wy = matrix * root[:, None], outcome * root
    table = np.empty((n, p + 1))
    basis = _basis(wx)
    if basis is None:
        table[:, :p], r = np.linalg.qr(wx)
        basis = np.linalg.inv(r)
    else:
        table[:, :p] = wx @ basis
    inner = table[:, :p]
    b = inner.T @ wy
    rest = wy - inner @ b
    more = inner.T @ rest
    rest -= inner @ more
    size = float(np.sqrt(rest @ rest))
    # Against the outcome's own size, of which rounding leaves this much.
    if size <= NOTHING_LEFT * float(np.sqrt(wy @ wy)):
        raise UserError("the covariates fit the outcome exactly: there is no spread to explain")
    scale = size / float(np.sqrt(n))
    np.divide(rest, scale, out=table[:, p])
    return Rows(matrix, outcome, table, basis, basis @ (b + more), scale, log_weights, root)


def _check_size(values: Floats, what: str) -> None:
    flat = values.ravel()
    if not np.isfinite(flat @ flat):
        raise UserError(f"{what}: numbers too large to square, use another unit")


def _basis(x: Floats) -> Floats | None:
    """Give B that makes the columns of XB orthonormal, or nothing where cross-products won't do."""
    gram = x.T @ x
    size = np.sqrt(np.diag(gram))
    try:
        lower = np.linalg.cholesky(gram / np.outer(size, size))
    except np.linalg.LinAlgError:
        return None
    if float(np.diag(lower).min()) ** 2 < DOUBTFUL:
        return None
    return np.linalg.inv(lower).T / size[:, None]


def as_effects(z: ArrayLike | None, n: int, centre: bool) -> tuple[Floats, Floats, Floats]:
    """Check the random effects' design and give it columns near mean 0 and spread 1.

    Shift and scale are short binary numbers, so that whole visit numbers stay exact and people
    with the same visits keep the same cross-products to the last bit.

    Parameters
    ----------
    z : array_like, shape (n, q), optional
        None for a random intercept.
    centre : bool
        Shift columns too; only where the effects may correlate and one column is constant.

    Returns
    -------
    z : ndarray, shape (n, q)
        As given.
    inner : ndarray, shape (n, q)
    turn : ndarray, shape (q, q)
        inner = z @ turn.
    """
    raw = np.ones((n, 1)) if z is None else np.ascontiguousarray(z, dtype=float)
    if z is None:
        return raw, raw, np.eye(1)
    if raw.ndim != 2 or len(raw) != n or not raw.shape[1]:
        raise UserError(f"the random effects need a table of {n} rows, found {raw.shape}")
    if not np.isfinite(raw).all():
        raise UserError("the random effects' columns hold missing or infinite values")
    with np.errstate(over="ignore", invalid="ignore"):
        _check_size(raw, "the random effects' columns")
        bad = dependent_columns(raw)
    if bad:
        raise UserError(f"random effect {bad[0]} is a combination of those before it, or 0")
    q = raw.shape[1]
    turn = np.eye(q)
    constant = [j for j in range(q) if (raw[:, j] == raw[0, j]).all()]
    for j in range(q):
        if j in constant:
            turn[j, j] = 1 / raw[0, j]
            continue
        middle = float(raw[:, j].mean()) if constant and centre else 0.0
        spread = float(np.sqrt(((raw[:, j] - middle) ** 2).mean()))
        unit = ldexp(1.0, round(log2(spread)))
        turn[j, j] = 1 / unit
        if constant and centre:
            at = constant[0]
            turn[at, j] = -round(middle / unit) / raw[0, at]
    return raw, raw if (turn == np.eye(q)).all() else raw @ turn, turn


def sum_products(
    left: Floats, rights: tuple[Floats, ...], codes: NDArray[np.intp], groups: int, ordered: bool
) -> list[Floats]:
    """Sum left' right within groups, without sorting rows, for one or more of ``rights``.

    Parameters
    ----------
    left : ndarray, shape (n, q)
    rights : tuple of ndarray, shape (n, m)
    codes : ndarray of int, shape (n,)
        Group of each row, 0 to groups - 1.
    ordered : bool
        Whether ``codes`` never falls.

    Returns
    -------
    list of ndarray, shape (q, groups, m)

    Examples
    --------
    >>> one = np.ones((3, 1))
    >>> sum_products(one, (np.array([[1.0], [2.0], [3.0]]),), np.array([0, 1, 0]), 2, False)
    [array([[[4.],
            [2.]]])]
    """
    from scipy.sparse import csc_array, csr_array

    n, q = left.shape
    found = [np.empty((q, groups, right.shape[1])) for right in rights]
    short = np.int32 if n < 2**31 else np.int64
    if ordered:
        inner = np.flatnonzero(codes[1:] != codes[:-1]) + 1
        ends: NDArray[Any] = np.concatenate([[0], inner, [n]]).astype(short)
        index: NDArray[Any] = np.arange(n, dtype=short)
    else:
        ends, index = np.arange(n + 1, dtype=short), codes.astype(short)
    kind = csr_array if ordered else csc_array
    for a in range(q):
        summing = kind((np.ascontiguousarray(left[:, a]), index, ends), shape=(groups, n))
        for right, sums in zip(rights, found, strict=True):
            sums[a] = summing @ right
    return found
