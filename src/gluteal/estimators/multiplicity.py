"""Adjust p values for the number of questions asked."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan


def _ranked(p: Sequence[float]) -> tuple[list[int], list[float]]:
    """Return the places of the p values that are there, smallest p first, and those values."""
    if any(value < 0 or value > 1 for value in p):
        raise ValueError("a p value lies between 0 and 1")
    places = sorted((i for i, value in enumerate(p) if not isnan(value)), key=lambda i: p[i])
    return places, [p[i] for i in places]


def _replaced(n: int, places: list[int], values: list[float]) -> list[float]:
    adjusted = [nan] * n
    for place, value in zip(places, values, strict=True):
        adjusted[place] = min(1.0, value)
    return adjusted


def adjust_holm(p: Sequence[float]) -> list[float]:
    """Adjust a family of p values by Holm's step-down rule (family-wise error).

    Parameters
    ----------
    p : sequence of float, length m
        NaN stays NaN and does not count.

    Returns
    -------
    list of float, length m
        In the order given.

    References
    ----------
    Holm 1979, https://www.jstor.org/stable/4615733.

    Examples
    --------
    >>> adjust_holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    places, values = _ranked(p)
    m, most = len(values), 0.0
    for i, value in enumerate(values):
        most = max(most, (m - i) * value)
        values[i] = most
    return _replaced(len(p), places, values)


def adjust_fdr(p: Sequence[float]) -> list[float]:
    """Adjust a family of p values by Benjamini and Hochberg's rule (false discovery rate).

    Parameters
    ----------
    p : sequence of float, length m
        NaN stays NaN and does not count.

    Returns
    -------
    list of float, length m
        In the order given.

    References
    ----------
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> adjust_fdr([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    places, values = _ranked(p)
    m, least = len(values), 1.0
    for i in range(m - 1, -1, -1):
        least = min(least, values[i] * m / (i + 1))
        values[i] = least
    return _replaced(len(p), places, values)
