"""Unequal time between waves: a lag matrix that follows from that of one unit of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.sem.specification import Derived

EQUAL_ROOTS = 1e-8


def power_of_lags(labels: tuple[str, ...], time: float) -> Derived:
    """Derive the lags over ``time`` from those over one unit, labelled a, b, c and d.

    A process in continuous time with drift matrix D has the lag matrix expm(D t) over a time t:
    the unit lag matrix to the power t. Whole powers exist always; others only where the unit lag
    matrix has no negative root, and the result is NaN elsewhere.

    Parameters
    ----------
    labels : tuple of str
        Names of the four derived lags: first on first, first on second, second on first, second
        on second.
    time : float
        Units of time.

    References
    ----------
    Voelkle, Oud, Davidov and Schmidt 2012, doi:10.1037/a0027543.

    Examples
    --------
    >>> twice = power_of_lags(("a_2", "b_2", "c_2", "d_2"), 2.0)
    >>> twice.function(np.array([0.5, 0.0, 0.2, 0.3])).round(2)
    array([0.25, 0.  , 0.16, 0.09])
    """

    def function(values: NDArray[np.inexact]) -> NDArray[np.inexact]:
        return matrix_power(values, time)

    return Derived(labels, ("a", "b", "c", "d"), function)


def matrix_power(values: NDArray[np.inexact], time: float) -> NDArray[np.inexact]:
    """Raise a matrix of two rows, given row by row, to a positive power (Sylvester's formula).

    Analytic in its elements, so that a complex step through it gives exact derivatives.
    """
    whole = np.reshape(values, (2, 2))
    if float(time).is_integer():
        return np.linalg.matrix_power(whole, int(time)).ravel()
    middle = (whole[0, 0] + whole[1, 1]) / 2
    square = (whole[0, 0] - whole[1, 1]) ** 2 / 4 + whole[0, 1] * whole[1, 0]
    size = max(abs(middle) ** 2, abs(square), 1e-300)
    if abs(square) < EQUAL_ROOTS * size:  # both roots alike
        slope = time * middle ** (time - 1)
        level = middle**time if np.real(middle) > 0 else np.nan * middle
    elif np.real(square) > 0:
        root = np.sqrt(square)
        high, low = middle + root, middle - root
        if np.real(low) <= 0:
            return np.full(4, np.nan) * values
        slope = (high**time - low**time) / (high - low)
        level = (high**time + low**time) / 2
    else:
        root = np.sqrt(-square)
        radius = np.sqrt(middle**2 - square)
        angle = np.arccos(middle / radius)
        slope = radius**time * np.sin(time * angle) / root
        level = radius**time * np.cos(time * angle)
    return (level * np.eye(2) + slope * (whole - middle * np.eye(2))).ravel()
