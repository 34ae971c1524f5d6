"""Intervals from bootstrap draws: percentile, bias-corrected, BCa, normal."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats, quantile

Kind = Literal["percentile", "bca", "bias-corrected", "normal"]


def order_quantiles(draws: Floats, levels: Floats) -> Floats:
    """Interpolate order statistics on the normal scale.

    The quantile of Davison and Hinkley: the (R+1)a-th smallest of R draws, between two by a
    straight line on the normal scale. R's ``boot.ci`` and lavaan use it.

    Parameters
    ----------
    draws : ndarray, shape (R, k)
        Without NaN.
    levels : ndarray, shape (l, k)
        Probabilities, per column of ``draws``; NaN gives NaN.

    Returns
    -------
    ndarray, shape (l, k)
        The least and the greatest draw for levels beyond them.

    References
    ----------
    Davison and Hinkley 1997, Bootstrap methods and their application, equation 5.8.

    Examples
    --------
    >>> order_quantiles(np.arange(1.0, 100.0)[:, None], np.array([[0.25], [0.975]])).ravel()
    array([25.       , 97.4577505])
    """
    from scipy.special import ndtri

    ordered = np.sort(draws, axis=0)
    most = len(ordered)
    known = ~np.isnan(levels)
    rank = np.where(known, levels, 0.5) * (most + 1)
    # 1000 times 0.025 is a whole number, whatever its last binary digit says.
    whole = np.round(rank)
    rank = np.where(np.abs(rank - whole) < 1e-9 * most, whole, rank)
    below = np.clip(np.floor(rank).astype(int), 0, most)
    low = np.take_along_axis(ordered, np.clip(below - 1, 0, most - 1), 0)
    high = np.take_along_axis(ordered, np.clip(below, 0, most - 1), 0)
    between = (rank != below) & (below > 0) & (below < most)
    with np.errstate(divide="ignore", invalid="ignore"):
        at, left, right = (ndtri(r / (most + 1)) for r in (rank, below, below + 1))
        share = np.where(between, (at - left) / (right - left), 0.0)
    value = np.where(below == 0, ordered[0], low + share * (high - low))
    return np.where(known, value, np.nan)


def acceleration(influence: Floats) -> Floats:
    """Return the acceleration of BCa, a sixth of the skewness of the influence values.

    Parameters
    ----------
    influence : ndarray, shape (units, k)
        Jackknife influence values: (units - 1) times what the estimate loses without each.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # One scale, so that neither huge nor tiny units overflow in the third power.
        value = influence / np.abs(influence).max(0)
        return (value**3).sum(0) / (6 * (value**2).sum(0) ** 1.5)


def draw_intervals(
    draws: ArrayLike,
    estimate: ArrayLike,
    kind: Kind = "percentile",
    level: float = 0.95,
    influence: Floats | None = None,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Put intervals around estimates by their bootstrap draws.

    Parameters
    ----------
    draws : array_like, shape (R, k)
        Estimates of R resamples; rows with a NaN are left out.
    estimate : array_like, shape (k,)
    kind : {"percentile", "bca", "bias-corrected", "normal"}
        Normal is corrected for bias, as ``boot.ci`` has it: 2 estimates - mean of draws ± z se.
    influence : ndarray, shape (units, k), optional
        Needed for BCa.

    Returns
    -------
    low, high : ndarray, shape (k,)
        NaN where the kind has no answer, which the warnings say.
    warnings : tuple of str

    References
    ----------
    Efron 1987, doi:10.1080/01621459.1987.10478410; Davison and Hinkley 1997, chapter 5.

    Examples
    --------
    >>> low, high, said = draw_intervals(np.arange(999.0)[:, None], [499.0])
    >>> low, high, said
    (array([24.]), array([974.]), ())
    """
    from scipy.special import ndtr, ndtri

    if kind not in get_args(Kind) or not 0 < level < 1:
        raise ValueError(f"no {kind!r} interval at level {level:g}: it lies between 0 and 1")
    t, t0 = np.asarray(draws, dtype=float), np.asarray(estimate, dtype=float)
    t = t[np.isfinite(t).all(1)]
    none = np.full(t0.shape, np.nan)
    if len(t) < 2:
        return none, none.copy(), (f"{len(t)} resamples have an estimate: no interval",)
    if kind == "normal":
        middle, half = 2 * t0 - t.mean(0), quantile(level) * t.std(0, ddof=1)
        return middle - half, middle + half, ()
    tails = np.array([(1 - level) / 2, (1 + level) / 2])[:, None]
    said: list[str] = []
    if kind == "percentile":
        levels = np.broadcast_to(tails, (2, len(t0)))
    else:
        bias = ndtri((t < t0).mean(0))
        skew = np.zeros(len(t0))
        if kind == "bca":
            if influence is None:
                raise ValueError("BCa needs the influence values")
            skew = acceleration(influence)
        z = ndtri(tails)
        with np.errstate(invalid="ignore", divide="ignore"):
            levels = ndtr(bias + (bias + z) / (1 - skew * (bias + z)))
            # Beyond a pole of the formula its answer is no longer a quantile.
            sound = np.isfinite(bias) & (skew * (bias + z) < 1)
        levels = np.where(sound, levels, np.nan)
        if lost := int(np.isnan(levels).any(0).sum()):
            said.append(f"{lost} estimates lie outside all their draws: no {kind} interval")
    rank = levels * (len(t) + 1)
    if ((rank < 1) | (rank > len(t))).any():
        said.append("an interval ends at the most extreme draw: more resamples are needed")
    low, high = order_quantiles(t, levels)
    return low, high, tuple(said)


def draw_p(draws: Floats) -> Floats:
    """Return two-sided p values of 0 from the draws on the rarer side, counted with one more.

    Parameters
    ----------
    draws : ndarray, shape (R, k)

    Examples
    --------
    >>> draw_p(np.array([[1.0], [2.0], [-1.0]]))
    array([1.])
    """
    sound = draws[np.isfinite(draws).all(1)]
    rarer = np.minimum((sound <= 0).sum(0), (sound >= 0).sum(0))
    return np.minimum(1.0, 2 * (rarer + 1) / (len(sound) + 1))
