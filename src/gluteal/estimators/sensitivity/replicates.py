"""Replicates of a regression with noise added to one column, all fitted at once.

Rows are visited in blocks, so that memory does not grow with rows times replicates; noise comes
from one generator a block and is drawn again at each visit where it is too much to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gluteal.estimators.causal.scores import Family, link_mean
from gluteal.estimators.inference import Floats

BLOCK_CELLS = 200_000
KEPT_CELLS = 20_000_000
MOST_STEPS = 30
SETTLED = 1e-10


@dataclass(slots=True)
class Noise:
    """Antithetic standard normal noise, the same at every visit: shape (rows, pairs) a block."""

    n: int
    pairs: int
    seed: int
    kept: dict[int, Floats] = field(default_factory=dict)

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Visit the rows with their noise."""
        size = max(1, BLOCK_CELLS // (2 * self.pairs))
        for k, start in enumerate(range(0, self.n, size)):
            rows = slice(start, min(start + size, self.n))
            u = self.kept.get(k)
            if u is None:
                rng = np.random.default_rng([self.seed, k])
                u = rng.standard_normal((rows.stop - start, self.pairs))
                if self.n * self.pairs <= KEPT_CELLS:
                    self.kept[k] = u
            yield rows, u


@dataclass(frozen=True, slots=True)
class Noisy:
    """The regression with the exposure last, columns scaled to mean square 1."""

    z: Floats
    w: Floats
    y: Floats
    family: Family
    sd: float
    lambdas: Floats

    def means(self, rows: slice, u: Floats, k: int, coef: Floats) -> tuple[Floats, ...]:
        """Exposure with noise, mean and slope of every replicate, shape (rows, replicates)."""
        extra = np.sqrt(self.lambdas[k]) * self.sd * u
        noisy = self.w[rows, None] + np.hstack([extra, -extra])
        eta = self.z[rows] @ coef[:, :-1].T + noisy * coef[:, -1]
        mu, slope = link_mean(self.family, eta.ravel())
        return noisy, mu.reshape(eta.shape), slope.reshape(eta.shape)


def _equations(problem: Noisy, noise: Noise, coef: Floats) -> tuple[Floats, Floats, Floats]:
    """Add up information, score and squared residuals of all replicates of all lambdas.

    ``coef`` has the shape (lambdas, replicates, p).
    """
    count, replicates, p = coef.shape
    info, score = np.zeros((count, replicates, p, p)), np.zeros(coef.shape)
    squares = np.zeros((count, replicates))
    low, high = np.tril_indices(p - 1)
    for rows, u in noise.blocks():
        z = problem.z[rows]
        pairs = z[:, low] * z[:, high]
        for k in range(count):
            noisy, mu, slope = problem.means(rows, u, k, coef[k])
            residual = problem.y[rows, None] - mu
            inner = (pairs.T @ slope).T
            info[k][:, low, high] += inner
            cross = (z.T @ (slope * noisy)).T
            info[k][:, -1, :-1] += cross
            info[k][:, -1, -1] += np.einsum("ij,ij->j", slope * noisy, noisy)
            score[k][:, :-1] += (z.T @ residual).T
            score[k][:, -1] += np.einsum("ij,ij->j", noisy, residual)
            squares[k] += np.einsum("ij,ij->j", residual, residual)
    lower = np.tril(np.ones((p, p)), -1) > 0
    info[..., lower.T] = info.swapaxes(-1, -2)[..., lower.T]
    return info, score, squares


def solve_replicates(
    problem: Noisy, noise: Noise, start: Floats
) -> tuple[Floats, Floats, Floats, bool]:
    """Fit all replicates by Newton's method from the naive coefficients."""
    coef = np.broadcast_to(start, (len(problem.lambdas), 2 * noise.pairs, len(start))).copy()
    info, score, squares = _equations(problem, noise, coef)
    for _step in range(MOST_STEPS):
        try:
            move = np.linalg.solve(info, score[..., None])[..., 0]
        except np.linalg.LinAlgError:  # a replicate that is separated
            break
        coef = coef + move
        info, score, squares = _equations(problem, noise, coef)
        if not np.isfinite(score).all():
            break
        if float(np.abs(move).max()) <= SETTLED * (1 + float(np.abs(coef).max())):
            return coef, info, squares, True
    return coef, info, squares, False
