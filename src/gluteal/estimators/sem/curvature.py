"""Observed information (minus the Hessian, analytic) and people's scores."""

from __future__ import annotations

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.likelihood import (
    Slopes,
    State,
    evaluate,
    half,
    score_and_information,
    slopes,
    whitened,
)
from gluteal.estimators.sem.moments import Moments, Pattern
from gluteal.estimators.sem.structure import Structure

STEP = 1e-5


def observed_information(
    structure: Structure,
    patterns: tuple[Pattern, ...],
    theta: Floats,
    state: State | None = None,
) -> Floats:
    """Return minus the Hessian of the log-likelihood at one point, shape (free, free).

    Analytic. Only the curvature of nonlinear constraints themselves comes from differences, of
    their exact first derivatives.
    """
    state = state or evaluate(structure, patterns, theta[None])
    found = slopes(structure, state)
    p, k = structure.p, len(structure.names)
    out = np.zeros((k, k))
    by_sigma, by_mu = np.zeros((p, p)), np.zeros(p)
    for index, part in enumerate(patterns):
        out += _within(structure, state, found, index, part)
        root, n, o = state.roots[index][0], float(part.n[0]), part.seen
        middle = state.misfit[index][0] - np.eye(o.size)
        by_sigma[o[:, None], o] -= n / 2 * (root.T @ middle @ root)
        if structure.has_means:
            by_mu[o] -= n * (root.T @ state.gap[index][0])
    out += _bending(structure, state, by_sigma, by_mu)
    if not structure.constraints:
        return out
    by = structure.expansion(theta[None])[0]
    whole = by.T @ out @ by
    plain = np.concatenate([_natural_score(structure, state, by_sigma, by_mu)])
    for j in range(structure.free):
        move = np.zeros(structure.free)
        move[j] = STEP * max(1.0, abs(theta[j]))
        ahead = structure.expansion((theta + move)[None])[0]
        behind = structure.expansion((theta - move)[None])[0]
        whole[:, j] += plain @ ((ahead - behind) / (2 * move[j]))
    return (whole + whole.T) / 2


def _natural_score(structure: Structure, state: State, by_sigma: Floats, by_mu: Floats) -> Floats:
    """Differentiate minus the log-likelihood by all parameters, constrained ones too."""
    found = slopes(structure, state)
    by_cov, by_mean = structure.elements.by_cov, structure.elements.by_mean
    out = 2 * np.einsum("pl,pq,ql->l", found.left[0], by_sigma, found.right[0]) @ by_cov
    return out + by_mu @ found.mean[0] @ by_mean if structure.has_means else out


def _within(structure: Structure, state: State, found: Slopes, index: int, part: Pattern) -> Floats:
    """Return the part of the curvature that first derivatives of the moments make."""
    cov, mean = (m[0] for m in whitened(structure, state, found, index, part))
    o, n, k = part.seen.size, float(part.n[0]), len(structure.names)
    rows, cols, weight = half(o)
    square = np.empty((k, o, o))
    square[:, rows, cols] = (cov / weight[:, None]).T
    square[:, cols, rows] = square[:, rows, cols]
    inner = 2 * state.misfit[index][0] - np.eye(o)
    flat = square.reshape(k, -1)
    out = n / 2 * (square @ inner).reshape(k, -1) @ flat.T
    if structure.has_means:
        cross = (square @ state.gap[index][0]) @ mean
        out += n * (mean.T @ mean + cross + cross.T)
    return out


def _bending(structure: Structure, state: State, by_sigma: Floats, by_mu: Floats) -> Floats:
    """Return the part of the curvature that second derivatives of the moments make."""
    b, g = state.inverse[0], state.loading[0]
    a, s, m = structure.a, structure.s, structure.m
    k = len(structure.names)
    out = np.zeros((k, k))
    if not a.row.size:
        return out
    w = g.T @ by_sigma @ g
    q = state.total[0] @ by_sigma @ g
    # Covariances of all variables, latent ones too: V = B S B'.
    v = b @ structure.matrices(state.full)[1][0] @ b.T
    e, loc = g.T @ by_mu, state.location[0]
    i, j, at = a.row, a.col, a.parameter
    chain = b[j[:, None], i]  # B[j, k] for the path i <- j followed by k <- l
    twice = 2 * (chain * q[j][:, i].T + chain.T * q[j][:, i] + v[j[:, None], j] * w[i[:, None], i])
    if structure.has_means:
        twice += chain * e[i][:, None] * loc[j] + chain.T * e[i] * loc[j][:, None]
    _add(out, at, at, twice)
    c, d = s.row, s.col
    half_weight = np.where(c == d, 1.0, 2.0)
    mixed = half_weight * (
        b[j[:, None], c] * w[i[:, None], d] + b[j[:, None], d] * w[i[:, None], c]
    )
    _add_both(out, at, s.parameter, mixed)
    if m.row.size:
        _add_both(out, at, m.parameter, e[i][:, None] * b[j[:, None], m.row])
    return out


def _add_both(out: Floats, first: np.ndarray, second: np.ndarray, values: Floats) -> None:
    _add(out, first, second, values)
    _add(out, second, first, values.T)


def _add(out: Floats, rows: np.ndarray, cols: np.ndarray, values: Floats) -> None:
    """Add values at rows and columns, several at one place if labels repeat."""
    k = len(out)
    flat = (rows[:, None] * k + cols).ravel()
    out += np.bincount(flat, values.ravel(), k * k).reshape(k, k)


def meat(structure: Structure, moments: Moments, theta: Floats) -> Floats:
    """Sum the outer products of people's scores, shape (free, free).

    Scores are linear in the whitened squares and products of each person's values, so one product
    of these features stands for all people; no score is kept.
    """
    state = evaluate(structure, moments.patterns, theta[None])
    found = slopes(structure, state)
    out = np.zeros((len(structure.names),) * 2)
    for index, part in enumerate(moments.patterns):
        cov, mean = (m[0] for m in whitened(structure, state, found, index, part))
        o, every = part.seen, part.seen.size == structure.p
        rows, cols, weight = half(o.size)
        block = moments.data[part.rows]
        center = state.mean[0, o] if structure.has_means else part.mean[0]
        white = ((block if every else block[:, o]) - center) @ state.roots[index][0].T
        features = white[:, rows] * white[:, cols]
        features -= (rows == cols).astype(float)
        features *= weight / 2
        if structure.has_means:
            features = np.hstack([features, white])
            slope = np.vstack([cov, mean])
        else:
            slope = cov
        out += slope.T @ (features.T @ features) @ slope
    if structure.constraints:
        by = structure.expansion(theta[None])[0]
        return by.T @ out @ by
    return out


def expected_information(
    structure: Structure,
    patterns: tuple[Pattern, ...],
    theta: Floats,
    state: State | None = None,
) -> Floats:
    """Return the expected information at one point, given who was seen; shape (free, free)."""
    state = state or evaluate(structure, patterns, theta[None])
    return score_and_information(structure, patterns, theta[None], state)[1][0]
