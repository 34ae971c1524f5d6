"""What the data say about the parameters of the classes, and about the class of each person."""

from __future__ import annotations

from math import nan

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.trajectories.em import (
    Mixture,
    climb,
    densities,
    expect,
    from_flat,
    gradient,
)
from gluteal.estimators.trajectories.sums import PersonSums

STEP = 1e-5
TOLERANCE = 1e-9
"""Largest move of a parameter, in standardised units, of a climb that has ended."""
EM_STEPS, NEWTON_STEPS, LAST_STEPS = 100, 20, 2000


def posteriors(sums: Floats, mixture: Mixture) -> Floats:
    """Probability of each class for each person, shape (people, S, classes)."""
    logs = np.stack([(sums @ w[0]) for w in densities(mixture)], axis=-1)
    logs -= logs.max(-1, keepdims=True)
    np.exp(logs, out=logs)
    return logs / logs.sum(-1, keepdims=True)


def information(data: PersonSums, mixture: Mixture, *, shared: bool) -> Floats:
    """Observed information by central differences of the gradient, in standardised units."""
    base = free_parameters(mixture, shared=shared)
    p = len(base)
    moved = spread_parameters(
        np.concatenate([base + STEP * np.eye(p), base - STEP * np.eye(p)]), mixture, shared=shared
    )
    weighted, _ = expect(data.sums[None], moved)
    slopes = gradient(weighted, moved, shared=shared)[0]
    hessian = (slopes[:p] - slopes[p:]) / (2 * STEP)
    return -(hessian + hessian.T) / 2


def free_parameters(mixture: Mixture, *, shared: bool) -> Floats:
    """List one run's free parameters: log shares against the last, coefficients, log variances."""
    share, spread = mixture.log_share[0, 0], mixture.log_variance[0, 0]
    return np.concatenate(
        [share[:-1] - share[-1], mixture.coef[0, 0].ravel(), spread[:1] if shared else spread]
    )


def spread_parameters(free: Floats, like: Mixture, *, shared: bool) -> Mixture:
    """Turn rows of free parameters (runs, p) into a mixture of as many starts."""
    c = like.log_share.shape[-1]
    ratio = np.column_stack([free[:, : c - 1], np.zeros(len(free))])
    spread = free[:, -1:].repeat(c, axis=1) if shared else free[:, -c:]
    inner = free[:, c - 1 : free.shape[1] - (1 if shared else c)]
    return from_flat(np.concatenate([ratio, inner, spread], axis=1)[None], c)


def coefficient_covariance(
    data: PersonSums, mixture: Mixture, *, shared: bool
) -> tuple[Floats, bool]:
    """Covariance of the coefficients, and whether the information is positive definite."""
    observed = information(data, mixture, shared=shared)
    c, terms = mixture.coef.shape[2:]
    inner = slice(c - 1, c - 1 + c * terms)
    try:
        np.linalg.cholesky(observed)
    except np.linalg.LinAlgError:
        return np.full((c * terms, c * terms), nan), False
    return np.linalg.inv(observed)[inner, inner].astype(np.float64), True


def polish(data: PersonSums, mixture: Mixture, *, shared: bool) -> tuple[Mixture, bool]:
    """Take one run to its maximum: by EM, by Newton's method where EM is slow, else by EM again.

    Returns
    -------
    mixture : Mixture
    settled : bool
    """
    sums = data.sums[None]
    now, value, settled = climb(sums, mixture, shared=shared, steps=EM_STEPS, tolerance=TOLERANCE)
    if settled.all():
        return now, True
    begun, best = now, float(value[0, 0])
    free = free_parameters(now, shared=shared)
    for _ in range(NEWTON_STEPS):
        slope = gradient(expect(sums, now)[0], now, shared=shared)[0, 0]
        observed = information(data, now, shared=shared)
        try:
            np.linalg.cholesky(observed)
        except np.linalg.LinAlgError:
            break
        move = np.linalg.solve(observed, slope)
        after = spread_parameters((free + move)[None], now, shared=shared)
        new = float(expect(sums, after)[1][0, 0])
        if not new >= best - 1e-9 * abs(best):
            break
        now, best, free = after, new, free_parameters(after, shared=shared)
        if np.abs(move).max() < TOLERANCE:
            return now, True
    now, _, settled = climb(sums, begun, shared=shared, steps=LAST_STEPS, tolerance=TOLERANCE)
    return now, bool(settled.all())
