"""Fisher scoring with damping, for one model or many resamples of it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.curvature import observed_information
from gluteal.estimators.sem.likelihood import evaluate, score_and_information
from gluteal.estimators.sem.moments import Pattern
from gluteal.estimators.sem.structure import Structure

RIDGE, FIRST_DAMPING, MOST_DAMPING = 1e-13, 1e-3, 1e12
NEAR, EXACT = 1e-2, 1e-18
SLACK = 1e-13


@dataclass(frozen=True)
class Solution:
    """Where a search ended.

    Attributes
    ----------
    theta : ndarray, shape (b, free)
    value : ndarray, shape (b,)
        Minus log-likelihood.
    converged : ndarray of bool, shape (b,)
    iterations : int
    """

    theta: Floats
    value: Floats
    converged: NDArray[np.bool_]
    iterations: int


def take(patterns: tuple[Pattern, ...], which: NDArray[np.intp]) -> tuple[Pattern, ...]:
    """Keep some of the resamples."""
    return tuple(
        replace(part, n=part.n[which], mean=part.mean[which], cov=part.cov[which])
        if len(part.n) > 1
        else part
        for part in patterns
    )


def narrow(structure: Structure, which: NDArray[np.intp]) -> Structure:
    """Keep some of the resamples in matrices of fixed values."""
    if structure.fixed_s.ndim == 2 or len(structure.fixed_s) == 1:
        return structure
    return replace(structure, fixed_s=structure.fixed_s[which], fixed_m=structure.fixed_m[which])


def solve(information: Floats, score: Floats, damping: Floats) -> Floats:
    """Solve for steps on the scale of a correlation matrix, damped by a share of its diagonal."""
    size = np.sqrt(np.maximum(np.diagonal(information, axis1=1, axis2=2), 1e-300))
    scaled = information / (size[:, :, None] * size[:, None, :])
    at = np.arange(score.shape[1])
    scaled[:, at, at] += damping[:, None] + RIDGE
    return np.linalg.solve(scaled, (score / size)[..., None])[..., 0] / size


def search(
    structure: Structure,
    patterns: tuple[Pattern, ...],
    start: Floats,
    tolerance: float = 1e-12,
    limit: int = 200,
) -> Solution:
    """Climb the likelihood from each start until the squared distance in standard errors is small.

    Parameters
    ----------
    start : ndarray, shape (b, free)
    tolerance : float
        On score' information^-1 score.
    """
    b = len(start)
    theta = np.array(start, dtype=float)
    value, done = np.full(b, np.inf), np.zeros(b, dtype=bool)
    active, damping = np.arange(b), np.zeros(b)
    parts, model = patterns, structure
    state = evaluate(model, parts, theta)
    value[:] = state.value
    turns = 0
    for _ in range(limit):
        turns += 1
        own = theta[active]
        score, information = score_and_information(model, parts, own, state)
        step = solve(information, score, damping[active])
        gain = (step * score).sum(1)
        trial = own + step
        ahead = evaluate(model, parts, trial)
        slack = SLACK * np.abs(value[active])
        # NaN is no improvement.
        better = ahead.value <= value[active] + slack
        for _again in range(60):
            if better.all():
                break
            bad = ~better
            damping[active[bad]] = np.maximum(damping[active[bad]] * 10, FIRST_DAMPING)
            if (damping[active] > MOST_DAMPING).any():
                break
            redo = solve(information[bad], score[bad], damping[active[bad]])
            trial[bad] = own[bad] + redo
            ahead = evaluate(model, parts, trial)
            better = ahead.value <= value[active] + slack
        theta[active[better]] = trial[better]
        value[active[better]] = ahead.value[better]
        near = np.abs(gain) < tolerance
        damping[active[better]] = np.where(
            damping[active[better]] <= FIRST_DAMPING, 0.0, damping[active[better]] / 10
        )
        done[active[near & np.isfinite(value[active])]] = True
        keep = ~near & better
        if not keep.any():
            break
        if keep.all():
            state = ahead
            continue
        active = active[keep]
        parts, model = take(patterns, active), narrow(structure, active)
        state = evaluate(model, parts, theta[active])
    return Solution(theta, value, done, turns)


def polish(structure: Structure, patterns: tuple[Pattern, ...], found: Solution) -> Solution:
    """Finish one search by Newton steps with the observed information, while that is definite.

    Fisher scoring creeps where the model fits badly or much is missing; Newton doubles the digits.
    """
    theta, value = found.theta[0], float(found.value[0])
    converged, turn = bool(found.converged[0]), found.iterations
    for _ in range(30):
        state = evaluate(structure, patterns, theta[None])
        score = score_and_information(structure, patterns, theta[None], state)[0]
        information = observed_information(structure, patterns, theta)
        if not (np.diag(information) > 0).all():
            break
        size = np.sqrt(np.diag(information))
        try:
            np.linalg.cholesky(information / np.outer(size, size))
        except np.linalg.LinAlgError:
            break
        step = solve(information[None], score, np.zeros(1))[0]
        gain = float(step @ score[0])
        ahead = float(evaluate(structure, patterns, (theta + step)[None]).value[0])
        if not ahead <= value + SLACK * abs(value):
            break
        theta, value, turn = theta + step, min(ahead, value), turn + 1
        if gain < EXACT or (converged and gain < 1e-14):
            converged = True
            break
        converged = gain < 1e-10
    return Solution(theta[None], np.array([value]), np.array([converged]), turn)
