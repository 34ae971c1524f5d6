"""Effects as sums of products of coefficients: their values, and their delta-method variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from gluteal.estimators.inference import Floats

Place = tuple[int, int]
"""Equation, and position of the coefficient in it (0 is the constant)."""
Term = tuple[float, tuple[Place, ...]]
"""A number times a product of coefficients."""
Polynomial = tuple[Term, ...]


def times(left: Polynomial, right: Polynomial) -> Polynomial:
    """Multiply two sums of products.

    Examples
    --------
    >>> slope, weight = ((1.0, ((0, 1),)),), ((1.0, ((1, 2),)), (2.0, ((1, 3),)))
    >>> times(slope, weight)
    ((1.0, ((0, 1), (1, 2))), (2.0, ((0, 1), (1, 3))))
    """
    return tuple((f * g, p + q) for f, p in left for g, q in right)


def evaluate(effects: Mapping[str, Polynomial], coef: Sequence[Floats]) -> Floats:
    """Compute every effect in every resample.

    Parameters
    ----------
    effects : mapping of name to sum of products, length k
    coef : sequence of ndarray, each shape (resamples, coefficients)
        One per equation.

    Returns
    -------
    ndarray, shape (resamples, k)
    """
    out = np.zeros((len(coef[0]), len(effects)))
    for j, terms in enumerate(effects.values()):
        for factor, places in terms:
            value = factor
            for equation, position in places:
                value = value * coef[equation][:, position]
            out[:, j] += value
    return out


def gradient(effects: Mapping[str, Polynomial], coef: Sequence[Floats]) -> Floats:
    """Differentiate every effect by every coefficient, at one set of coefficients.

    Parameters
    ----------
    coef : sequence of ndarray, each shape (coefficients,)

    Returns
    -------
    ndarray, shape (k, all coefficients)
        Coefficients of the equations one after the other.
    """
    starts = np.cumsum([0, *(len(one) for one in coef)])
    out = np.zeros((len(effects), int(starts[-1])))
    for j, terms in enumerate(effects.values()):
        for factor, places in terms:
            values = [float(coef[e][k]) for e, k in places]
            for i, (e, k) in enumerate(places):
                out[j, starts[e] + k] += factor * prod(values[:i]) * prod(values[i + 1 :])
    return out
