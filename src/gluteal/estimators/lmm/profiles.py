"""Intervals that the likelihood itself gives: all values it cannot tell from the best one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats, quantile
from gluteal.estimators.lmm.deviance import Profile, profile, residuals
from gluteal.estimators.lmm.optimise import Judge, descend
from gluteal.estimators.lmm.parts import Parts, cholesky_squares, lower, lower_root
from gluteal.estimators.lmm.result import MixedModel
from gluteal.estimators.lmm.variance import covariance_slopes

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Profiled:
    """An estimate with its profile likelihood interval; ``low`` of a standard deviation may be 0.

    Attributes
    ----------
    estimate, low, high : float
    level : float
    """

    estimate: float
    low: float
    high: float
    level: float


def profile_contrast(fit: MixedModel, weights: ArrayLike, level: float = 0.95) -> Profiled:
    """Give a weighted sum of coefficients its profile likelihood interval.

    Parameters
    ----------
    fit : MixedModel
        By maximum likelihood.
    weights : array_like, shape (p,)

    Raises
    ------
    ValueError
        For a REML fit, whose likelihood is not one of the coefficients.

    Examples
    --------
    >>> from gluteal.estimators.lmm import fit_lmm
    >>> person = np.repeat([1, 2, 3], 3); visit = np.tile([0.0, 1, 2], 3)
    >>> x = np.column_stack([np.ones(9), visit])
    >>> fit = fit_lmm(x, [3, 4, 5, 5, 7, 8, 2, 2.5, 4], person, reml=False)
    >>> found = profile_contrast(fit, [0, 1])
    >>> round(found.low, 3), round(found.high, 3)
    (0.851, 1.482)
    """
    if fit.reml:
        raise ValueError("coefficients are profiled in a fit with reml=False")
    w = np.asarray(weights, dtype=float)
    rows, p = fit.solution.rows, len(fit.model.coef)
    inner = w @ rows.basis
    size = float(inner @ inner)
    free = np.linalg.svd(inner[None])[2][1:].T
    middle = float(w @ fit.model.coef)

    def judge_at(value: float) -> Judge:
        # Coefficients with w'coef = value: one point plus all directions that w does not see.
        fixed = inner * (value - float(w @ rows.start)) / rows.scale / size
        turn = np.zeros((p + 1, p))
        turn[:p, : p - 1] = free
        turn[:p, p - 1] = -fixed
        turn[p, p - 1] = 1.0
        return lambda parts, n, reml: profile(_turned(parts, turn), n, reml)

    search = _Search(fit, judge_at, quantile(level) ** 2)
    step = sqrt(float(w @ fit.model.classical_cov @ w)) * quantile(level)
    low = search.edge(middle, lambda k: middle - step * 1.5**k)
    high = search.edge(middle, lambda k: middle + step * 1.5**k)
    return Profiled(middle, low, high, level)


def profile_spread(fit: MixedModel, effect: int | None, level: float = 0.95) -> Profiled:
    """Give the standard deviation of a random effect its profile likelihood interval.

    Holds where a Wald interval does not: few people, or a variance near 0.

    Parameters
    ----------
    fit : MixedModel
    effect : int or None
        Which random effect, or factor; None for the residual.
    """
    scale = fit.solution.rows.scale
    if effect is None:
        value, slope = fit.residual_variance, None
    else:
        value, slope = float(fit.covariance[effect, effect]), covariance_slopes(fit)[effect, effect]

    def judge_at(sd: float) -> Judge:
        square = (sd / scale) ** 2
        return lambda parts, n, reml: _held(parts, n, reml, square, slope)

    search = _Search(fit, judge_at, quantile(level) ** 2)
    sd = sqrt(max(value, 0.0))
    low = 0.0
    if sd > 0 and (effect is None or _without(fit, effect) > search.limit):
        low = search.edge(sd, lambda k: sd / 1.5 ** (k + 1))
    # Where the estimate is near 0, sizes start from a share of the residual.
    unit = fit.residual_variance * (1.0 if slope is None else float(np.abs(slope).max()))
    first = max(sd, 0.02 * sqrt(unit))
    return Profiled(sd, low, search.edge(sd, lambda k: first * 1.3 ** (k + 1)), level)


def _without(fit: MixedModel, effect: int) -> float:
    """Return the least deviance where a random effect does not vary."""
    data, turn = fit.solution.data, fit.solution.turn
    m, q = len(fit.solution.point.omega), len(fit.covariance)
    if q == 1:
        found = profile(data.parts(np.zeros(m)), fit.n, fit.reml)
        return inf if found is None else found.deviance
    if data.overall.shape[1] > data.squares.shape[1]:
        # Ω = N S N' with directions N that the effect is no part of.
        free = np.linalg.svd(turn[effect][None])[2][1:].T
        (a, b), (c, d) = lower(q), lower(q - 1)
        both = free[a][:, c] * free[b][:, d] + free[a][:, d] * free[b][:, c]
        squares = np.tensordot(np.where(c == d, both / 2, both), cholesky_squares(q - 1), 1)
        start = np.diag(np.ones(q - 1))[c, d]
    else:
        at = fit.solution.position[effect] if len(fit.levels) > 1 else effect
        keep = [k for k in range(m) if k != at]
        squares, start = data.squares[:, keep][:, :, keep], np.ones(m - 1)
    point, _, _ = descend(replace(data, squares=squares, overall=squares), start, fit.reml)
    return inf if point is None else point.deviance


def _turned(parts: Parts, turn: Floats) -> Parts:
    return Parts(
        parts.omega,
        turn.T @ parts.cross @ turn,
        parts.log_det,
        turn.T @ parts.d_cross @ turn,
        parts.d_log_det,
        turn.T @ parts.d2_cross @ turn,
        parts.d2_log_det,
    )


def _held(parts: Parts, n: int, reml: bool, square: float, slope: Floats | None) -> Profile | None:
    """Evaluate the deviance with one variance held: sigma² = square / (slope · omega).

    ``square`` is in the units of the rows; without ``slope`` it is sigma² itself.
    """
    found = residuals(parts)
    if found is None:
        return None
    m = n - len(found.b) if reml else n
    share = 1.0 if slope is None else float(slope @ parts.omega)
    if not share > 0:
        return None
    d = np.zeros_like(parts.omega) if slope is None else slope
    deviance = parts.log_det + m * (log(2 * pi * square) - log(share)) + found.rss * share / square
    gradient = parts.d_log_det - m * d / share + (found.d_rss * share + found.rss * d) / square
    both = np.outer(d, found.d_rss)
    hessian = parts.d2_log_det + m * np.outer(d, d) / share**2
    hessian = hessian + (found.d2_rss * share + both + both.T) / square
    if reml:
        deviance += found.log_x
        gradient = gradient + found.d_log_x
        hessian = hessian + found.d2_log_x
    return Profile(float(deviance), gradient, hessian, found.b, found.inverse, square / share)


class _Search:
    """Where the profiled deviance of a fit passes its least by so much."""

    def __init__(self, fit: MixedModel, judge_at: Callable[[float], Judge], rise: float) -> None:
        self.data, self.reml = fit.solution.data, fit.reml
        self.judge_at, self.rise = judge_at, rise
        self.limit = fit.solution.point.deviance + rise
        self.start = self.theta = self._root(fit.solution.point.omega)

    def _root(self, omega: Floats) -> Floats:
        if self.data.overall.shape[1] > self.data.squares.shape[1]:
            return lower_root(omega)
        return np.sqrt(np.maximum(omega, 1e-12))

    def above(self, value: float) -> float:
        """Return how far the deviance lies above the limit; the search starts where it last was."""
        judge = self.judge_at(value)
        point, settled, _ = descend(self.data, self.theta, self.reml, judge=judge)
        if not settled:
            again, good, _ = descend(self.data, self.start, self.reml, judge=judge)
            if again is not None and (good or point is None or again.deviance < point.deviance):
                point = again
        if point is None:
            return inf
        self.theta = self._root(point.omega)
        return point.deviance - self.limit

    def edge(self, middle: float, at: Callable[[int], float]) -> float:
        """Find the limit on one side of the estimate, going by the values that ``at`` gives."""
        from scipy.optimize import brentq

        self.theta, near = self.start, middle
        for k in range(MOST_STEPS):
            far = at(k)
            if self.above(far) > 0:
                self.theta = self.start
                tolerance = 1e-10 * max(abs(near), abs(far))
                # At the estimate itself the deviance lies below the limit by the whole rise.
                found: Any = brentq(self.below_at(middle), near, far, xtol=tolerance)
                return float(found)
            near = far
        return inf if near > middle else -inf

    def below_at(self, middle: float) -> Callable[[float], float]:
        """Return ``above``, known without a search at the estimate."""
        return lambda value: -self.rise if value == middle else self.above(value)
