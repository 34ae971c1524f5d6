"""Inverses of I + AΩ for many people at once, and what they give the likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.parts import upper


class Solved(NamedTuple):
    """For each block, last axis: E = (I + AΩ)⁻¹, J = EA, K = ΩE and log|I + AΩ|."""

    e: Floats
    j: Floats
    k: Floats
    log_det: Floats


def solve_blocks(a: Floats, omega: Floats) -> Solved:
    """Invert I + AΩ for each A.

    Closed forms without cancellation for one and two random effects.

    Parameters
    ----------
    a : ndarray, shape (q, q, k)
        Z'Z of each block.
    omega : ndarray, shape (q, q)
        Covariance of the random effects in units of the residual variance.
    """
    q = len(omega)
    if q == 1:
        bent = 1 + omega[0, 0] * a[0, 0]
        e = (1 / bent)[None, None]
        return Solved(e, e * a, e * omega[0, 0], np.log(bent))
    if q == 2:
        return _solve_pairs(a, omega)
    root = _root(omega)
    stacked = a.transpose(2, 0, 1)
    bent = root.T @ stacked @ root
    bent[:, np.arange(q), np.arange(q)] += 1
    k = root @ np.linalg.solve(bent, np.broadcast_to(root.T, bent.shape))
    k = (k + k.transpose(0, 2, 1)) / 2
    e = np.eye(q) - stacked @ k
    j = e @ stacked
    j = (j + j.transpose(0, 2, 1)) / 2
    log_det = np.linalg.slogdet(bent)[1]
    last = [np.ascontiguousarray(m.transpose(1, 2, 0)) for m in (e, j, k)]
    return Solved(last[0], last[1], last[2], log_det)


def _root(omega: Floats) -> Floats:
    values, vectors = np.linalg.eigh(omega)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _solve_pairs(a: Floats, omega: Floats) -> Solved:
    a11, a12, a22 = a[0, 0], a[0, 1], a[1, 1]
    o11, o12, o22 = omega[0, 0], omega[0, 1], omega[1, 1]
    size_a = a11 * a22 - a12 * a12
    size_o = o11 * o22 - o12 * o12
    det = 1 + o11 * a11 + 2 * o12 * a12 + o22 * a22 + size_a * size_o
    one = 1 / det
    e, j, k = (np.empty((2, 2, len(det))) for _ in range(3))
    e[0, 0] = (1 + o12 * a12 + o22 * a22) * one
    e[0, 1] = -(o12 * a11 + o22 * a12) * one
    e[1, 0] = -(o11 * a12 + o12 * a22) * one
    e[1, 1] = (1 + o11 * a11 + o12 * a12) * one
    j[0, 0] = (a11 + o22 * size_a) * one
    j[1, 1] = (a22 + o11 * size_a) * one
    j[0, 1] = j[1, 0] = (a12 - o12 * size_a) * one
    k[0, 0] = (o11 + size_o * a22) * one
    k[1, 1] = (o22 + size_o * a11) * one
    k[0, 1] = k[1, 0] = (o12 - size_o * a12) * one
    return Solved(e, j, k, np.log(det))


class Weights(NamedTuple):
    """Weights of the stored products of each block: of H, its first and second derivatives.

    Shapes (1 + m + m(m+1)/2, pairs, k); then Σ count log|V| and its derivatives.
    """

    products: Floats
    log_det: float
    d_log_det: Floats
    d2_log_det: Floats


def weigh_blocks(a: Floats, count: Floats, omega: Floats, directions: Floats) -> Weights:
    """Weigh products so that H = W'W - Σ weight · product, with its derivatives.

    With V = I + ZΩZ' and dΩ = G: d(Z'V⁻¹W) follows from K = Ω(I + AΩ)⁻¹, dK = E'GE and
    d²K = -E'(G₁JG₂ + G₂JG₁)E.

    Parameters
    ----------
    count : ndarray, shape (k,)
        People a block stands for.
    directions : ndarray, shape (m, q, q)
        The G of each parameter; Ω = Σ omega_i G_i is given as ``omega``, shape (q, q).
    """
    q, m = len(omega), len(directions)
    e, j, k, logs = solve_blocks(a, omega)
    c, d = upper(q)
    i, h = upper(m)
    products = np.empty((1 + m + len(i), len(c), a.shape[2]))
    products[0] = k[c, d]
    ge = (directions.reshape(m * q, q) @ e.reshape(q, -1)).reshape(m, q, q, -1)
    jge = np.einsum("abk,ibdk->iadk", j, ge)
    products[1 : 1 + m] = np.einsum("ack,iadk->icdk", e, ge)[:, c, d]
    second = np.einsum("tack,tadk->tcdk", ge[i], jge[h])
    products[1 + m :] = -(second[:, c, d] + second[:, d, c])
    flat = j.reshape(q * q, -1)
    total = flat @ count
    pairs = ((flat * count) @ flat.T).reshape(q, q, q, q)
    traced = np.einsum("abcd,ibc,hda->ih", pairs, directions, directions)
    return Weights(
        products,
        float(logs @ count),
        directions.reshape(m, -1) @ total,
        -traced,
    )
