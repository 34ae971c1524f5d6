"""Ready-made studies: how data come about, how they are analysed, what is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, quantile

Replicates = tuple[Floats, Floats, Floats, Floats]
"""Estimates, standard errors, lower and upper limits, each of shape (replicates,)."""
DRAWN = 2_000_000
"""Values drawn at once."""


@dataclass(frozen=True, slots=True)
class Design:
    """A study that can be simulated at any size.

    Attributes
    ----------
    name : str
    truth : float
        What its analysis estimates.
    make : callable
        Of a random generator and the number of people: data.
    fit : callable
        Of data and level: an `Estimate`, or None where there is none.
    batch : callable, optional
        Of generator, people, replicates and level: all `Replicates` in one array program.
    least : int
        Fewest people.
    """

    name: str
    truth: float
    make: Callable[[Any, int], Any]
    fit: Callable[[Any, float], Estimate | None]
    batch: Callable[[Any, int, int, float], Replicates] | None = None
    least: int = 4


def in_parts(
    batch: Callable[[Any, int, int, float], Replicates],
) -> Callable[[Any, int, int, float], Replicates]:
    """Cut replicates so that their draws stay within bounds."""

    def parts(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        step = max(1, DRAWN // n)
        found = [
            batch(rng, n, min(step, replicates - start), level)
            for start in range(0, replicates, step)
        ]
        joined = [np.concatenate([part[k] for part in found]) for k in range(4)]
        return joined[0], joined[1], joined[2], joined[3]

    return parts


def with_limits(estimate: Floats, se: Floats, df: Floats | float, level: float) -> Replicates:
    """Put intervals around estimates: t, or normal where ``df`` is inf."""
    from scipy import special

    half = se * (special.stdtrit(df, (1 + level) / 2) if np.isfinite(df).all() else quantile(level))
    return estimate, se, estimate - half, estimate + half


def cut_people(n: int, share: float) -> int:
    """Count the second group: at least two people in each."""
    if not 0 < share < 1:
        raise UserError(f"a share of {share:g}: it lies between 0 and 1")
    return min(max(round(n * share), 2), n - 2)


def group_difference(
    difference: float,
    *,
    sd: float = 1.0,
    sd_other: float | None = None,
    share: float = 0.5,
    test: Literal["student", "welch"] = "student",
) -> Design:
    """Compare the means of two groups, n people in all.

    Parameters
    ----------
    difference : float
        Mean of the second group minus that of the first.
    sd, sd_other : float
        Standard deviation of the first and, if it is another, of the second group.
    share : float
        Share of people in the second group.
    test : {"student", "welch"}

    Examples
    --------
    >>> group_difference(0.3, sd=0.25).truth
    0.3
    """
    other = sd if sd_other is None else sd_other

    def make(rng: Any, n: int) -> tuple[Floats, Floats]:
        second = cut_people(n, share)
        return rng.normal(0, sd, (1, n - second)), rng.normal(difference, other, (1, second))

    def compare(first: Floats, second: Floats, level: float) -> Replicates:
        a, b = first.shape[1], second.shape[1]
        va, vb = first.var(1, ddof=1), second.var(1, ddof=1)
        if test == "student":
            se = np.sqrt(((a - 1) * va + (b - 1) * vb) / (a + b - 2) * (1 / a + 1 / b))
            df: Floats = np.full(len(va), a + b - 2.0)
        else:
            se = np.sqrt(va / a + vb / b)
            df = se**4 / ((va / a) ** 2 / (a - 1) + (vb / b) ** 2 / (b - 1))
        return with_limits(second.mean(1) - first.mean(1), se, df, level)

    def batch(rng: Any, n: int, replicates: int, level: float) -> Replicates:
        second = cut_people(n, share)
        one = rng.standard_normal((replicates, n - second)) * sd
        two = rng.standard_normal((replicates, second)) * other + difference
        return compare(one, two, level)

    return Design(
        "group difference",
        difference,
        make,
        lambda data, level: as_estimate(compare(data[0], data[1], level), level),
        in_parts(batch),
    )


def as_estimate(found: Replicates, level: float) -> Estimate:
    """Turn one replicate into an estimate; its p comes from the interval it was made of."""
    b, se, low, high = (float(part[0]) for part in found)
    return Estimate(b, se, np.inf, low, high, np.nan, level)


def slope(
    beta: float, *, sd_exposure: float = 1.0, sd_residual: float = 1.0, confounding: float = 0.0
) -> Design:
    """Regress an outcome on an exposure and one covariate.

    Parameters
    ----------
    beta : float
        Slope of the exposure.
    sd_exposure, sd_residual : float
    confounding : float
        Correlation of the exposure with the covariate, which also moves the outcome by 1 per SD.

    Examples
    --------
    >>> slope(0.2, confounding=0.4).truth
    0.2
    """
    if not -1 < confounding < 1:
        raise UserError(f"a correlation of {confounding:g}: it lies between -1 and 1")

    def draw(rng: Any, n: int, k: int) -> tuple[Floats, Floats, Floats]:
        z, own, e = rng.standard_normal((3, k, n))
        x = sd_exposure * (confounding * z + np.sqrt(1 - confounding**2) * own)
        return x, z, beta * x + z + sd_residual * e

    def regress(x: Floats, z: Floats, y: Floats, level: float) -> Replicates:
        x, z, y = (v - v.mean(1, keepdims=True) for v in (x, z, y))
        zz = (z * z).sum(1)
        rx = x - z * ((x * z).sum(1) / zz)[:, None]
        ry = y - z * ((y * z).sum(1) / zz)[:, None]
        xx, xy, yy = (rx * rx).sum(1), (rx * ry).sum(1), (ry * ry).sum(1)
        df = x.shape[1] - 3.0
        b = xy / xx
        return with_limits(b, np.sqrt((yy - b * xy) / df / xx), df, level)

    return Design(
        "slope",
        beta,
        lambda rng, n: draw(rng, n, 1),
        lambda data, level: as_estimate(regress(data[0], data[1], data[2], level), level),
        in_parts(lambda rng, n, k, level: regress(*draw(rng, n, k), level)),
        least=5,
    )
