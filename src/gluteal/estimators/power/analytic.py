"""Power by formula, for the tests that have one; equal to R's pwr."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, Literal

import numpy as np

from gluteal.errors import UserError

Sample = Literal["two", "one", "paired"]
MOST = 1e9


def power_t_test(
    n: float,
    d: float,
    *,
    n_other: float | None = None,
    sample: Sample = "two",
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
) -> float:
    """Power of a t test.

    Parameters
    ----------
    n : float
        People in each group, or pairs.
    d : float
        Difference in standard deviations; of the differences where paired. One-sided tests look
        upwards.
    n_other : float, optional
        People in the second group, where it is of another size.
    sample : {"two", "one", "paired"}
    alpha : float
    sides : {1, 2}

    References
    ----------
    Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd edition.

    Examples
    --------
    >>> round(power_t_test(63.76561, 0.5), 6)
    0.8
    """
    from scipy import special

    _check(alpha, n=n, n_other=n if n_other is None else n_other)
    other = n if n_other is None else n_other
    df = n + other - 2 if sample == "two" else n - 1
    if df <= 0:
        raise UserError(f"{n:g} people leave no degrees of freedom")
    shift = d * (np.sqrt(n * other / (n + other)) if sample == "two" else np.sqrt(n))
    bound = -special.stdtrit(df, alpha / sides)
    other_side = _beyond(df, -shift, bound) if sides == 2 else 0.0
    return _beyond(df, shift, bound) + other_side


def _beyond(df: float, shift: float, bound: float) -> float:
    """Chance that a non-central t passes a bound above 0."""
    from scipy import special

    # Where scipy cannot tell a far tail, it is 0 to all digits.
    if shift < 0:
        return float(np.nan_to_num(special.nctdtr(df, -shift, -bound)))
    return float(1 - np.nan_to_num(special.nctdtr(df, shift, bound)))


def power_correlation(n: float, r: float, *, alpha: float = 0.05) -> float:
    """Power of the two-sided test of a correlation, by Fisher's z with its bias corrected.

    Examples
    --------
    >>> round(power_correlation(84.07364, 0.3), 6)
    0.8
    """
    from scipy import special

    _check(alpha, n=n)
    if not -1 < r < 1:
        raise UserError(f"a correlation of {r:g}: it lies between -1 and 1")
    if n <= 3:
        raise UserError(f"{n:g} people are too few for a correlation")
    t = -special.stdtrit(n - 2, alpha / 2)
    bound = np.arctanh(np.sqrt(t**2 / (t**2 + n - 2)))
    shift = np.arctanh(abs(r)) + abs(r) / (2 * (n - 1))
    root = np.sqrt(n - 3)
    return float(special.ndtr((shift - bound) * root) + special.ndtr((-shift - bound) * root))


def power_anova(n: float, f: float, groups: int, *, alpha: float = 0.05) -> float:
    """Power of a one-way analysis of variance.

    Parameters
    ----------
    n : float
        People in each group.
    f : float
        SD of the group means over the SD within groups.
    groups : int

    Examples
    --------
    >>> round(power_anova(52.39660, 0.25, 3), 6)
    0.8
    """
    _check(alpha, n=n)
    if groups < 2:
        raise UserError(f"{groups} groups: at least 2 are compared")
    return _power_f(groups - 1, (n - 1) * groups, groups * n * f**2, alpha)


def power_regression(
    n: float, f2: float, tested: int, covariates: int = 0, *, alpha: float = 0.05
) -> float:
    """Power of the F test of some coefficients of a linear model.

    Parameters
    ----------
    n : float
        People.
    f2 : float
        Variance explained by the tested terms over the residual variance of the full model.
    tested, covariates : int
        Terms that are tested, and terms beside them (without the intercept).

    Examples
    --------
    >>> round(power_regression(100, 0.1, 1, 3), 4)
    0.8693
    """
    _check(alpha, n=n)
    df = n - tested - covariates - 1
    if tested < 1 or covariates < 0:
        raise UserError("at least one term is tested")
    return _power_f(tested, df, f2 * (tested + df + 1), alpha)


def power_proportions(
    n: float, p1: float, p2: float, *, n_other: float | None = None, alpha: float = 0.05
) -> float:
    """Power of the two-sided comparison of two proportions, by their arcsines.

    Parameters
    ----------
    n : float
        People in each group.
    n_other : float, optional
        People in the second group, where it is of another size.

    Examples
    --------
    >>> round(power_proportions(92.69608, 0.5, 0.3), 6)
    0.8
    """
    from scipy import special

    other = n if n_other is None else n_other
    _check(alpha, n=n, n_other=other)
    if not (0 <= p1 <= 1 and 0 <= p2 <= 1):
        raise UserError(f"proportions {p1:g} and {p2:g}: they lie between 0 and 1")
    h = 2 * np.arcsin(np.sqrt(p1)) - 2 * np.arcsin(np.sqrt(p2))
    shift = abs(h) * np.sqrt(n * other / (n + other))
    bound = -special.ndtri(alpha / 2)
    return float(special.ndtr(shift - bound) + special.ndtr(-shift - bound))


def solve_size(
    power_of: Callable[[float], float], wanted: float = 0.8, *, least: float = 4.0
) -> float:
    """Find the size, as a fraction, at which a formula reaches the wanted power; round it up.

    Raises
    ------
    UserError
        If no size reaches it, or the wanted power is not between 0 and 1.

    Examples
    --------
    >>> round(solve_size(lambda n: power_t_test(n, 0.5)), 4)
    63.7656
    """
    return _solve(power_of, wanted, least, MOST, "size")


def solve_effect(
    power_of: Callable[[float], float], wanted: float = 0.8, *, most: float = 100.0
) -> float:
    """Find the smallest effect that a formula detects with the wanted power.

    Examples
    --------
    >>> round(solve_effect(lambda d: power_t_test(64, d)), 4)
    0.4991
    """
    return _solve(power_of, wanted, 1e-9, most, "effect")


def _solve(
    power_of: Callable[[float], float], wanted: float, low: float, most: float, what: str
) -> float:
    from scipy.optimize import brentq

    if not 0 < wanted < 1:
        raise UserError(f"a power of {wanted:g}: it lies between 0 and 1")
    below, begun = _first_allowed(power_of, low, most)
    if begun >= wanted:
        return below
    at, barred = min(2 * below, most), inf
    while True:
        try:
            reached = power_of(at) >= wanted
        except UserError:  # beyond what there can be, such as a correlation above 1
            reached, barred = False, at
        if reached:
            break
        if at < barred:
            below = at
        if below >= most or barred - below < 1e-9 * barred < inf:
            raise UserError(f"no {what} up to {min(most, barred):g} reaches a power of {wanted:g}")
        at = min(2 * below, (below + barred) / 2, most)
    root: Any = brentq(lambda at: power_of(at) - wanted, below, at, xtol=1e-10)
    return float(root)


def _first_allowed(
    power_of: Callable[[float], float], low: float, most: float
) -> tuple[float, float]:
    """Find where a formula begins to answer: some sizes leave no degrees of freedom."""
    barred, fault = 0.0, None
    while True:
        try:
            power = power_of(low)
            break
        except UserError as error:
            fault = fault or error
            barred, low = low, 2 * low
            if low > most:
                raise fault from None
    for _ in range(10 if fault else 0):
        middle = (barred + low) / 2
        try:
            power, low = power_of(middle), middle
        except UserError:
            barred = middle
    return low, power


def _power_f(df: float, error: float, shift: float, alpha: float) -> float:
    from scipy import special

    if error <= 0:
        raise UserError("too few people: no degrees of freedom are left")
    bound = special.fdtri(df, error, 1 - alpha)
    return float(1 - np.nan_to_num(special.ncfdtr(df, error, shift, bound)))


def _check(alpha: float, **sizes: float) -> None:
    if not 0 < alpha < 1:
        raise UserError(f"alpha {alpha:g}: it lies between 0 and 1")
    for name, size in sizes.items():
        if not (np.isfinite(size) and size > 0):
            raise UserError(f"{name} is {size:g}: a size is above 0")
