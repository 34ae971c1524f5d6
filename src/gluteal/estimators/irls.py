"""Iteratively reweighted least squares for the mean models with a canonical link."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from gluteal.estimators.inference import Floats

Mean = Literal["linear", "logistic", "poisson"]
MOST_STEPS = 60
ILL = 1e-10
"""Squared pivots of the scaled information below this are left to an orthogonal method."""
SETTLED = 1e-9
LEAST_WEIGHT = 1e-300
FLAT, FAR = 1e-13, 0.5
"""A step that moves a predictor this far for no more gain than this has run off a flat end."""


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the iterations ended: coefficients, linear predictors and means, shape (n,)."""

    coef: Floats
    eta: Floats
    mean: Floats
    converged: bool
    steps: int


def mean_of(family: Mean, eta: Floats) -> Floats:
    """Turn linear predictors into means."""
    if family == "linear":
        return eta
    if family == "poisson":
        return np.exp(np.clip(eta, -700, 700))
    from scipy import special

    return special.expit(eta)


def variance_of(family: Mean, mean: Floats) -> Floats:
    """Return the variance at each mean up to the scale; for a canonical link also dmean/deta."""
    if family == "linear":
        return np.ones_like(mean)
    spread = mean * (1 - mean) if family == "logistic" else mean
    return np.maximum(spread, LEAST_WEIGHT)


def deviance_of(family: Mean, y: Floats, mu: Floats, weights: Floats | None = None) -> float:
    """Return the deviance: twice the log-likelihood lost against a perfect fit."""
    from scipy import special

    a = np.ones(len(y)) if weights is None else weights
    if family == "linear":
        return float(a @ (y - mu) ** 2)
    if family == "poisson":
        return float(2 * a @ (special.xlogy(y, y / mu) - (y - mu)))
    one, zero = special.xlogy(y, mu), special.xlog1py(1 - y, -mu)
    best = special.xlogy(y, y) + special.xlogy(1 - y, 1 - y)
    return float(2 * a @ (best - one - zero))


def solve_information(information: Floats, right: Floats) -> Floats:
    """Solve with a positive semidefinite matrix, its columns brought to one scale first.

    Cholesky where it is well conditioned, the pseudo-inverse where it is not.
    """
    scale = np.sqrt(np.diag(information))
    scale = np.where(scale > 0, scale, 1.0)
    even = information / np.outer(scale, scale)
    turned = right / (scale if right.ndim == 1 else scale[:, None])
    try:
        lower = np.linalg.cholesky(even)
        sound = float(np.diag(lower).min()) ** 2 > ILL
    except np.linalg.LinAlgError:
        lower, sound = even, False
    if sound:
        found = np.linalg.solve(lower.T, np.linalg.solve(lower, turned))
    else:
        found = np.linalg.pinv(even, hermitian=True) @ turned
    return found / (scale if right.ndim == 1 else scale[:, None])


def climb(
    x: Floats,
    y: Floats,
    family: Mean,
    weights: Floats | None = None,
    offset: Floats | None = None,
    settled: float = SETTLED,
) -> Climb:
    """Maximise the (weighted) likelihood by Newton steps, halved where they overshoot.

    Each step solves for the change of the coefficients from the score, so that errors of the
    normal equations do not stay in the answer.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    y : ndarray, shape (n,)
    family : {"linear", "logistic", "poisson"}
    weights, offset : ndarray, shape (n,), optional
    settled : float
        Change of a linear predictor, beside the largest of them, at which to stop.

    Examples
    --------
    >>> climb(np.ones((4, 1)), np.array([0.0, 1, 1, 1]), "logistic").coef.round(4)
    array([1.0986])
    """
    base = np.zeros(len(y)) if offset is None else offset
    coef: Floats = np.zeros(x.shape[1])
    mean = _start(y, weights, family)
    eta = _link(family, mean)
    best = _saturated(family, y, weights)
    before, last = inf, eta
    flat = FLAT * (1.0 if weights is None else float(weights.mean()))
    for step in range(1, MOST_STEPS + 1):
        spread = variance_of(family, mean)
        information = (x * _times(spread, weights)[:, None]).T @ x
        gap = y - mean
        if step == 1:
            after = solve_information(
                information, x.T @ _times(spread * (eta - base) + gap, weights)
            )
        else:
            score = x.T @ _times(gap, weights)
            move = solve_information(information, score)
            # Separated data: the top is at infinity, and further steps are rounding only.
            if float(score @ move) < flat and float(np.abs(x @ move).max()) > FAR:
                return Climb(coef, eta, mean, False, step)
            after = coef + move
        now, half = inf, 0
        while half < 30:
            eta = x @ after if offset is None else base + x @ after
            mean, like = look(family, y, eta, weights)
            now = 2 * (best - like)
            if np.isfinite(now) and (step == 1 or now <= before * (1 + 1e-10) + 1e-10):
                break
            after, half = (after + coef) / 2, half + 1
        moved = float(np.abs(eta - last).max()) if step > 1 else inf
        coef, last = after, eta
        # The deviance settles long before the coefficients of separated data do.
        if moved < settled * (1 + float(np.abs(eta).max())):
            return Climb(coef, eta, mean, True, step)
        before = now
    return Climb(coef, eta, mean, False, MOST_STEPS)


def _times(values: Floats, weights: Floats | None) -> Floats:
    return values if weights is None else values * weights


def look(family: Mean, y: Floats, eta: Floats, weights: Floats | None) -> tuple[Floats, float]:
    """Return means and log-likelihood (up to a constant of y), both from one exponential a row."""
    if family == "linear":
        return eta, float(-_times((y - eta) ** 2, weights).sum() / 2)
    if family == "poisson":
        mean = mean_of(family, eta)
        return mean, float(_times(y * eta - mean, weights).sum())
    small = np.exp(-np.abs(eta))
    mean = np.where(eta >= 0, 1.0, small)
    mean /= 1 + small
    return mean, float(_times(y * eta - np.maximum(eta, 0.0) - np.log1p(small), weights).sum())


def _saturated(family: Mean, y: Floats, weights: Floats | None) -> float:
    """Return the log-likelihood of a perfect fit, on the scale of ``look``."""
    from scipy import special

    if family == "linear":
        return 0.0
    if family == "poisson":
        return float(_times(special.xlogy(y, y) - y, weights).sum())
    inner = (y > 0) & (y < 1)
    if not inner.any():
        return 0.0
    return float(_times(special.xlogy(y, y) + special.xlogy(1 - y, 1 - y), weights).sum())


def _start(y: Floats, a: Floats | None, family: Mean) -> Floats:
    if family == "linear":
        return y.copy()
    if family == "logistic":
        return (y + 0.5) / 2
    return y + 0.1 + 0.1 * float(np.average(y, weights=a))


def _link(family: Mean, mean: Floats) -> Floats:
    if family == "linear":
        return mean
    return np.log(mean / (1 - mean)) if family == "logistic" else np.log(mean)
