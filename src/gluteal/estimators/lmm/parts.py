"""What every covariance structure hands to the likelihood: sums with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats


@dataclass(frozen=True, slots=True)
class Parts:
    """W'V⁻¹W and log|V| with derivatives, for V = I + Σ omega_i G_i and W = [Q, residual].

    Attributes
    ----------
    omega : ndarray, shape (m,)
        Variances and covariances in units of the residual variance.
    cross : ndarray, shape (r, r)
    log_det : float
    d_cross, d_log_det : ndarray, shapes (m, r, r) and (m,)
    d2_cross, d2_log_det : ndarray, shapes (m, m, r, r) and (m, m)
    """

    omega: Floats
    cross: Floats
    log_det: float
    d_cross: Floats
    d_log_det: Floats
    d2_cross: Floats
    d2_log_det: Floats


class Structure(Protocol):
    """Data summed for one covariance structure."""

    @property
    def n(self) -> int:
        """Rows."""
        ...

    @property
    def squares(self) -> Floats:
        """M of omega_i = theta' M_i theta, shape (m, t, t)."""
        ...

    @property
    def overall(self) -> Floats:
        """As ``squares``, for a parameter that reaches singular omega from every side."""
        ...

    @property
    def thinned(self) -> Structure | None:
        """Some of the people, to look where optima are; None where all cost little."""
        ...

    def parts(self, omega: Floats) -> Parts:
        """Evaluate at omega."""
        ...


@cache
def upper(r: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of an upper triangle, row by row; kept, since they are asked for often."""
    i, j = np.triu_indices(r)
    return i, j


@cache
def lower(q: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of a lower triangle, row by row; kept."""
    a, b = np.tril_indices(q)
    return a, b


def cholesky_squares(q: int) -> Floats:
    """M for omega = vech(LL') and theta = vech(L), both in the order of ``tril_indices``.

    Examples
    --------
    >>> m = cholesky_squares(2); theta = np.array([2.0, 1.0, 3.0])
    >>> np.einsum("s,isu,u->i", theta, m, theta)
    array([ 4.,  2., 10.])
    """
    at: Any = lower(q)
    place = {(int(a), int(b)): k for k, (a, b) in enumerate(zip(*at, strict=True))}
    found = np.zeros((len(place),) * 3)
    for (a, b), i in place.items():
        for c in range(b + 1):
            s, u = place[a, c], place[b, c]
            found[i, s, u] += 0.5
            found[i, u, s] += 0.5
    return found


def root_squares(q: int) -> Floats:
    """M for omega = vech(UU') and theta all elements of U, row by row."""
    rows, columns = np.tril_indices(q)
    found = np.zeros((len(rows), q * q, q * q))
    for i, (a, b) in enumerate(zip(rows, columns, strict=True)):
        for c in range(q):
            found[i, a * q + c, b * q + c] += 0.5
            found[i, b * q + c, a * q + c] += 0.5
    return found


def turn_squares(squares: Floats, omega: Floats) -> tuple[Floats, Floats]:
    """Turn the coordinates of a covariance to its main axes, the longest first.

    A Cholesky factor whose diagonal nears 0 above other numbers can turn without change: a curved
    valley in which Newton's steps are short. Along the main axes there is none.

    Parameters
    ----------
    squares : ndarray, shape (m, m, m)
        From ``cholesky_squares``.
    omega : ndarray, shape (m,)
        vech of the covariance now.

    Returns
    -------
    squares : ndarray, shape (m, m, m)
    theta : ndarray, shape (m,)

    Examples
    --------
    >>> squares, theta = turn_squares(cholesky_squares(2), np.array([0.0, 0.0, 4.0]))
    >>> theta.tolist(), np.einsum("s,isu,u->i", theta, squares, theta).tolist()
    ([2.0, 0.0, 0.0], [0.0, 0.0, 4.0])
    """
    full, a, b = _full(omega)
    values, vectors = np.linalg.eigh(full)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    # vech(Q S Q') = turn vech(S).
    both = vectors[a][:, a] * vectors[b][:, b] + vectors[a][:, b] * vectors[b][:, a]
    turn = np.where(a == b, both / 2, both)
    return np.tensordot(turn, squares, 1), np.diag(np.sqrt(values))[a, b]


def lower_root(omega: Floats) -> Floats:
    """Return vech(L) of a covariance given as vech(LL'), lifted off the edge by a trace.

    Examples
    --------
    >>> lower_root(np.array([4.0, 2.0, 10.0])).round(6)
    array([2., 1., 3.])
    """
    full, a, b = _full(omega)
    lift = 1e-12 * max(float(np.trace(full)), 1e-12)
    root: Floats = np.linalg.cholesky(full + lift * np.eye(len(full))).astype(np.float64)
    return root[a, b]


def _full(omega: Floats) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    q = round((2 * len(omega) + 0.25) ** 0.5 - 0.5)
    a, b = lower(q)
    full = np.empty((q, q))
    full[a, b] = full[b, a] = omega
    return full, a, b


def own_squares(m: int) -> Floats:
    """M for omega_i = theta_i²."""
    found = np.zeros((m, m, m))
    found[np.arange(m), np.arange(m), np.arange(m)] = 1.0
    return found
