"""Ordered categories: the proportional-odds model and a test of its assumption.

statsmodels keeps thresholds as log increments without standard errors and has no Brant test
(statsmodels issues 8449 and 8442), and costs seconds to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats, JointTest, Model, constant_df
from gluteal.estimators.inputs import as_design

Ints = NDArray[np.intp]
MOST_STEPS = 100
RUNAWAY = 50.0
FLAT = 1e-11
"""A scaled information with an eigenvalue below this has no inverse to trust."""


def _parts(theta: Floats, x: Floats, y: Ints, z: Floats) -> tuple[float, Floats, Floats]:
    """Return log-likelihood, gradient and Hessian.

    ``theta`` holds, cut by cut, the coefficients of ``z`` (a column of ones: the threshold), then
    the slopes of ``x``.
    """
    from scipy import special

    own = theta.shape[0] - x.shape[1]
    at_cut = z @ theta[:own].reshape(-1, z.shape[1]).T - (x @ theta[own:])[:, None]
    line = np.pad(at_cut, ((0, 0), (1, 1)), constant_values=((0, 0), (-inf, inf)))
    row = np.arange(len(y))
    upper, lower = line[row, y + 1], line[row, y]
    # Differences of tails keep their digits on the side where they are small.
    swap = lower > 0
    high = special.expit(np.where(swap, -lower, upper))
    chance = high - special.expit(np.where(swap, -upper, lower))
    if not np.all(chance > 0):
        return -inf, np.empty(0), np.empty((0, 0))
    sides: list[tuple[Floats, Floats, Floats]] = []
    ways: tuple[tuple[Floats, Ints], ...] = ((upper, y), (lower, y - 1))
    for value, shift in ways:
        at = special.expit(value)
        slope = at * (1 - at)
        design = np.zeros((len(y), len(theta)))
        real = np.flatnonzero(np.isfinite(value))
        for k in range(z.shape[1]):
            design[real, shift[real] * z.shape[1] + k] = z[real, k]
        design[:, own:] = -x
        sides.append((slope, slope * (1 - 2 * at), design))
    (fu, du, au), (fl, dl, al) = sides
    score = (fu[:, None] * au - fl[:, None] * al) / chance[:, None]
    hessian = (au * (du / chance)[:, None]).T @ au - (al * (dl / chance)[:, None]).T @ al
    return float(np.log(chance).sum()), score.sum(0), hessian - score.T @ score


@dataclass(frozen=True, slots=True)
class Climb:
    """Where Newton's steps ended, as ``_parts`` orders the parameters."""

    theta: Floats
    log_likelihood: float
    hessian: Floats
    converged: bool


def maximise(x: Floats, y: Ints, z: Floats) -> Climb:
    """Maximise the likelihood of a cumulative logit model.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Columns with one slope for all cuts, each centred.
    y : ndarray of int, shape (n,)
        Categories 0 to K-1, each of them observed.
    z : ndarray, shape (n, q)
        Columns with a coefficient of their own at each cut; the first of ones.
    """
    below = np.cumsum(np.bincount(y) / len(y))[:-1]
    start = np.zeros((len(below), z.shape[1]))
    start[:, 0] = np.log(below / (1 - below))
    theta: Floats = np.r_[start.ravel(), np.zeros(x.shape[1])]
    like, score, hessian = _parts(theta, x, y, z)
    for _step in range(MOST_STEPS):
        move = _solve(-hessian, score)
        size, after = 1.0, (like, score, hessian)
        while size > 1e-9:
            after = _parts(theta + size * move, x, y, z)
            if after[0] >= like - 1e-10 * abs(like):
                break
            size /= 2
        theta = theta + size * move
        gain = float(score @ move)
        like, score, hessian = after
        if gain < 1e-16 * max(abs(like), 1.0) or gain < 1e-14:
            return Climb(theta, like, hessian, True)
    return Climb(theta, like, hessian, False)


def _solve(matrix: Floats, right: Floats) -> Floats:
    scale = np.sqrt(np.abs(np.diag(matrix)))
    scale[scale == 0] = 1.0
    scaled = right / (scale if right.ndim == 1 else scale[:, None])
    found = np.linalg.lstsq(matrix / np.outer(scale, scale), scaled, rcond=None)[0]
    return found / (scale if right.ndim == 1 else scale[:, None])


def spread_of(end: Climb, x: Floats, z: Floats) -> float:
    """Return the largest error of a coefficient times its column's root mean square.

    Where covariates separate the outcome, the likelihood flattens and this runs away.
    """
    scale = np.sqrt(np.abs(np.diag(end.hessian)))
    if scale.min() <= 0:
        return inf
    if float(np.linalg.eigvalsh(-end.hessian / np.outer(scale, scale)).min()) < FLAT:
        return inf
    error = np.sqrt(np.abs(np.diag(_solve(-end.hessian, np.eye(len(end.theta))))))
    size = np.sqrt((np.column_stack([z, x]) ** 2).mean(0))
    cuts = (len(end.theta) - x.shape[1]) // z.shape[1]
    return float((error * np.r_[np.tile(size[: z.shape[1]], cuts), size[z.shape[1] :]]).max())


def check_categories(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Ints]:
    """Turn a design without intercept and categories into arrays that can be fitted.

    Raises
    ------
    UserError
        For missing values, collinear columns, or fewer than two categories.

    Examples
    --------
    >>> check_categories([[0], [1]], [1, 1])
    Traceback (most recent call last):
    gluteal.errors.UserError: an ordered outcome needs two categories, found 1
    """
    design = np.asarray(x, dtype=float)
    if design.ndim != 2:
        raise UserError(f"a design of shape {design.shape} has no columns")
    outcome = as_design(np.ones((len(design), 1)), y)[1]
    if np.any(outcome != np.round(outcome)) or np.any(outcome < 0):
        raise UserError("categories of an ordered outcome are the whole numbers from 0 on")
    codes = outcome.astype(np.intp)
    if (found := len(np.unique(codes))) < 2:
        raise UserError(f"an ordered outcome needs two categories, found {found}")
    if found <= int(codes.max()):
        raise ValueError("categories must be numbered without gaps")
    whole, _outcome = as_design(np.column_stack([np.ones(len(design)), design]), outcome)
    return np.ascontiguousarray(whole[:, 1:]), codes


def fit_ordinal(x: ArrayLike, y: ArrayLike) -> Model:
    """Fit logit P(Y ≤ k) = threshold_k - xb by maximum likelihood.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design without intercept.
    y : array_like of int, shape (n,)
        Categories 0 to K-1, each of them observed.

    Returns
    -------
    Model
        ``coef`` are the slopes: log odds ratios of a higher category per unit. The covariance is
        the inverse observed information. ``extra`` has ``thresholds``, ``threshold_se`` and
        ``joint_cov`` (thresholds, then slopes).

    References
    ----------
    McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x. Equal to ``ordinal::clm``.

    Examples
    --------
    >>> fit = fit_ordinal([[0], [0], [0], [1], [1], [1]], [0, 0, 1, 0, 1, 2])
    >>> fit.coef.round(4)
    array([1.7238])
    """
    x, y = check_categories(x, y)
    n, p = x.shape
    centre = x.mean(0)
    xs: Floats = x - centre
    end = maximise(xs, y, np.ones((n, 1)))
    theta, like, hessian, converged = end.theta, end.log_likelihood, end.hessian, end.converged
    cuts = len(theta) - p
    cov = _solve(-hessian, np.eye(len(theta)))
    cov = (cov + cov.T) / 2
    warnings: tuple[str, ...] = ()
    if not converged or spread_of(end, xs, np.ones((n, 1))) > RUNAWAY:
        converged = False
        warnings = ("the iterations did not converge: the covariates may separate the outcome",)
    # Undo the centring: thresholds are those of the design as given.
    back = np.eye(len(theta))
    back[:cuts, cuts:] = centre
    theta, cov = back @ theta, back @ cov @ back.T
    extra = {
        "thresholds": theta[:cuts],
        "threshold_se": np.sqrt(np.diag(cov)[:cuts]),
        "joint_cov": cov,
        "categories": cuts + 1,
    }
    none: Floats = np.empty(0)
    return Model(
        theta[cuts:],
        cov[cuts:, cuts:],
        constant_df(inf),
        "observed information",
        none,
        none,
        cov[cuts:, cuts:],
        converged=converged,
        warnings=warnings,
        deviance=-2 * like,
        log_likelihood=like,
        extra=extra,
    )


def brant_test(x: ArrayLike, y: ArrayLike) -> tuple[JointTest, list[JointTest]] | None:
    """Test that slopes are the same at every cut of an ordered outcome (proportional odds).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design without intercept.
    y : array_like of int, shape (n,)
        Categories 0 to K-1, K of at least 3.

    Returns
    -------
    omnibus : JointTest
        All slopes together.
    single : list of JointTest
        One per column. None instead of the pair where a cut is separated by the covariates.

    References
    ----------
    Brant 1990, doi:10.2307/2532457.

    Examples
    --------
    >>> rng = np.random.default_rng(1); x = rng.normal(size=(200, 1))
    >>> y = np.digitize(x[:, 0] + rng.logistic(size=200), [-1, 1])
    >>> brant_test(x, y)[0].df
    1
    """
    from scipy import special

    x, y = np.asarray(x, dtype=float), np.asarray(y).astype(np.intp)
    design = np.column_stack([np.ones(len(y)), x])
    p, cuts = x.shape[1], int(y.max())
    fits = [fit_glm(design, y > k, "logistic", "classical") for k in range(cuts)]
    if cuts < 2 or not all(fit.converged for fit in fits):
        return None
    coef = np.concatenate([fit.coef[1:] for fit in fits])
    cov = np.zeros((cuts * p, cuts * p))
    for k, low in enumerate(fits):
        for m, high in enumerate(fits[k:], start=k):
            shared = high.fitted - low.fitted * high.fitted
            block = low.cov @ ((design * shared[:, None]).T @ design) @ high.cov
            cov[k * p : (k + 1) * p, m * p : (m + 1) * p] = block[1:, 1:]
            cov[m * p : (m + 1) * p, k * p : (k + 1) * p] = block[1:, 1:].T
    against = np.hstack([np.tile(-np.eye(p), (cuts - 1, 1)), np.eye((cuts - 1) * p)])

    def test(rows: Floats) -> JointTest:
        gap = rows @ coef
        statistic = float(gap @ np.linalg.solve(rows @ cov @ rows.T, gap))
        return JointTest(statistic, len(rows), inf, float(special.chdtrc(len(rows), statistic)))

    return test(against), [test(against[j::p]) for j in range(p)]
