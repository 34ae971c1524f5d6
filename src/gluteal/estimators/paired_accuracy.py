"""Two yes-or-no tests of the same people: by how much one finds more, and alarms more."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, t_quantile, z_quantile


@dataclass(frozen=True, slots=True)
class PairedAccuracy:
    """Differences of two tests, first less second.

    ``p_sensitivity`` and ``p_specificity`` are McNemar's exact tests, or with clusters those of
    the linearised differences. ``discordant`` counts, among the positive and the negative by the
    reference, units positive by the first test only and by the second only.
    """

    sensitivity: Interval
    specificity: Interval
    youden: Interval
    p_sensitivity: float
    p_specificity: float
    p_youden: float
    discordant: tuple[tuple[int, int], tuple[int, int]]
    units: int
    people: int
    warnings: tuple[str, ...] = ()


def compare_tests(
    first: ArrayLike,
    second: ArrayLike,
    reference: ArrayLike,
    person: ArrayLike | None = None,
    level: float = 0.95,
) -> PairedAccuracy:
    """Compare sensitivity, specificity and Youden's J of two tests given to the same units.

    Parameters
    ----------
    first, second, reference : array_like, shape (n,)
        0 or 1, one value a leg or a person; units missing any of the three are left out.
    person : array_like, shape (n,), optional
        Who the leg belongs to; variances are then those of ratios of sums over people.
    level : float

    Returns
    -------
    PairedAccuracy
        Without clusters, differences of sensitivity and specificity have Agresti and Min's
        interval (half a unit added to each cell of the paired table), which stays of use where
        the tests hardly differ; with clusters t intervals of people - 1 degrees of freedom.

    Raises
    ------
    UserError
        For other codes, or a reference that is the same in all.

    References
    ----------
    McNemar 1947, doi:10.1007/BF02295996; Agresti and Min 2005, doi:10.1002/sim.1781; Genders et
    al. 2012, doi:10.1148/radiol.12120509.

    Examples
    --------
    >>> found = compare_tests([1, 1, 1, 0, 1, 0], [1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0])
    >>> found.sensitivity.value, found.specificity.value, found.p_sensitivity
    (0.5, -0.5, 0.5)
    """
    columns = [np.asarray(one, dtype=float) for one in (first, second, reference)]
    if len({one.shape for one in columns}) > 1 or columns[0].ndim != 1:
        raise UserError("both tests and the reference need one value for each unit")
    table = np.column_stack(columns)
    kept = ~np.isnan(table).any(1)
    a, b, r = table[kept].T
    if not np.isin(table[kept], (0, 1)).all():
        raise UserError("both tests and the reference must be 0 or 1")
    if not r.size or r.min() == r.max():
        seen = f"{r[0]:g} in all {r.size} units" if r.size else "missing with one of the tests"
        raise UserError(f"the reference is {seen}: accuracy needs both")
    who, people = (np.arange(r.size), r.size)
    if person is not None:
        who, people = as_groups(np.asarray(person)[kept], r.size)
        if people < 2:
            raise UserError("all units belong to one person: the error cannot be estimated")
    sides = (r == 1, r == 0)
    only = [(int((a[s] > b[s]).sum()), int((b[s] > a[s]).sum())) for s in sides]
    gains = [np.where(sides[0], a - b, 0.0), np.where(sides[1], b - a, 0.0)]
    values = [float(gain.sum() / side.sum()) for gain, side in zip(gains, sides, strict=True)]
    # What each person adds to each difference, to first order.
    pull = np.column_stack(
        [
            np.bincount(who, gain - value * side, people) / side.sum()
            for gain, value, side in zip(gains, values, sides, strict=True)
        ]
    )
    covariance = pull.T @ pull * (people / (people - 1))
    errors = [sqrt(float(covariance[k, k])) for k in range(2)]
    j_error = sqrt(max(float(covariance.sum()), 0.0))
    youden = _wald(sum(values), j_error, people, level)
    if person is None:
        found = [
            _agresti_min(*pair, int(side.sum()), level, flip)
            for pair, side, flip in zip(only, sides, (False, True), strict=True)
        ]
        p = [_mcnemar(*pair) for pair in only]
    else:
        found = [_wald(v, e, people, level) for v, e in zip(values, errors, strict=True)]
        p = [_p(v, e, people) for v, e in zip(values, errors, strict=True)]
    warnings = tuple(
        f"both tests agree in all {name} units: the difference has no error"
        for name, pair in zip(("positive", "negative"), only, strict=True)
        if sum(pair) == 0
    )
    return PairedAccuracy(
        found[0],
        found[1],
        youden,
        p[0],
        p[1],
        _p(sum(values), j_error, people),
        (only[0], only[1]),
        int(r.size),
        people,
        warnings,
    )


def _wald(value: float, se: float, people: int, level: float) -> Interval:
    if se == 0:
        return Interval(value, nan, nan, se, people - 1)
    half = t_quantile(level, people - 1) * se
    return Interval(value, max(value - half, -2.0), min(value + half, 2.0), se, people - 1)


def _p(value: float, se: float, people: int) -> float:
    from scipy.special import stdtr

    return 2 * float(stdtr(people - 1, -abs(value) / se)) if se > 0 else nan


def _agresti_min(up: int, down: int, n: int, level: float, flip: bool) -> Interval:
    """Put an interval around (up - down) / n; ``flip`` for its negative (false positives)."""
    sign = -1 if flip else 1
    value = sign * (up - down) / n
    se = sqrt(max(up + down - (up - down) ** 2 / n, 0.0)) / n
    total, b, c = n + 2, up + 0.5, down + 0.5
    middle = sign * (b - c) / total
    half = z_quantile(level) * sqrt(b + c - (b - c) ** 2 / total) / total
    return Interval(value, max(middle - half, -1.0), min(middle + half, 1.0), se)


def _mcnemar(up: int, down: int) -> float:
    """Test exactly that a discordant unit is as likely of the one kind as of the other."""
    from scipy.special import bdtr

    n = up + down
    return min(1.0, 2 * float(bdtr(min(up, down), n, 0.5))) if n else 1.0
