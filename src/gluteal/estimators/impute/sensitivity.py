"""Sensitivity of an answer to values that are missing not at random: delta adjustment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.impute.chained import impute_chained
from gluteal.estimators.impute.columns import Column, as_columns, name_of
from gluteal.estimators.impute.rubin import pool
from gluteal.estimators.inference import Estimate, Floats


@dataclass(frozen=True, slots=True)
class Tipping:
    """One answer for each delta.

    Attributes
    ----------
    deltas : ndarray, shape (k,)
        In order; what was added to imputed values, on the column's scale or in log odds.
    estimates : tuple of Estimate
        Pooled answers.
    fmi : ndarray, shape (k,)
        Fraction of missing information of each.
    tips : ndarray
        Deltas at which the interval begins or ceases to contain ``null``, by linear interpolation
        between its neighbours; empty where it never does.
    null : float
    warnings : tuple of str
        Of all imputations.
    """

    deltas: Floats
    estimates: tuple[Estimate, ...]
    fmi: Floats
    tips: Floats
    null: float
    warnings: tuple[str, ...]


def find_tipping_point(
    data: ArrayLike,
    column: int,
    deltas: Sequence[float],
    analyse: Callable[[Floats], Estimate],
    columns: Sequence[Column] | None = None,
    *,
    seed: int,
    among: ArrayLike | None = None,
    null: float = 0.0,
    level: float = 0.95,
    **settings: Any,
) -> Tipping:
    """Impute under a range of deltas and find those at which the conclusion changes.

    All deltas share their random numbers, so that answers differ by delta alone.

    Parameters
    ----------
    data : array_like, shape (n, p)
    column : int
        Whose missing values differ from what was predicted.
    deltas : sequence of float
        What is added to them; 0 is missing at random.
    analyse : callable
        Of one completed data set; returns its ``Estimate``, on a scale on which it is near normal.
    columns : sequence of Column, optional
        As for ``impute_chained``.
    seed : int
    among : array_like of bool, shape (n,), optional
        Rows that delta applies to: one group only, such as the people in the exposed group.
    null : float
        Value whose place in or outside the interval is the conclusion.
    level : float
    **settings
        Further arguments of ``impute_chained``.

    Returns
    -------
    Tipping

    Raises
    ------
    UserError
        If there is nothing missing in the column among those rows, or fewer than two deltas.

    References
    ----------
    van Buuren, Boshuizen and Knook 1999; Cro, Morris, Kenward and Carpenter 2020,
    doi:10.1002/sim.8569.

    Examples
    --------
    >>> from gluteal.estimators.linear import fit_linear
    >>> rng = np.random.default_rng(1)
    >>> x = np.repeat([0.0, 1.0], 30)
    >>> y = 1.5 * x + rng.normal(size=60)
    >>> y[::4] = np.nan
    >>> def slope(table):
    ...     design = np.column_stack([np.ones(60), table[:, 1]])
    ...     return fit_linear(design, table[:, 0], "classical").coefficient(1)
    >>> found = find_tipping_point(
    ...     np.column_stack([y, x]), 0, [0, -2, -4], slope, seed=1, among=x == 1, m=5, cycles=1
    ... )
    >>> [one.low > 0 for one in found.estimates]
    [False, True, True]
    """
    values, known = as_columns(data, columns)
    grid = np.unique(np.asarray(deltas, dtype=float))
    chosen = np.ones(len(values), dtype=bool) if among is None else np.asarray(among, dtype=bool)
    if chosen.shape != (len(values),):
        raise ValueError(f"among needs one value for each of {len(values)} rows")
    if grid.size < 2 or not np.isfinite(grid).all():
        raise UserError("a tipping point needs at least two finite deltas")
    if not np.isnan(values[chosen, column]).any():
        raise UserError(
            f"column {name_of(known, column)} has no missing value that delta could move"
        )
    found: list[Estimate] = []
    fmi: list[float] = []
    said: dict[str, None] = {}
    for delta in grid:
        shifted = list(known)
        shifted[column] = replace(known[column], delta=np.where(chosen, delta, 0.0))
        imputed = impute_chained(values, shifted, seed=seed, **settings)
        said |= dict.fromkeys(imputed.warnings)
        answers = [analyse(table) for table in imputed]
        pooled = pool(
            [one.estimate for one in answers],
            [one.se**2 for one in answers],
            float(np.mean([one.df for one in answers])),
        )
        found.append(pooled.estimate(0, level))
        fmi.append(float(pooled.fmi[0]))
    return Tipping(grid, tuple(found), np.array(fmi), _tips(grid, found, null), null, tuple(said))


def _tips(deltas: Floats, found: Sequence[Estimate], null: float) -> Floats:
    """Find where a bound of the interval passes ``null``."""
    tips: list[float] = []
    for bound in (
        np.array([one.low - null for one in found]),
        np.array([one.high - null for one in found]),
    ):
        for i in np.flatnonzero(np.sign(bound[1:]) != np.sign(bound[:-1])):
            share = bound[i] / (bound[i] - bound[i + 1])
            tips.append(float(deltas[i] + share * (deltas[i + 1] - deltas[i])))
    return np.unique(tips)
