"""Draws of categories from a logistic or multinomial model, for many imputations at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
MOST_STEPS = 25
PRIOR = 1e-2
"""Precision of a normal prior on coefficients of standardised predictors (their log odds ratios
have a standard deviation of 10): too weak to be seen, it keeps every fit finite."""
SMALL_GAIN = 1e-7
"""Gain in log-likelihood at which the search stops: far below what a draw moves."""


@dataclass(frozen=True, slots=True)
class Pseudo:
    """Rows that keep a separated fit finite.

    For every predictor and category two rows half a standard deviation off the mean, with a total
    weight of one row more than there are predictors.

    Attributes
    ----------
    x : ndarray, shape (r, k)
    weight : float
        Of every category in every row.

    References
    ----------
    White, Daniel and Royston 2010, doi:10.1016/j.csda.2010.04.005.
    """

    x: Floats
    weight: float


def augment(centre: Floats, spread: Floats, low: Floats, high: Floats, levels: int) -> Pseudo:
    """Make the pseudo-rows of predictors with the given means, spreads and ranges.

    The intercept comes first, with mean 1 and spread 0.
    """
    k = len(centre)
    if k == 1:
        return Pseudo(np.empty((0, 1)), 0.0)
    step = 0.5 * np.diag(spread)[1:]
    rows = np.clip(np.concatenate([centre + step, centre - step]), low, high)
    return Pseudo(rows, k / (len(rows) * levels))


def shares(eta: Floats) -> Floats:
    """Turn linear predictors of all but the first category into probabilities of all.

    Examples
    --------
    >>> shares(np.array([[0.0], [np.log(3)]])).round(2)
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    top = np.maximum(eta.max(-1, keepdims=True), 0.0)
    grown, first = np.exp(eta - top), np.exp(-top)
    return np.concatenate([first, grown], axis=-1) / (first + grown.sum(-1, keepdims=True))


def _log_likelihood(eta: Floats, code: Ints, weight: float = 1.0) -> Floats:
    """Return Σ log P of each imputation; with a weight, of every category of every row."""
    if not eta.shape[1]:
        return np.zeros(len(eta))
    top = np.maximum(eta.max(-1), 0.0)
    norm = top + np.log(np.exp(-top) + np.exp(eta - top[..., None]).sum(-1))
    if code.size:
        full = np.concatenate([np.zeros((*eta.shape[:2], 1)), eta], axis=-1)
        return (full[:, np.arange(code.size), code] - norm).sum(-1)
    return weight * (eta.sum(-1) - (eta.shape[-1] + 1) * norm).sum(-1)


def _score_and_information(
    x: Floats, eta: Floats, target: Floats, weight: float
) -> tuple[Floats, Floats]:
    """Return the gradient, shape (b, c, k), and the information, (b, c k, c k)."""
    p = shares(eta)[..., 1:]
    b, _n, c = p.shape
    k = x.shape[-1]
    turned = x.swapaxes(-1, -2)
    score = weight * np.matmul(turned, target - p).swapaxes(-1, -2)
    info = np.empty((b, c, k, c, k))
    for i in range(c):
        for j in range(i + 1):
            w = p[..., i] * ((i == j) - p[..., j])
            block = weight * np.matmul(turned * w[:, None, :], x)
            info[:, i, :, j, :] = block
            info[:, j, :, i, :] = block
    return score, info.reshape(b, c * k, c * k)


def fit_categories(
    x: Floats, code: Ints, levels: int, pseudo: Pseudo, start: Floats | None = None
) -> tuple[Floats, Floats, bool]:
    """Fit the multinomial logit model of each imputation by Newton's method.

    Parameters
    ----------
    x : ndarray, shape (b, n, k)
        Predictors with the intercept first.
    code : ndarray of int, shape (n,)
        Categories 0 to ``levels`` - 1; 0 is the reference.
    levels : int
    pseudo : Pseudo
    start : ndarray, shape (b, levels - 1, k), optional
        Coefficients of the cycle before.

    Returns
    -------
    coef : ndarray, shape (b, levels - 1, k)
    information : ndarray, shape (b, (levels - 1) k, (levels - 1) k)
    converged : bool
    """
    b, _, k = x.shape
    c = levels - 1
    target = (code[:, None] == np.arange(1, levels)).astype(float)
    coef = np.zeros((b, c, k)) if start is None else start.copy()
    if start is None:
        counts = np.bincount(code, minlength=levels) + 0.5
        coef[:, :, 0] = np.log(counts[1:] / counts[0])
    extra = np.broadcast_to(pseudo.x, (b, *pseudo.x.shape))
    even = np.full((len(pseudo.x), c), 1 / levels)

    def state(at: Floats) -> tuple[Floats, Floats, Floats]:
        turned = at.swapaxes(-1, -2)
        eta, eta_extra = np.matmul(x, turned), np.matmul(extra, turned)
        like = _log_likelihood(eta, code) - PRIOR / 2 * (at**2).sum((1, 2))
        none = np.empty(0, dtype=np.intp)
        return like + _log_likelihood(eta_extra, none, pseudo.weight), eta, eta_extra

    like, eta, eta_extra = state(coef)
    information, converged = np.empty((b, c * k, c * k)), False
    for _step in range(MOST_STEPS):
        score, information = _score_and_information(x, eta, target, 1.0)
        if len(pseudo.x):
            more, info = _score_and_information(extra, eta_extra, even, pseudo.weight * levels)
            score, information = score + more, information + info
        score = score - PRIOR * coef
        diagonal = np.einsum("bkk->bk", information)
        diagonal += PRIOR + 1e-8 * diagonal
        move = np.linalg.solve(information, score.reshape(b, c * k, 1)).reshape(b, c, k)
        gain = (score * move).sum((1, 2))
        if (gain < SMALL_GAIN).all():
            converged = True
            break
        size, after = np.ones(b), like
        for _half in range(20):
            trial = coef + size[:, None, None] * move
            after, eta, eta_extra = state(trial)
            worse = after < like - 1e-9 * np.abs(like)
            if not worse.any():
                break
            size[worse] /= 2
        coef, like = coef + size[:, None, None] * move, after
    return coef, information, converged


def draw_coefficients(coef: Floats, information: Floats, z: Floats) -> Floats:
    """Draw coefficients from the normal approximation of their posterior.

    Parameters
    ----------
    coef : ndarray, shape (b, c, k)
    information : ndarray, shape (b, c k, c k)
    z : ndarray, shape (b, c k)
        Standard normal draws.
    """
    return coef + draw_noise(information, z).reshape(coef.shape)


def draw_noise(information: Floats, z: Floats) -> Floats:
    """Turn standard normal draws, shape (..., k), into draws with the inverse as covariance.

    Where predictors with wild values leave an information that is no longer positive definite in
    double precision, its smallest directions are lifted to where the digits end.
    """
    try:
        root = np.linalg.cholesky(information)
        back = np.linalg.solve(root.swapaxes(-1, -2), z[..., None])
        return back[..., 0].astype(np.float64)
    except np.linalg.LinAlgError:
        size, turn = np.linalg.eigh(information)
        size = np.maximum(size, np.maximum(1e-10 * size.max(-1, keepdims=True), PRIOR))
        return np.matmul(turn, (z / np.sqrt(size))[..., None])[..., 0]


def draw_categories(chance: Floats, u: Floats) -> NDArray[np.int64]:
    """Draw categories with the given probabilities, shape (b, r, levels), by uniform draws.

    Examples
    --------
    >>> draw_categories(np.array([[[0.2, 0.5, 0.3]] * 3]), np.array([[0.1, 0.5, 0.9]]))
    array([[0, 1, 2]])
    """
    below = np.cumsum(chance[..., :-1], axis=-1)
    return (u[..., None] >= below).sum(-1)


def is_split(x: Floats, code: Ints, levels: int) -> bool:
    """Say whether one predictor alone separates some category from the others.

    True too where it does so but for ties: a category that one level of a predictor never has.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        Predictors without the intercept.
    """
    for level in range(levels):
        inside, outside = x[code == level], x[code != level]
        if not len(inside) or not len(outside):
            continue
        apart = (inside.max(0) <= outside.min(0)) | (inside.min(0) >= outside.max(0))
        if apart.any():
            return True
    return False
