"""Normal log-likelihood of a compiled model, its derivatives and its information, batched.

Each pattern is whitened by the Cholesky factor of its implied covariance. Fisher scoring is then
least squares: with J the derivative of the whitened moments and z their misfit, the score is J'z
and the expected information J'J.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.moments import Pattern
from gluteal.estimators.sem.roots import inverse_root
from gluteal.estimators.sem.structure import Index, Structure

LOG_2PI = float(np.log(2 * np.pi))
_NO_GAP = np.zeros((1, 0))


@cache
def half(p: int) -> tuple[Index, Index, Floats]:
    """Rows and columns of a lower triangle, and weights by which its norm is the matrix's."""
    rows, cols = np.tril_indices(p)
    return rows, cols, np.where(rows == cols, 1.0, np.sqrt(2.0))


class State(NamedTuple):
    """A model evaluated at (b, names) parameters."""

    full: Floats
    within: Floats  # S, (b, v, v)
    inverse: Floats  # B, (b, v, v)
    loading: Floats  # G, (b, p, v)
    total: Floats  # V of all with observed variables, (b, v, p)
    location: Floats  # B m, (b, v)
    cov: Floats
    mean: Floats
    roots: tuple[Floats, ...]  # inverse Cholesky factors of each pattern
    misfit: tuple[Floats, ...]  # whitened second moments about the implied mean
    gap: tuple[Floats, ...]  # whitened difference of means
    value: Floats
    """Minus log-likelihood, (b,); inf where a covariance is not positive definite."""


def evaluate(structure: Structure, patterns: tuple[Pattern, ...], theta: Floats) -> State:
    """Compute implied moments and minus the log-likelihood for each row of ``theta``."""
    full = structure.expand(theta)
    a, s, m = structure.matrices(full)
    p = structure.p
    inverse = _close(a, structure.eye, structure.depth)
    loading = inverse[:, :p]
    total = inverse @ (s @ loading.transpose(0, 2, 1))
    cov = total[:, :p]
    location = (inverse @ m[..., None])[..., 0] if structure.has_means else m
    mean = location[:, :p]
    roots, misfit, gaps = [], [], []
    value = np.zeros(len(full))
    for part in patterns:
        o = part.seen
        own = cov if o.size == p else cov[:, o[:, None], o]
        root, log_det, good = _whitener(own)
        if structure.has_means:
            apart = part.mean - (mean if o.size == p else mean[:, o])
            gap = (root @ apart[..., None])[..., 0]
        else:
            gap = _NO_GAP
        white = root @ part.cov @ root.transpose(0, 2, 1)
        if structure.has_means:
            white = white + gap[:, :, None] * gap[:, None, :]
        deviance = white.reshape(len(white), -1)[:, :: o.size + 1].sum(1)
        deviance += log_det + o.size * LOG_2PI
        value = value + part.n / 2 * deviance
        if good is not None:
            value[~good] = np.inf
        roots.append(root)
        misfit.append(white)
        gaps.append(gap)
    return State(
        full, s, inverse, loading, total, location, cov, mean,
        tuple(roots), tuple(misfit), tuple(gaps), value,
    )  # fmt: skip


def _close(a: Floats, eye: Floats, depth: int) -> Floats:
    """Sum the powers of A, which is the inverse of I - A; by doubling where paths have an end."""
    if not depth:
        return _invert(eye - a)
    found, power, reached = eye + a, a, 2
    while reached < depth:
        power = power @ power
        found = found + found @ power
        reached *= 2
    return found


def _invert(matrices: Floats) -> Floats:
    """Invert I - A; NaN where paths form a loop that feeds on itself without end."""
    try:
        return np.asarray(np.linalg.inv(matrices), dtype=float)
    except np.linalg.LinAlgError:
        singular = np.linalg.matrix_rank(matrices) < matrices.shape[1]
        safe = np.where(singular[:, None, None], np.eye(matrices.shape[1]), matrices)
        return np.where(singular[:, None, None], np.nan, np.linalg.inv(safe))


def _whitener(cov: Floats) -> tuple[Floats, Floats, NDArray[np.bool_] | None]:
    """Invert Cholesky factors; tell which matrices were positive definite, None for all."""
    if len(cov) == 1 and (single := inverse_root(cov[0])) is not None:
        return single[0][None], np.array([single[1]]), None
    good: NDArray[np.bool_] | None = None
    try:
        root: Floats = np.asarray(np.linalg.cholesky(cov), dtype=float)
    except np.linalg.LinAlgError:
        finite = np.isfinite(cov.sum(axis=(1, 2)))
        safe = np.where(finite[:, None, None], cov, -np.eye(cov.shape[1]))
        low = np.asarray(np.linalg.eigvalsh(safe))[:, 0]
        good = np.asarray(low > 1e-14 * np.abs(np.trace(safe, axis1=1, axis2=2)))
        root = np.asarray(
            np.linalg.cholesky(np.where(good[:, None, None], safe, np.eye(cov.shape[1])))
        )
    diagonal = root.reshape(len(root), -1)[:, :: cov.shape[1] + 1]
    log_det = 2 * np.log(diagonal).sum(1)
    return np.asarray(np.linalg.inv(root), dtype=float), log_det, good


class Slopes(NamedTuple):
    """Derivatives of implied moments by element of A and S (left, right) and of A and m (mean).

    The derivative of the covariance by an element is left right' + right left'.
    """

    left: Floats
    right: Floats
    mean: Floats


def slopes(structure: Structure, state: State) -> Slopes:
    """Differentiate the implied moments by each element that a parameter fills."""
    columns, weight = structure.elements.columns, structure.elements.weight
    count = weight.size
    both = _columns(state).take(columns, axis=2)
    return Slopes(both[:, :, :count], both[:, :, count:] * weight, _by_mean(structure, state))


def _columns(state: State) -> Floats:
    """Put G and V' side by side."""
    return np.concatenate([state.loading, state.total.transpose(0, 2, 1)], axis=2)


def _by_mean(structure: Structure, state: State) -> Floats:
    """Differentiate the implied means by each element of A and m, shape (b, p, l)."""
    g, a, m = state.loading, structure.a, structure.m
    if not structure.has_means:
        return np.zeros((len(g), structure.p, 0))
    return np.concatenate([g[:, :, a.row] * state.location[:, None, a.col], g[:, :, m.row]], axis=2)


def whitened(
    structure: Structure, state: State, found: Slopes, k: int, part: Pattern
) -> tuple[Floats, Floats]:
    """Differentiate the whitened moments of pattern ``k`` by all parameters.

    Returns
    -------
    cov : ndarray, shape (b, o (o + 1) / 2, names)
        Lower triangle, off-diagonal elements times the root of 2.
    mean : ndarray, shape (b, o, names)
    """
    o, root = part.seen, state.roots[k]
    left, right = root @ found.left[:, o], root @ found.right[:, o]
    rows, cols, weight = half(o.size)
    own = left[:, rows] * right[:, cols] + left[:, cols] * right[:, rows]
    own *= weight[:, None]
    cov = own if structure.elements.plain else own @ structure.elements.by_cov
    if not structure.has_means:
        return cov, np.zeros((len(cov), o.size, cov.shape[2]))
    return cov, root @ found.mean[:, o] @ structure.elements.by_mean


def score_and_information(
    structure: Structure,
    patterns: tuple[Pattern, ...],
    theta: Floats,
    state: State,
    *,
    score_only: bool = False,
) -> tuple[Floats, Floats]:
    """Return the score (b, free) and the expected information (b, free, free).

    With ``score_only`` the information is left at 0.

    The information of two elements with whitened columns l, r and l*, r* is
    n [(l'l*)(r'r*) + (l'r*)(r'l*)]: products of Gram matrices, without any matrix per parameter.
    """
    elements = structure.elements
    count, p = elements.weight.size, structure.p
    columns, by_mean = _columns(state), _by_mean(structure, state)
    score: Floats | float = 0.0
    information: Floats | float = 0.0
    score_m: Floats | float = 0.0
    information_m: Floats | float = 0.0
    for index, part in enumerate(patterns):
        o, root, n = part.seen, state.roots[index], part.n[:, None]
        white = root @ (columns if o.size == p else columns[:, o])
        if not score_only:
            both = white.take(elements.columns, axis=2)
            left, right = both[:, :, :count], both[:, :, count:] * elements.weight
            turned = left.transpose(0, 2, 1)
            across = turned @ right
            gram = (turned @ left) * (right.transpose(0, 2, 1) @ right)
            gram += across * across.transpose(0, 2, 1)
            information = information + n[..., None] * gram
        # All left columns with all right ones: less work than choosing pairs before.
        apart = state.misfit[index] @ white - white
        met = white[:, :, : len(structure.variables)].transpose(0, 2, 1) @ apart
        score = score + n * met.reshape(len(met), -1).take(elements.pairs, axis=1)
        if structure.has_means:
            mean = root @ (by_mean if o.size == p else by_mean[:, o])
            turned = mean.transpose(0, 2, 1)
            score_m = score_m + n * (turned @ state.gap[index][..., None])[..., 0]
            if not score_only:
                information_m = information_m + n[..., None] * (turned @ mean)
    by_cov, by_m = elements.by_cov, elements.by_mean
    score = score * elements.weight
    if not elements.plain:
        score = score @ by_cov
        information = 0.0 if score_only else by_cov.T @ information @ by_cov
    if structure.has_means:
        score = score + score_m @ by_m
        information = 0.0 if score_only else information + by_m.T @ information_m @ by_m
    score, information = np.asarray(score), np.asarray(information)
    if structure.constraints:
        by = structure.expansion(theta)
        turned = by.transpose(0, 2, 1)
        score = (turned @ score[..., None])[..., 0]
        return score, information if score_only else turned @ information @ by
    return score, information
