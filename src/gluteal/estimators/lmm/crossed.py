"""Random intercepts of several factors, crossed or nested: the largest is eliminated in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.parts import Parts, own_squares
from gluteal.estimators.lmm.rows import sum_products


@dataclass(frozen=True, slots=True)
class Crossed:
    """What the likelihood needs, for V = I + Σ omega_f Z_f Z_f'; the first factor is the largest.

    Attributes
    ----------
    n : int
    gram : ndarray, shape (s + r, s + r)
        M'M of M = [indicators of the s levels of the other factors, W].
    sums : sparse array, shape (levels of the first, s + r)
        M'1 of each level.
    own : ndarray, shape (levels of the first,)
        Rows (sum of weights) of each level.
    sizes, count, pooled : ndarray, shapes (k,), (k,) and (k, s + r, s + r)
        Distinct ``own``, how often each occurs, and the products of ``sums`` over its levels;
        ``pooled`` is empty where sizes are many.
    factor : ndarray of int, shape (s,)
        Which factor, from 1, a column of ``sums`` belongs to.
    squares, overall, thinned
        See ``Structure``.
    """

    n: int
    gram: Floats
    sums: Any
    own: Floats
    sizes: Floats
    count: Floats
    pooled: Floats
    factor: NDArray[np.intp]
    squares: Floats
    overall: Floats
    thinned: None = None

    def _weighted(self, weights: Floats) -> Floats:
        """Sum weight · (M'1)(M'1)' over the levels of the first factor; weights by size."""
        if self.pooled.size:
            return np.tensordot(weights, self.pooled, 1)
        from scipy.sparse import diags_array

        level = weights[np.searchsorted(self.sizes, self.own)]
        return (self.sums.T @ diags_array(level) @ self.sums).toarray()

    def solve(self, omega: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Eliminate the first factor, then the others.

        Returns
        -------
        inner : ndarray, shape (s + r, s + r)
            M'V₁⁻¹M.
        u : ndarray, shape (s, s)
            (I + Z'V₁⁻¹Z Ω)⁻¹ of the other factors.
        f : ndarray, shape (s, r)
            Z'V⁻¹W.
        y : ndarray, shape (s + r, r)
            M y = W less its part in Z: V₁⁻¹ M y = V⁻¹ W.
        """
        s = len(self.factor)
        inner = self.gram - self._weighted(omega[0] / (1 + omega[0] * self.sizes))
        rest = omega[self.factor]
        u: Floats = np.linalg.inv(np.eye(s) + inner[:s, :s] * rest).astype(np.float64, copy=False)
        f: Floats = (u @ inner[:s, s:]).astype(np.float64, copy=False)
        y = np.concatenate([-rest[:, None] * f, np.eye(inner.shape[0] - s)])
        return inner, u, f, y

    def parts(self, omega: Floats) -> Parts:
        """Evaluate the sums of the likelihood and their derivatives."""
        s, m = len(self.factor), len(omega)
        inner, u, f, y = self.solve(omega)
        r = y.shape[1]
        rest = omega[self.factor]
        bent = 1 + omega[0] * self.sizes
        first = -self._weighted(1 / bent**2)
        second = self._weighted(2 * self.sizes / bent**3)
        t = u @ inner[:s, :s]
        t = (t + t.T) / 2
        q = rest[:, None] * u
        moved = first @ y
        d_cross, d2_cross = np.empty((m, r, r)), np.empty((m, m, r, r))
        d_log, d2_log = np.empty(m), np.empty((m, m))
        d_cross[0] = y.T @ moved
        d2_cross[0, 0] = y.T @ second @ y - 2 * moved[:s].T @ q @ moved[:s]
        turned = q @ first[:s, :s]
        d_log[0] = self.count @ (self.sizes / bent) + np.trace(turned)
        d2_log[0, 0] = (
            -self.count @ (self.sizes / bent) ** 2
            + np.sum(q * second[:s, :s])
            - np.sum(turned * turned.T)
        )
        df = u @ moved[:s]
        dt = u @ first[:s, :s] @ u.T
        for i in range(1, m):
            a = self.factor == i
            d_cross[i] = -f[a].T @ f[a]
            d_log[i] = np.trace(t[np.ix_(a, a)])
            both = -(f[a].T @ df[a])
            d2_cross[i, 0] = d2_cross[0, i] = both + both.T
            d2_log[i, 0] = d2_log[0, i] = np.trace(dt[np.ix_(a, a)])
            for h in range(1, i + 1):
                b = self.factor == h
                across = t[np.ix_(a, b)]
                both = f[a].T @ across @ f[b]
                d2_cross[i, h] = d2_cross[h, i] = both + both.T
                d2_log[i, h] = d2_log[h, i] = -np.sum(across**2)
        cross = inner[s:, s:] - inner[s:, :s] @ (rest[:, None] * f)
        log_det = float(self.count @ np.log(bent)) - float(np.linalg.slogdet(u)[1])
        return Parts(omega, (cross + cross.T) / 2, log_det, d_cross, d_log, d2_cross, d2_log)


def cross_rows(
    table: Floats, root: Floats, factors: list[NDArray[np.intp]], levels: list[int]
) -> Crossed:
    """Sum rows for crossed random intercepts.

    Parameters
    ----------
    table : ndarray, shape (n, r)
        Multiplied by the roots of the weights.
    root : ndarray, shape (n,) or (0,)
        Roots of the weights.
    factors : list of ndarray of int, shape (n,)
        Codes; the factor with most levels first.
    levels : list of int
    """
    from scipy.sparse import csr_array, hstack

    n, s = len(table), sum(levels[1:])
    one = root if root.size else np.ones(n)
    ends = np.arange(n + 1)
    shift = np.cumsum([0, *levels[1:]])
    others = [
        csr_array((one, code + at, ends), shape=(n, s))
        for code, at in zip(factors[1:], shift[:-1], strict=True)
    ]
    z: Any = csr_array((n, s))
    for other in others:
        z = z + other
    first = csr_array((one, factors[0], ends), shape=(n, levels[0]))
    codes = factors[0]
    ordered = bool((codes[1:] >= codes[:-1]).all())
    lines = sum_products(one[:, None], (table,), codes, levels[0], ordered)[0]
    sums: Any = hstack([first.T @ z, csr_array(lines[0])]).tocsr()
    gram = np.empty((s + table.shape[1],) * 2)
    gram[:s, :s] = (z.T @ z).toarray()
    gram[:s, s:] = z.T @ table
    gram[s:, :s] = gram[:s, s:].T
    gram[s:, s:] = table.T @ table
    own = np.bincount(codes, weights=one**2, minlength=levels[0]).astype(np.float64)
    sizes, which, count = np.unique(own, return_inverse=True, return_counts=True)
    pooled: Floats = np.empty(0)
    if len(sizes) * gram.size <= 4_000_000:
        parts = [sums[which == k] for k in range(len(sizes))]
        pooled = np.stack([(part.T @ part).toarray() for part in parts])
    m = len(levels)
    factor = np.repeat(np.arange(1, m), levels[1:])
    square = own_squares(m)
    return Crossed(n, gram, sums, own, sizes, count.astype(float), pooled, factor, square, square)
