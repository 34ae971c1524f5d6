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
        change = root.T @ (n / 2 * (state.misfit[index][0] @ root - root))
        if o.size == p:
            by_sigma -= change
        else:
            by_sigma[o[:, None], o] -= change
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
    o, root, n, elements = part.seen, state.roots[index][0], float(part.n[0]), structure.elements
    every = o.size == structure.p
    left = root @ (found.left[0] if every else found.left[0, o])
    right = root @ (found.right[0] if every else found.right[0, o])
    # With D = lr' + rl' and M twice the misfit less 1, tr(D M D*) is a sum of products of Grams.
    twice = 2 * state.misfit[index][0]
    by_left, by_right = twice @ left - left, twice @ right - right
    across, turned = left.T @ right, left.T @ by_right
    out = (left.T @ by_left) * (right.T @ right) + (left.T @ left) * (right.T @ by_right)
    out += turned.T * across + turned * across.T
    out *= n / 2
    if not elements.plain:
        out = elements.by_cov.T @ out @ elements.by_cov
    if structure.has_means:
        mean = root @ found.mean[0, o] @ elements.by_mean
        gap = state.gap[index][0]
        bent = (left * (gap @ right) + right * (gap @ left)) @ elements.by_cov
        cross = bent.T @ mean
        out += n * (mean.T @ mean + cross + cross.T)
    return out


def _bending(structure: Structure, state: State, by_sigma: Floats, by_mu: Floats) -> Floats:
    """Return the part of the curvature that second derivatives of the moments make."""
    b, g = state.inverse[0], state.loading[0]
    a, s, m = structure.a, structure.s, structure.m
    k, paths, through = len(structure.names), a.row.size, a.row.size + s.row.size
    if not paths:
        return np.zeros((k, k))
    w = g.T @ by_sigma @ g
    q = state.total[0] @ by_sigma @ g
    # Covariances of all variables, latent ones too: V = B S B'.
    v = b @ state.within[0] @ b.T
    e, loc = g.T @ by_mu, state.location[0]
    i, j, c, d = a.row, a.col, s.row, s.col
    b_j, w_i = b.take(j, axis=0), w.take(i, axis=0)
    chain = b_j.take(i, axis=1)  # B[j, k] for the path i <- j followed by k <- l
    turned = chain * q.take(j, axis=0).take(i, axis=1).T
    # Elements of A, S and m in this order, by the same.
    by = np.zeros((through + m.row.size,) * 2)
    twice = turned + turned.T + v.take(j, axis=0).take(j, axis=1) * w_i.take(i, axis=1)
    twice *= 2
    if structure.has_means:
        bent = chain * e[i][:, None] * loc[j]
        twice += bent + bent.T
    mixed = b_j.take(c, axis=1) * w_i.take(d, axis=1) + b_j.take(d, axis=1) * w_i.take(c, axis=1)
    mixed *= np.where(c == d, 1.0, 2.0)
    by[:paths, :paths] = twice
    by[:paths, paths:through], by[paths:through, :paths] = mixed, mixed.T
    if m.row.size:
        shift = e[i][:, None] * b_j[:, m.row]
        by[:paths, through:], by[through:, :paths] = shift, shift.T
    if structure.one_each:
        return by
    # Several elements go to one place if labels repeat.
    at = np.concatenate([a.parameter, s.parameter, m.parameter])
    flat = (at[:, None] * k + at).ravel()
    return np.asarray(np.bincount(flat, by.ravel(), k * k), dtype=float).reshape(k, k)


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
