"""Firth's penalised logistic regression: finite estimates where covariates separate the outcome."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.glm import check_outcome
from gluteal.estimators.inference import Estimate, Floats, Model, constant_df
from gluteal.estimators.inputs import as_design

MOST_SCORING = 15
MOST_STEPS = 100
MOST_REACH = 500.0


def _penalised(x: Floats, y: Floats, coef: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Return penalised log-likelihood, modified score, information and means."""
    from scipy import special

    eta = x @ coef
    mu = special.expit(eta)
    w = mu * (1 - mu)
    rooted = x * np.sqrt(w)[:, None]
    information = rooted.T @ rooted
    sign, size = np.linalg.slogdet(information)
    like = float((y * eta - np.logaddexp(0, eta)).sum()) + (size / 2 if sign > 0 else -inf)
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(information, hermitian=True)
    leverage = ((rooted @ inverse) * rooted).sum(1)
    return like, x.T @ (y - mu + leverage * (0.5 - mu)), information, mu


def _curvature(x: Floats, y: Floats, coef: Floats, free: list[int]) -> Floats:
    """Return minus the Hessian of the penalised likelihood, by differences of its score."""
    size = 1e-5 / np.sqrt((x**2).mean(0))
    columns: list[Floats] = []
    for j in free:
        step = np.zeros(len(coef))
        step[j] = size[j]
        ends = [_penalised(x, y, coef + sign * step)[1][free] for sign in (1, -1)]
        columns.append((ends[1] - ends[0]) / (2 * size[j]))
    found = np.array(columns)
    values, vectors = np.linalg.eigh((found + found.T) / 2)
    return (vectors * np.maximum(np.abs(values), 1e-12)) @ vectors.T


def _maximise(x: Floats, y: Floats, coef: Floats, free: list[int]) -> tuple[Floats, float, bool]:
    like, score, information, _mu = _penalised(x, y, coef)
    for trial in range(MOST_STEPS):
        # Scoring is quick near the centre but circles far out in a profile: Newton ends it.
        far = trial >= MOST_SCORING
        bend = _curvature(x, y, coef, free) if far else information[np.ix_(free, free)]
        move = np.zeros(len(coef))
        move[free] = np.linalg.lstsq(bend, score[free], rcond=None)[0]
        shift, gain = float(np.abs(x @ move).max()), float(score @ move)
        size = min(1.0, 5 / shift) if shift > 0 else 1.0
        after = _penalised(x, y, coef + size * move)
        while after[0] < like - 1e-12 * abs(like) and size > 1e-9:
            size /= 2
            after = _penalised(x, y, coef + size * move)
        coef = coef + size * move
        like, score, information, _mu = after
        if size * shift < 1e-10 or (far and 0 <= gain < 1e-14):
            return coef, like, True
    return coef, like, False


def fit_firth(x: ArrayLike, y: ArrayLike) -> Model:
    """Fit a logistic regression with Jeffreys' prior as penalty.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of full column rank, with its intercept.
    y : array_like, shape (n,)
        0/1.

    Returns
    -------
    Model
        Wald quantities are for orientation; take intervals from ``profile``.

    References
    ----------
    Firth 1993, doi:10.1093/biomet/80.1.27; Heinze and Schemper 2002, doi:10.1002/sim.1047.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit_firth(x, [0, 0, 0, 1, 1, 1]).coef.round(4)
    array([-1.9459,  3.8918])
    """
    x, y = as_design(x, y)
    check_outcome(y, "logistic")
    # Orthonormal columns: a covariate far from 0 (a year) would stop the search early.
    scale = np.sqrt((x**2).mean(0))
    q, r = np.linalg.qr(x / scale)
    basis, turn = q * np.sqrt(len(y)), r / np.sqrt(len(y))
    coef, like, converged = _maximise(basis, y, np.zeros(x.shape[1]), list(range(x.shape[1])))
    _like, _score, information, mu = _penalised(basis, y, coef)
    back = np.linalg.inv(turn) / scale[:, None]
    cov = back @ np.linalg.pinv(information, hermitian=True) @ back.T
    warnings = () if converged else ("Firth's iterations did not converge",)
    return Model(
        back @ coef,
        cov,
        constant_df(inf),
        "inverse information",
        mu,
        np.empty(0),
        cov,
        converged=converged,
        warnings=warnings,
        log_likelihood=like + float(np.log(scale).sum() + np.linalg.slogdet(turn)[1]),
    )


def profile(x: ArrayLike, y: ArrayLike, index: int, level: float = 0.95) -> Estimate:
    """Estimate one coefficient with its profile penalised-likelihood interval and ratio test.

    Parameters
    ----------
    x, y
        As for ``fit_firth``.
    index : int
        The coefficient.
    level : float

    Returns
    -------
    Estimate
        ``se`` is the Wald standard error; ``low``, ``high`` and ``p`` come from the profile.

    References
    ----------
    Heinze and Schemper 2002, doi:10.1002/sim.1047.
    """
    from scipy import special
    from scipy.optimize import brentq

    x, y = as_design(x, y)
    check_outcome(y, "logistic")
    fit = fit_firth(x, y)
    scale = np.sqrt((x**2).mean(0))
    design, best = x / scale, fit.coef * scale
    top = _penalised(design, y, best)[0]
    free = [j for j in range(x.shape[1]) if j != index]
    drop = float(special.chdtri(1, 1 - level)) / 2

    last = best.copy()

    def lost(value: float) -> float:
        # Follow the ridge from the last solution: far out a plain start would fall off it.
        information = _penalised(design, y, last)[2]
        slope = np.linalg.lstsq(information[np.ix_(free, free)], information[free, index])[0]
        starts = [last.copy(), last.copy(), best.copy()]
        starts[0][free] -= slope * (value - last[index])
        for start in starts:
            start[index] = value
        start = max(starts, key=lambda b: _penalised(design, y, b)[0])
        last[:], like, _done = _maximise(design, y, start, free)
        return top - like

    se = float(np.sqrt(fit.cov[index, index])) * scale[index]
    ends: list[float] = []
    for sign in (-1.0, 1.0):
        last[:] = best
        reach = se
        while lost(best[index] + sign * reach) < drop and reach < MOST_REACH * se:
            reach *= 1.5
        far = best[index] + sign * reach
        if lost(far) < drop:  # flat to the end: no finite limit
            ends.append(sign * inf)
            continue
        inside, outside = sorted((float(best[index]), float(far)))
        end: Any = brentq(lambda v: lost(v) - drop, inside, outside, xtol=1e-10)
        ends.append(float(end) / scale[index])
    last[:] = best
    p = float(special.chdtrc(1, 2 * lost(0.0)))
    value = float(fit.coef[index])
    return Estimate(value, se / scale[index], inf, ends[0], ends[1], p, level)
