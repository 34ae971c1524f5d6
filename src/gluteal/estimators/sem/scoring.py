"""Fisher scoring with damping, for one model or many resamples of it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.curvature import observed_information
from gluteal.estimators.sem.likelihood import State, evaluate, score_and_information
from gluteal.estimators.sem.moments import Pattern
from gluteal.estimators.sem.roots import scaled_root, solve_definite
from gluteal.estimators.sem.structure import Structure

RIDGE, FIRST_DAMPING, MOST_DAMPING = 1e-13, 1e-3, 1e12
NEAR, ENOUGH, EXACT = 1e-2, 1e-13, 1e-16
MOST_NEWTON, MOST_HURRIED, SHRINKING = 60, 30, 1e-3
SLACK, POOR, MOST_POOR = 1e-13, 0.005, 12


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
    state : State, optional
        The model at ``theta``, where one search ended.
    peak : bool
        False if the likelihood is not curved downwards there: a saddle or a plain.
    """

    theta: Floats
    value: Floats
    converged: NDArray[np.bool_]
    iterations: int
    state: State | None = None
    peak: bool = True


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


def hurry(structure: Structure, patterns: tuple[Pattern, ...], start: Floats) -> Solution:
    """Take undamped steps from one start while each is better; leave to ``search`` what is not."""
    theta, state = start, evaluate(structure, patterns, start)
    for turn in range(1, MOST_HURRIED):
        score, information = score_and_information(structure, patterns, theta, state)
        step = solve_definite(information[0], score[0])
        if step is None:
            break
        trial = theta + step
        ahead = evaluate(structure, patterns, trial)
        if not ahead.value[0] <= state.value[0]:
            break
        theta, state = trial, ahead
        if step @ score[0] < NEAR:
            return Solution(theta, state.value, np.array([True]), turn, state)
    return search(structure, patterns, theta, NEAR)


def search(
    structure: Structure,
    patterns: tuple[Pattern, ...],
    start: Floats,
    tolerance: float = 1e-12,
    limit: int = 100,
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
    active, damping, poor = np.arange(b), np.zeros(b), np.zeros(b, dtype=int)
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
        # On a ridge without a top, steps keep promising what they don't bring.
        broken = ahead.value > value[active] - POOR * gain
        poor[active] = np.where(broken, poor[active] + 1, 0)
        theta[active[better]] = trial[better]
        value[active[better]] = ahead.value[better]
        near = np.abs(gain) < tolerance
        damping[active[better]] = np.where(
            damping[active[better]] <= FIRST_DAMPING, 0.0, damping[active[better]] / 10
        )
        done[active[near & np.isfinite(value[active])]] = True
        keep = ~near & better & (poor[active] < MOST_POOR)
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
    """Finish one search by Newton steps with the observed information.

    Fisher scoring creeps where the model fits badly or much is missing; Newton doubles the digits.
    A Hessian serves until steps no longer shrink fast. Where it is not positive definite, Fisher
    scoring goes on instead.
    """
    theta, turns = found.theta, found.iterations
    state = found.state or evaluate(structure, patterns, theta)
    inverse: Floats | None = None
    before = gain = np.inf
    for _ in range(MOST_NEWTON):
        score = score_and_information(structure, patterns, theta, state, score_only=True)[0]
        step = None
        if inverse is not None:
            step = score @ inverse
            gain = float(step[0] @ score[0])
            if gain > SHRINKING * before:
                inverse = step = None
        fresh = step is None
        if step is None:
            inverse = _definite_inverse(observed_information(structure, patterns, theta[0], state))
            if inverse is None:
                break
            step = score @ inverse
            gain = float(step[0] @ score[0])
        trial = theta + step
        ahead = evaluate(structure, patterns, trial)
        turns += 1
        if not ahead.value[0] <= state.value[0] + SLACK * abs(state.value[0]):
            if fresh:
                break
            inverse = None
            continue
        shrinking = 1.0 if fresh else gain / before
        theta, state, before = trial, ahead, gain
        # The next step would be as much smaller again.
        if gain * shrinking < EXACT:
            return Solution(theta, state.value, np.array([True]), turns, state)
    if gain < ENOUGH and inverse is not None:
        return Solution(theta, state.value, np.array([True]), turns, state)
    last = search(structure, patterns, theta, ENOUGH)
    curved = _definite_inverse(observed_information(structure, patterns, last.theta[0]))
    return replace(last, iterations=turns + last.iterations, peak=curved is not None)


def _definite_inverse(information: Floats) -> Floats | None:
    """Invert a positive definite matrix; None if it is none."""
    found = scaled_root(information)
    if found is None:
        return None
    root = found[0] / found[1]
    return root.T @ root
