"""Studies as they are planned here: arms, new pain by strength, and people against themselves.

Each draws all replicates in one array program, so that a curve of power takes seconds, and each
has its formula beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.power.designs import (
    Design,
    Replicates,
    as_estimate,
    cut_people,
    in_parts,
    with_limits,
)

MOST_STEPS = 25


def _check_share(name: str, value: float, least: float = 0.0) -> None:
    if not least <= value <= 1:
        raise UserError(f"a {name} of {value:g}: it lies between {least:g} and 1")


def arm_difference(
    difference: float, *, sd: float = 1.0, correlation: float = 0.5, share: float = 0.5
) -> Design:
    """Compare two randomised arms in an outcome, given its first value (analysis of covariance).

    Parameters
    ----------
    difference : float
        Mean of the second arm minus that of the first, at the last visit.
    sd : float
        Of the outcome within an arm, at both visits.
    correlation : float
        Of first and last value within an arm.
    share : float
        Of people in the second arm.

    References
    ----------
    Borm, Fransen and Lemmens 2007, doi:10.1016/j.jclinepi.2007.02.006.

    Examples
    --------
    >>> arm_difference(-0.5, sd=1.8, correlation=0.6).truth
    -0.5
    """
    if not -1 < correlation < 1:
        raise UserError(f"a correlation of {correlation:g}: it lies between -1 and 1")

    def batch(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        second = cut_people(n, share)
        first, own = rng.standard_normal((2, replicates, n))
        arm = np.zeros(n)
        arm[n - second :] = 1.0
        last = correlation * first + np.sqrt(1 - correlation**2) * own
        y = sd * last + difference * arm
        a = arm - arm.mean()
        x, y = (v - v.mean(1, keepdims=True) for v in (first, y))
        xx = (x * x).sum(1)
        left = a - x * ((x @ a) / xx)[:, None]
        rest = y - x * ((x * y).sum(1) / xx)[:, None]
        aa = (left * left).sum(1)
        b = (left * rest).sum(1) / aa
        df = n - 3.0
        se = np.sqrt(((rest * rest).sum(1) - b**2 * aa) / df / aa)
        return with_limits(b, se, df, level)

    return _of_batch("arm difference", difference, batch, least=8)


def hazard_slope(
    log_ratio: float, *, risk: float = 0.15, reliability: float = 1.0, explained: float = 0.0
) -> Design:
    """Relate new events to a measure by their hazard, which is constant over the follow-up.

    Parameters
    ----------
    log_ratio : float
        Log hazard ratio per SD of the true measure.
    risk : float
        Share of people with an event by the end, at the mean of the measure.
    reliability : float
        Share of the measure's variance that is true; what is estimated shrinks by it.
    explained : float
        Share of the true measure's variance that covariates explain; the rest tells.

    Examples
    --------
    >>> round(hazard_slope(-0.163).truth, 3)
    -0.163
    """
    if not 0 < risk < 1:
        raise UserError(f"a risk of {risk:g}: it lies between 0 and 1")
    _check_share("reliability", reliability, 0.01)
    _check_share("share explained", explained, 0.0)
    rate, own = -np.log1p(-risk), np.sqrt(1 - explained)

    def batch(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        true, error = rng.standard_normal((2, replicates, n))
        true = own * true
        x = true + np.sqrt(1 / reliability - 1) * error
        time = rng.exponential(1 / (rate * np.exp(log_ratio * true)))
        event, time = (time < 1).astype(float), np.minimum(time, 1.0)
        return with_limits(*_exponential(x, event, time), np.inf, level)

    return _of_batch("hazard by a measure", log_ratio, batch, least=50)


def _exponential(x: Floats, event: Floats, time: Floats) -> tuple[Floats, Floats]:
    """Fit log hazards that are linear in x by Newton's steps; slope and error, NaN where none."""
    k = len(x)
    with np.errstate(all="ignore"):
        b = np.stack([np.log(event.sum(1) / time.sum(1)), np.zeros(k)], axis=1)
        moved, info = np.full(k, np.inf), np.zeros((k, 2, 2))
        for _ in range(MOST_STEPS):
            expected = time * np.exp(b[:, :1] + b[:, 1:] * x)
            pull = event - expected
            score = np.stack([pull.sum(1), (pull * x).sum(1)], axis=1)
            w0, w1, w2 = expected.sum(1), (expected * x).sum(1), (expected * x * x).sum(1)
            info = np.stack([np.stack([w0, w1], 1), np.stack([w1, w2], 1)], axis=1)
            det = w0 * w2 - w1**2
            step = np.stack(
                [(w2 * score[:, 0] - w1 * score[:, 1]) / det,
                 (w0 * score[:, 1] - w1 * score[:, 0]) / det], axis=1,
            )  # fmt: skip
            b = b + np.clip(step, -2, 2)
            moved = np.abs(step).max(1)
            if not (moved > 1e-9).any():
                break
        det = info[:, 0, 0] * info[:, 1, 1] - info[:, 0, 1] ** 2
        se = np.sqrt(info[:, 0, 0] / det)
    bad = ~(moved < 1e-6)  # no event, or none that tells of the measure
    return np.where(bad, np.nan, b[:, 1]), np.where(bad, np.nan, se)


def within_slope(
    slope: float,
    *,
    visits: int = 4,
    sd_within: float = 1.0,
    sd_residual: float = 1.0,
    reliability: float = 1.0,
    missing: float = 0.0,
) -> Design:
    """Relate an outcome to the exposure one visit before, each person compared with himself.

    Parameters
    ----------
    slope : float
        Outcome per unit of the exposure's true deviation from the person's usual level.
    visits : int
        Of which one fewer are pairs of exposure and later outcome.
    sd_within : float
        Of the true deviations.
    sd_residual : float
        Of the outcome about the slope, within people.
    reliability : float
        Share of the variance of measured deviations that is true.
    missing : float
        Chance that a pair is missing.

    Examples
    --------
    >>> within_slope(-0.9, visits=5, sd_within=0.1).truth
    -0.9
    """
    if visits < 3:
        raise UserError("a lag within people needs at least three visits")
    _check_share("reliability", reliability, 0.01)
    _check_share("chance of missing", missing)
    pairs = visits - 1

    def batch(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        shape = (replicates, n, pairs)
        true = sd_within * rng.standard_normal(shape)
        x = true + sd_within * np.sqrt(1 / reliability - 1) * rng.standard_normal(shape)
        y = slope * true + sd_residual * rng.standard_normal(shape)
        seen = rng.random(shape) >= missing
        count = np.maximum(seen.sum(2, keepdims=True), 1)
        x, y = (np.where(seen, v - (v * seen).sum(2, keepdims=True) / count, 0.0) for v in (x, y))
        # A person with a single pair has no deviation and no degree of freedom.
        df = (seen.sum(2) - 1).clip(0).sum(1) - 1.0
        xx, xy, yy = ((a * b).sum((1, 2)) for a, b in ((x, x), (x, y), (y, y)))
        with np.errstate(all="ignore"):
            b = np.where((df > 0) & (xx > 0), xy / xx, np.nan)
            se = np.sqrt((yy - b * xy) / df / xx)
        return with_limits(b, se, np.maximum(df, 1.0), level)

    return _of_batch("lag within people", slope, batch, least=6, rows=pairs)


def _of_batch(name: str, truth: float, batch: Any, least: int, rows: int = 1) -> Design:
    """Make a design whose single replicate is a batch of one."""
    whole = in_parts(batch)

    def make(rng: Any, n: int) -> tuple[Any, int]:
        return rng, n

    def parts(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        if rows == 1:
            return whole(rng, n, replicates, level)
        step = max(1, 2_000_000 // (n * rows))
        found = [
            batch(rng, n, min(step, replicates - at), level) for at in range(0, replicates, step)
        ]
        one, two, three, four = (np.concatenate([f[k] for f in found]) for k in range(4))
        return one, two, three, four

    return Design(
        name,
        truth,
        make,
        lambda data, level: as_estimate(batch(data[0], data[1], 1, level), level),
        parts,
        least,
    )


def power_of_hazard(
    n: float,
    log_ratio: float,
    *,
    risk: float,
    reliability: float = 1.0,
    explained: float = 0.0,
    alpha: float = 0.05,
) -> float:
    """Power to see a log hazard ratio per SD, from the number of events.

    References
    ----------
    Hsieh and Lavori 2000, doi:10.1016/S0197-2456(00)00104-5.

    Examples
    --------
    >>> round(power_of_hazard(160, -0.163, risk=0.146), 2)
    0.12
    """
    left = 1 - explained
    kept = left / (left + 1 / reliability - 1)  # of the variance that covariates leave
    return _normal_power(abs(log_ratio) * np.sqrt(left * kept * n * risk), alpha)


def power_of_within(
    n: float,
    slope: float,
    *,
    visits: int,
    sd_within: float,
    sd_residual: float,
    reliability: float = 1.0,
    missing: float = 0.0,
    alpha: float = 0.05,
) -> float:
    """Power to see a slope within people, from their deviations.

    Examples
    --------
    >>> power = power_of_within(200, -0.9, visits=4, sd_within=0.1, sd_residual=1.2)
    >>> round(power, 2)
    0.32
    """
    pairs = visits - 1
    # Each person loses one degree of freedom, where one pair at least is there.
    there = pairs * (1 - missing) - (1 - missing**pairs)
    noise = sd_residual**2 + slope**2 * sd_within**2 * (1 - reliability)
    signal = abs(slope) * sd_within * np.sqrt(reliability * n * there / noise)
    return _normal_power(float(signal), alpha)


def _normal_power(signal: float, alpha: float) -> float:
    from scipy import special

    bound = -special.ndtri(alpha / 2)
    return float(special.ndtr(signal - bound) + special.ndtr(-signal - bound))
