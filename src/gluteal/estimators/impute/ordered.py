"""Draws of ordered categories from the proportional-odds model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.categories import PRIOR, Pseudo, draw_noise
from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
MOST_STEPS = 40
SMALL_GAIN = 1e-7


def _parts(
    theta: Floats, x: Floats, code: Ints, weight: Floats, cuts: int
) -> tuple[float, Floats, Floats]:
    """Return log-likelihood, gradient and information; ``theta`` holds thresholds, then slopes."""
    from scipy import special

    line = x @ theta[cuts:]
    ends = np.r_[-np.inf, theta[:cuts], np.inf]
    upper, lower = ends[code + 1] - line, ends[code] - line
    # Differences of tails keep their digits on the side where they are small.
    swap = lower > 0
    chance = special.expit(np.where(swap, -lower, upper)) - special.expit(
        np.where(swap, -upper, lower)
    )
    if (chance <= 1e-300).any():
        return -np.inf, np.empty(0), np.empty((0, 0))
    high, low = special.expit(upper), special.expit(lower)
    # Not 1 - high: that has no digits left where the slope is small.
    above, over = special.expit(-upper), special.expit(-lower)
    rise, fall = high * above, low * over
    bend_up, bend_low = rise * (above - high), fall * (over - low)
    up, down = np.zeros((len(x), cuts)), np.zeros((len(x), cuts))
    inner, outer = np.flatnonzero(code < cuts), np.flatnonzero(code > 0)
    up[inner, code[inner]] = 1.0
    down[outer, code[outer] - 1] = 1.0
    first = np.hstack([up, -x])
    second = np.hstack([down, -x])
    each = (rise[:, None] * first - fall[:, None] * second) / chance[:, None]
    score = each.T @ weight
    curved = (first * (weight * bend_up / chance)[:, None]).T @ first
    curved -= (second * (weight * bend_low / chance)[:, None]).T @ second
    information = (each * weight[:, None]).T @ each - curved
    return float(weight @ np.log(chance)), score, information


def _penalised(
    theta: Floats, x: Floats, code: Ints, weight: Floats, cuts: int
) -> tuple[float, Floats, Floats]:
    """Add the weak prior of ``categories`` to what ``_parts`` returns."""
    like, score, information = _parts(theta, x, code, weight, cuts)
    if np.isinf(like):
        return like, score, information
    diagonal = np.einsum("kk->k", information)
    diagonal += PRIOR + 1e-8 * np.abs(diagonal)
    return like - PRIOR / 2 * float(theta @ theta), score - PRIOR * theta, information


def fit_ordered(
    x: Floats, code: Ints, levels: int, pseudo: Pseudo, start: Floats | None = None
) -> tuple[Floats, Floats, bool]:
    """Fit logit P(Y ≤ k) = threshold_k - xb, kept finite by pseudo-rows.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        Predictors without intercept.
    code : ndarray of int, shape (n,)
    levels : int
        Each of them observed.
    pseudo : Pseudo
        With the intercept as its first column.
    start : ndarray, shape (levels - 1 + k,), optional

    Returns
    -------
    theta : ndarray, shape (levels - 1 + k,)
        Thresholds, then slopes.
    information : ndarray
    converged : bool
    """
    cuts = levels - 1
    extra = pseudo.x[:, 1:]
    rows = np.concatenate([x, np.repeat(extra, levels, axis=0)])
    codes = np.concatenate([code, np.tile(np.arange(levels), len(extra))])
    weight = np.concatenate([np.ones(len(x)), np.full(len(extra) * levels, pseudo.weight)])
    if start is None:
        below = np.cumsum(np.bincount(code, minlength=levels) + 0.5)[:-1] / (
            len(code) + 0.5 * levels
        )
        theta: Floats = np.r_[np.log(below / (1 - below)), np.zeros(x.shape[1])]
    else:
        theta = start.copy()
    like, score, information = _penalised(theta, rows, codes, weight, cuts)
    if np.isinf(like):
        return fit_ordered(x, code, levels, pseudo)
    for _step in range(MOST_STEPS):
        move = np.linalg.solve(information, score)
        if float(score @ move) < SMALL_GAIN:
            return theta, information, True
        size = 1.0
        after = _penalised(theta + move, rows, codes, weight, cuts)
        while after[0] < like - 1e-9 * abs(like) and size > 1e-6:
            size /= 2
            after = _penalised(theta + size * move, rows, codes, weight, cuts)
        if np.isinf(after[0]):
            break
        theta = theta + size * move
        like, score, information = after
    return theta, information, False


def draw_ordered(
    theta: Floats, information: Floats, x: Floats, z: Floats, levels: int, delta: Floats | float
) -> Floats:
    """Draw parameters and return the probabilities of the rows missing, shape (r, levels).

    ``delta`` is added to their log odds of a higher category.
    """
    from scipy import special

    cuts = levels - 1
    drawn = theta + draw_noise(information, z)
    line = x @ drawn[cuts:] + delta
    # A draw of thresholds that cross (a nearly empty category) is put back in order.
    below = special.expit(np.sort(drawn[:cuts]) - line[:, None])
    return np.diff(below, axis=1, prepend=0.0, append=1.0)
