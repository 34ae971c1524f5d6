"""Standardised mean differences and their errors from what papers print."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, sqrt
from typing import NamedTuple

from gluteal.errors import UserError
from gluteal.estimators.inference import quantile

UNEVEN = 0.1
CITED = (
    "Errors were taken from printed intervals and p as the Cochrane Handbook describes "
    "(doi:10.1002/9781119536604.ch6)"
)


class Reported(NamedTuple):
    """A difference and its standard error; a note where the print does not agree with itself."""

    value: float
    se: float
    note: str = ""


def from_interval(value: float, low: float, high: float, level: float = 0.95) -> Reported:
    """Take the standard error from the width of a printed interval.

    Examples
    --------
    >>> round(from_interval(0.70, 0.49, 0.90).se, 4)
    0.1046
    """
    if not low < value < high:
        raise UserError(f"{value:g} does not lie inside its interval, {low:g} to {high:g}")
    uneven = abs((value - low) - (high - value)) > UNEVEN * (high - low)
    note = "its interval is not even about it: a misprint, or not normal" if uneven else ""
    return Reported(value, (high - low) / 2 / quantile(level), note)


def _correct(d: float, first: float, second: float) -> Reported:
    """Correct d for small samples (Hedges) and give it its large-sample error."""
    df = first + second - 2
    if min(first, second) < 2:
        raise UserError("each group needs at least two people")
    shrink = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
    return Reported(
        d * shrink, shrink * sqrt(1 / first + 1 / second + d * d / (2 * (first + second)))
    )


def standardise_difference(
    value: float, low: float, high: float, first: float, second: float, level: float = 0.95
) -> Reported:
    """Divide a difference of means by the SD that follows from its interval and group sizes.

    Examples
    --------
    >>> found = standardise_difference(28.1, 9.4, 46.9, 40, 40)
    >>> round(found.value, 2), round(found.se, 2)
    (0.66, 0.23)
    """
    printed = from_interval(value, low, high, level)
    t = quantile(level, first + second - 2)
    sd = (high - low) / 2 / t / sqrt(1 / first + 1 / second)
    return _correct(value / sd, first, second)._replace(note=printed.note)


def standardise_p(sign: float, p: float, first: float, second: float) -> Reported:
    """Work back from the p of a two-sided t test to the standardised difference.

    Parameters
    ----------
    sign : float
        Above or below 0, as the difference of the printed means is.
    p : float
    first, second : float
        Group sizes.

    Examples
    --------
    >>> round(standardise_p(-0.4, 0.04, 21, 22).value, 2)
    -0.64
    """
    if not 0 < p < 1:
        raise UserError(f"a p of {p:g}: it lies between 0 and 1")
    t = quantile(1 - p, first + second - 2)
    d = t * sqrt(1 / first + 1 / second)
    return _correct(d if sign > 0 else -d, first, second)


def standardise_means(
    first_mean: float, second_mean: float, sd: float, first: float, second: float
) -> Reported:
    """Standardise a difference of printed means, first minus second, by a printed SD.

    Examples
    --------
    >>> standardise_means(1.6, 1.6, 0.36, 12, 12).value
    0.0
    """
    return _correct((first_mean - second_mean) / sd, first, second)


def standardise_unsized(
    first_mean: float, second_mean: float, sds: tuple[float, float], p: float
) -> Reported:
    """Standardise means whose groups are of unprinted sizes: the error is what gives the p.

    Examples
    --------
    >>> found = standardise_unsized(50.5, 50.1, (8.8, 9.9), 0.73)
    >>> round(found.value, 3), round(found.se, 3)
    (0.043, 0.124)
    """
    d = (first_mean - second_mean) / sqrt((sds[0] ** 2 + sds[1] ** 2) / 2)
    if d == 0 or not 0 < p < 1:
        raise UserError("a difference of 0, or a p outside 0 to 1, gives no standard error")
    return Reported(d, abs(d) / quantile(1 - p))


def average_sides(sides: Sequence[Reported]) -> Reported:
    """Average both sides of the same people; the error as if the sides moved together.

    Examples
    --------
    >>> average_sides([Reported(0.4, 0.2), Reported(0.8, 0.3)])
    Reported(value=0.6000000000000001, se=0.25, note='')
    """
    n = len(sides)
    notes = "; ".join(dict.fromkeys(one.note for one in sides if one.note))
    return Reported(sum(s.value for s in sides) / n, sum(s.se for s in sides) / n, notes)
