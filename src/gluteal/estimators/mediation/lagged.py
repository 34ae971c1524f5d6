"""What reaches a last visit through a mediator at the visits before: products of lagged paths."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats

DRAWS = 20_000


def carry_through(gains: ArrayLike, paths: ArrayLike, carries: ArrayLike) -> Floats:
    """Sum over visits: gain, times the path to the next visit, times what the outcome keeps of it.

    Parameters
    ----------
    gains : array_like, shape (..., visits)
        Difference in the mediator at each visit between the first and the last, in order of time.
    paths : array_like, shape (..., visits)
        From the mediator at each of these visits to the outcome at the next.
    carries : array_like, shape (..., visits)
        From the outcome at each of these visits to itself at the next; the first is not used: an
        effect begins one visit after the gain.

    Notes
    -----
    A gain is the whole difference at its visit, so what the mediator keeps of an earlier gain is
    in it; paths from mediator to mediator would count that twice.

    Examples
    --------
    A gain of 1 at two visits, each moving the next outcome by 2, half of which is kept:

    >>> float(carry_through([1, 1], [2, 2], [0.5, 0.5]))
    3.0
    """
    a, c, d = (np.asarray(v, dtype=float) for v in (gains, paths, carries))
    if not a.shape[-1] == c.shape[-1] == d.shape[-1] or not a.shape[-1]:
        raise UserError("gains, paths and carries need one value for each of the visits")
    later = np.ones_like(d)
    later[..., :-1] = np.cumprod(d[..., :0:-1], axis=-1)[..., ::-1]
    return np.asarray((a * c * later).sum(-1), dtype=np.float64)


def slope_of(function: Callable[[Floats], Floats], values: Floats, step: float = 1e-5) -> Floats:
    """Differentiate a smooth function of some parameters by central differences.

    Parameters
    ----------
    function : callable
        Takes parameters, shape (b, p), and gives one value each, shape (b,).
    values : ndarray, shape (p,)
    step : float
        Relative to each parameter, or absolute where it is small.
    """
    size = step * np.maximum(np.abs(values), 1e-2)
    move = np.diag(size)
    return np.asarray((function(values + move) - function(values - move)) / (2 * size))


def draw_interval(
    function: Callable[[Floats], Floats],
    values: Floats,
    cov: Floats,
    *,
    seed: int,
    level: float = 0.95,
    draws: int = DRAWS,
) -> Estimate:
    """Estimate a function of parameters with the interval of its own, skewed distribution.

    Parameters are drawn from their normal distribution; the interval is that of the percentiles of
    the function, p twice the smaller share beyond 0 (at least one of the draws). The standard
    error is the delta method's.

    Parameters
    ----------
    function : callable
        See ``slope_of``.
    values, cov : ndarray, shapes (p,) and (p, p)
    seed : int
    level : float
    draws : int

    References
    ----------
    Preacher and Selig 2012, doi:10.1080/19312458.2012.679848.

    Examples
    --------
    >>> found = draw_interval(lambda v: v[:, 0] * v[:, 1], np.array([1.0, 2.0]),
    ...                       np.diag([0.04, 0.04]), seed=1)
    >>> found.estimate, round(found.se, 3), found.high - 2 > 2 - found.low
    (2.0, 0.447, True)
    """
    estimate = float(function(values[None])[0])
    slope = slope_of(function, values)
    se = float(np.sqrt(max(slope @ cov @ slope, 0.0)))
    roots, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(np.maximum(roots, 0.0))
    noise = np.random.default_rng(seed).standard_normal((draws // 2, len(values)))
    # Each draw and its mirror image: the middle of the parameters is met exactly.
    found = function(values + np.vstack([noise, -noise]) @ root.T)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    beyond = min(float((found <= 0).mean()), float((found >= 0).mean()))
    p = min(1.0, max(2 * beyond, 1 / draws))
    return Estimate(estimate, se, float("inf"), float(low), float(high), p, level)
