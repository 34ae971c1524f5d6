"""Numbers that say how far a fitted model may be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats


def moments(values: ArrayLike) -> tuple[float, float]:
    """Return skewness and excess kurtosis (both 0 for a normal distribution).

    Examples
    --------
    >>> tuple(round(float(v), 3) for v in moments([1, 2, 3, 10]))
    (1.018, -0.77)
    """
    v = np.asarray(values, dtype=float)
    v = v - v.mean()
    spread = float((v**2).mean())
    if spread == 0:
        return float("nan"), float("nan")
    return float((v**3).mean() / spread**1.5), float((v**4).mean() / spread**2 - 3)


def smd(x: ArrayLike, y: ArrayLike) -> float:
    """Return the standardised mean difference by the average of both variances.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    sd = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    gap = float(a.mean() - b.mean())
    if sd == 0:
        return 0.0 if gap == 0 else float("inf")
    return gap / sd


def inflation(x: Floats, columns: Sequence[int]) -> float:
    """Return the (generalised) variance inflation factor of columns of a design.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Design with its intercept in column 0.
    columns : sequence of int
        One column, or all dummies of one variable.

    Returns
    -------
    float
        1 where the columns are unrelated to the others; per degree of freedom,
        GVIF^(1/df).

    References
    ----------
    Fox and Monette 1992, doi:10.1080/01621459.1992.10475190.
    """
    rest = [j for j in range(1, x.shape[1]) if j not in columns]
    if not rest:
        return 1.0
    r = np.atleast_2d(np.corrcoef(x[:, 1:], rowvar=False))
    own, other = [j - 1 for j in columns], [j - 1 for j in rest]
    a = np.linalg.det(r[np.ix_(own, own)]) * np.linalg.det(r[np.ix_(other, other)])
    return float((a / np.linalg.det(r)) ** (1 / len(own)))


def share_at(values: ArrayLike, bound: float | None) -> float:
    """Return the share of values that sit at a bound of their scale."""
    v = np.asarray(values, dtype=float)
    return float((v == bound).mean()) if bound is not None and len(v) else 0.0
