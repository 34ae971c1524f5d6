"""Lin's concordance correlation: how close pairs lie to the line of equality."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, nan, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.agreement import as_pairs
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, t_quantile, z_quantile


@dataclass(frozen=True, slots=True)
class Concordance:
    """Lin's coefficient and its parts: ``ccc`` = ``precision`` x ``accuracy``.

    ``precision`` is Pearson's r; ``accuracy`` the bias correction, 1 without any; ``scale_shift``
    the ratio of standard deviations, second over first; ``location_shift`` the difference of
    means, second less first, over their geometric mean.
    """

    ccc: Interval
    precision: float
    accuracy: float
    scale_shift: float
    location_shift: float
    n: int
    people: int
    warnings: tuple[str, ...] = ()


def concordance_correlation(
    first: ArrayLike, second: ArrayLike, person: ArrayLike | None = None, level: float = 0.95
) -> Concordance:
    """Estimate the concordance correlation of pairs.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same unit; pairs with a missing member are left out.
    person : array_like, shape (n,), optional
        Who the pair belongs to; the standard error is then that of linearised sums over people,
        and the interval has t with people - 1 degrees of freedom.
    level : float

    Returns
    -------
    Concordance
        Interval on Fisher's z scale. It depends on how much people differ: compare it between
        samples of like spread only.

    Raises
    ------
    UserError
        With fewer than three pairs, or values of one method that do not vary.

    References
    ----------
    Lin 1989, doi:10.2307/2532051, corrected 2000, Biometrics 56:324-325. Equal to R's
    ``epiR::epi.ccc``.

    Examples
    --------
    >>> round(concordance_correlation([1, 2, 3, 4], [1.1, 2.3, 2.9, 4.2]).ccc.value, 4)
    0.9851
    """
    a, b = as_pairs(first, second)
    n = a.size
    x, y = a - a.mean(), b - b.mean()
    va, vb, cov = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), 1e-300)
    if min(va, vb) <= (1e-14 * scale) ** 2:
        raise UserError("the values of one method do not vary: concordance is undefined")
    shift = float(b.mean() - a.mean())
    bottom = va + vb + shift**2
    ccc, r = 2 * cov / bottom, cov / sqrt(va * vb)
    u = shift / (va * vb) ** 0.25
    people, times = n, z_quantile(level)
    if person is None:
        # Lin's variance, written without dividing by r, which may be 0.
        ratio = 2 * sqrt(va * vb) / bottom  # ccc / r
        inner = (
            (1 - r**2) * ratio**2 * (1 - ccc**2)
            + 2 * ccc**2 * ratio * (1 - ccc) * u**2
            - 0.5 * ccc**2 * ratio**2 * u**4
        )
        se = sqrt(max(inner, 0.0) / (n - 2))
    else:
        kept = np.isfinite(np.asarray(first, dtype=float)) & np.isfinite(
            np.asarray(second, dtype=float)
        )
        who, people = as_groups(np.asarray(person)[kept], n)
        if people < 2:
            raise UserError("all pairs belong to one person: the error cannot be estimated")
        # What one pair adds to 2 cov / bottom, to first order.
        pull = (2 * x * y - ccc * (x**2 + y**2 + shift**2 + 2 * shift * (y - x))) / bottom
        sums = np.bincount(who, pull - pull.mean())
        se = sqrt(float(sums @ sums) * people / (people - 1)) / n
        times = t_quantile(level, people - 1)
    warnings: tuple[str, ...] = ()
    if abs(ccc) > 1 - 1e-12:
        interval, warnings = Interval(ccc, nan, nan), ("all pairs are equal: no interval",)
    else:
        middle, half = atanh(ccc), times * se / (1 - ccc**2)
        interval = Interval(ccc, tanh(middle - half), tanh(middle + half), se)
    return Concordance(interval, r, ccc / r if r else nan, sqrt(vb / va), u, n, people, warnings)
