"""The size, or the effect, at which a simulated study reaches the wanted power."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf, sqrt

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.power.performance import Performance

ENOUGH = 25
"""Rounds after which the search gives up to be more exact."""
FAR = 2.3
"""Probit of a share beyond which a trial says too little of the line."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes
    ----------
    found : float
        Size (a whole number) or effect.
    low, high : float
        Its 95 % interval by Monte-Carlo error.
    power : float
        Wanted power.
    tried, rejected, replicates : ndarray
        Values tried, with their rejections and replicates, in order of trial.
    converged : bool
        Whether the interval is as narrow as asked for.
    warnings : tuple of str
    """

    found: float
    low: float
    high: float
    power: float
    tried: Floats
    rejected: Floats
    replicates: Floats
    converged: bool
    warnings: tuple[str, ...]


def find_sample_size(
    power_at: Callable[[int, int, int], Performance],
    wanted: float = 0.8,
    *,
    low: int = 20,
    high: int = 400,
    most: int = 100_000,
    replicates: int = 400,
    precision: float = 0.03,
    seed: int = 1,
) -> Search:
    """Find the smallest size with the wanted power.

    The probit of power is near linear in the root of the size; a line through all sizes tried so
    far tells which to try next, so that every replicate counts.

    Parameters
    ----------
    power_at : callable
        Of size, replicates and seed: a `Performance`.
    wanted : float
    low, high : int
        Where to start; both may lie on one side.
    most : int
        Largest size that is tried.
    replicates : int
        A trial.
    precision : float
        Standard error of the size beside the size, at which the search ends.
    seed : int

    Returns
    -------
    Search

    Raises
    ------
    UserError
        If no size up to ``most`` reaches the power.

    Examples
    --------
    >>> from gluteal.estimators.power import group_difference, simulate_design
    >>> design = group_difference(0.5)
    >>> found = find_sample_size(
    ...     lambda n, k, s: simulate_design(design, n, replicates=k, seed=s), replicates=2000)
    >>> found.low <= 128 <= found.high
    True
    """
    if not (1 <= low < high <= most):
        raise ValueError("sizes must be in order: 1 <= low < high <= most")
    return _search(
        lambda value, k, s: power_at(round(value), k, s),
        wanted,
        (float(low), float(high), float(most)),
        replicates,
        precision,
        seed,
        power=0.5,
        whole=True,
    )


def find_effect(
    power_at: Callable[[float, int, int], Performance],
    wanted: float = 0.8,
    *,
    low: float,
    high: float,
    most: float = inf,
    replicates: int = 400,
    precision: float = 0.02,
    seed: int = 1,
) -> Search:
    """Find the smallest effect (above 0) that is detected with the wanted power.

    Parameters
    ----------
    power_at : callable
        Of effect, replicates and seed: a `Performance`. For effects below 0 hand over their size
        and turn the sign there.
    wanted, low, high, most, replicates, precision, seed
        As for `find_sample_size`.

    Examples
    --------
    >>> from gluteal.estimators.power import group_difference, simulate_design
    >>> found = find_effect(
    ...     lambda d, k, s: simulate_design(group_difference(d), 128, replicates=k, seed=s),
    ...     low=0.2, high=0.8, replicates=2000)
    >>> found.low <= 0.4991 <= found.high
    True
    """
    if not 0 < low < high <= most:
        raise ValueError("effects must be in order: 0 < low < high <= most")
    limits = (low, high, most)
    return _search(power_at, wanted, limits, replicates, precision, seed, power=1.0, whole=False)


def _search(
    power_at: Callable[[float, int, int], Performance],
    wanted: float,
    limits: tuple[float, float, float],
    replicates: int,
    precision: float,
    seed: int,
    *,
    power: float,
    whole: bool,
) -> Search:
    from scipy import special

    if not 0 < wanted < 1:
        raise UserError(f"a power of {wanted:g}: it lies between 0 and 1")
    low, high, most = limits
    target = float(special.ndtri(wanted))
    tried: list[float] = []
    rejected: list[float] = []

    def run(value: float) -> float:
        share = power_at(value, replicates, seed + len(tried)).rejection.value
        tried.append(value)
        rejected.append(share * replicates)
        return share

    run(low)
    share = run(high)
    while share < wanted:
        if high >= most:
            raise UserError(f"no value up to {most:g} reaches a power of {wanted:g}")
        high = min(2 * high, most)
        share = run(round(high) if whole else high)
    at, error, done = high, inf, False
    least, beneath = low / 4, False
    for _ in range(ENOUGH):
        x, shares = np.array(tried) ** power, np.array(rejected) / replicates
        near = np.abs(special.ndtri((shares * replicates + 0.5) / (replicates + 1))) < FAR
        if len(np.unique(x[near])) > 1:
            a, b, cov = _probit(x[near], shares[near], replicates)
        else:
            a, b, cov = 0.0, 0.0, np.eye(2)
        if b > 0:
            root = max((target - a) / b, 0.0)
            slope = np.array([-1 / b, -root / b])
            spread = sqrt(max(float(slope @ cov @ slope), 0.0))
            at, error = root ** (1 / power), spread / power * root ** (1 / power - 1)
            if 0 < error < precision * at:
                done = True
                break
            # Beside the target both ends of the line become firm.
            value = at * (1.0, 0.85, 1.15)[len(tried) % 3]
        else:  # nothing to draw a line through: halve the gap
            below = max([v for v, s in zip(x, shares, strict=True) if s < wanted], default=0.0)
            above = min(v for v, s in zip(x, shares, strict=True) if s >= wanted)
            at, error = above ** (1 / power), inf
            value = ((below + above) / 2) ** (1 / power)
        value = min(max(value, least), most)
        try:
            run(max(round(value), 2) if whole else value)
        except UserError:
            if value >= low:
                raise
            least = low  # no study is that small
            if b <= 0 and min(rejected) >= wanted * replicates:
                beneath = True
                break
    warnings = () if done else ("the search ended before the asked-for precision",)
    if at < low or beneath:
        warnings += (f"the answer lies below the lowest value of the search, {low:g}",)
    found = float(ceil(at - 1e-9)) if whole else at
    return Search(
        found,
        max(at - 1.959964 * error, 0.0),
        at + 1.959964 * error,
        wanted,
        np.array(tried),
        np.array(rejected),
        np.full(len(tried), float(replicates)),
        done,
        warnings,
    )


def _probit(x: Floats, shares: Floats, replicates: int) -> tuple[float, float, Floats]:
    """Fit the probit of the shares to a line, weighted by what each trial tells (Berkson).

    Shares are drawn in by half a count.
    """
    from scipy import special

    p = (shares * replicates + 0.5) / (replicates + 1)
    z = special.ndtri(p)
    weight = replicates * np.exp(-(z**2)) / (2 * np.pi) / (p * (1 - p))
    design = np.column_stack([np.ones(len(x)), x])
    cov = np.linalg.inv((design * weight[:, None]).T @ design).astype(np.float64)
    a, b = cov @ (design.T @ (weight * z))
    return float(a), float(b), cov
