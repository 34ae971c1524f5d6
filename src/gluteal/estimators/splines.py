"""Restricted cubic splines: a curve that bends between its knots and is straight beyond them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats

OUTER = {3: 0.10, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}


def place_knots(x: ArrayLike, knots: int = 4) -> Floats:
    """Place knots at quantiles of the observed values.

    As ``Hmisc::rcspline.eval``: equally spaced quantiles between 5 and 95 % (10 and 90 % for
    three knots); below 100 values the outer knots are the fifth smallest and largest value.

    Parameters
    ----------
    x : array_like, shape (n,)
        Values, missing ones removed.
    knots : int
        3 to 7.

    Returns
    -------
    ndarray
        Knots in order, without repeats: heavily tied values give fewer than asked.

    References
    ----------
    Harrell 2015, Regression Modeling Strategies, 2.4.6, doi:10.1007/978-3-319-19425-7.

    Examples
    --------
    >>> place_knots(np.arange(101.0), 3)
    array([10., 50., 90.])
    """
    values = np.sort(np.asarray(x, dtype=float))
    outer = OUTER[knots]
    placed = np.quantile(values, np.linspace(outer, 1 - outer, knots))
    if 10 <= len(values) < 100:
        placed[0], placed[-1] = values[4], values[-5]
    return np.unique(placed)


def spline_basis(x: ArrayLike, knots: ArrayLike) -> Floats:
    """Return the columns of a restricted cubic spline, the first one linear.

    Parameters
    ----------
    x : array_like, shape (n,)
    knots : array_like, shape (k,)
        At least three, in order.

    Returns
    -------
    ndarray, shape (n, k - 1)
        Divided by the squared distance of the outer knots (``norm=2``), so that all columns have
        the unit of ``x``.

    References
    ----------
    Devlin and Weeks 1986; Harrell 2015, doi:10.1007/978-3-319-19425-7.

    Examples
    --------
    >>> spline_basis([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0]).round(3)
    array([[0.  , 0.  ],
           [1.  , 0.25],
           [2.  , 1.5 ],
           [3.  , 3.  ]])
    """
    values, t = np.asarray(x, dtype=float), np.asarray(knots, dtype=float)
    if len(t) < 3 or not np.all(np.diff(t) > 0):
        raise ValueError("a restricted cubic spline needs three or more rising knots")
    cube = np.clip(values[:, None] - t[None, :], 0, None) ** 3
    last = t[-1] - t[-2]
    inner = t[:-2]
    bends = (
        cube[:, :-2]
        - cube[:, [-2]] * (t[-1] - inner) / last
        + cube[:, [-1]] * (t[-2] - inner) / last
    )
    return np.column_stack([values, bends / (t[-1] - t[0]) ** 2])
