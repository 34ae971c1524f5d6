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


def cholesky_squares(q: int) -> Floats:
    """M for omega = vech(LL') and theta = vech(L), both in the order of ``tril_indices``.

    Examples
    --------
    >>> m = cholesky_squares(2); theta = np.array([2.0, 1.0, 3.0])
    >>> np.einsum("s,isu,u->i", theta, m, theta)
    array([ 4.,  2., 10.])
    """
    at: Any = np.tril_indices(q)
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


def own_squares(m: int) -> Floats:
    """M for omega_i = theta_i²."""
    found = np.zeros((m, m, m))
    found[np.arange(m), np.arange(m), np.arange(m)] = 1.0
    return found
