"""Cross-products of columns, one set per unit that is resampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.units import Units, as_units
from gluteal.estimators.inference import Floats

MOST_NAMED, MOST_COLUMNS = 5, 200
ROUNDING, LARGEST = 1e-13, 1e50


@dataclass(frozen=True, slots=True)
class Moments:
    """Cross-products of a constant and all columns, centred and scaled, of every unit.

    Attributes
    ----------
    packed : ndarray, shape (q, units)
        q = (p+1)(p+2)/2 products: row ``place(i, j)`` holds those of i and j, where 0 is the
        constant and column c is c+1.
    centre, scale : ndarray, shape (p,)
        What was subtracted from each column, and by what it was divided then. So age in years
        beside torque in newton-metres loses no digits.
    units : Units
    rows : int
        Rows with weight.
    weight : float
        Sum of the weights; the number of rows without weights.
    """

    packed: Floats
    centre: Floats
    scale: Floats
    units: Units
    rows: int
    weight: float

    @property
    def total(self) -> Floats:
        """Cross-products of the whole sample, shape (q, 1)."""
        return self.packed.sum(1, keepdims=True)

    @property
    def left_out(self) -> Floats:
        """Cross-products without each unit in turn, shape (q, units)."""
        return self.total - self.packed


def place(i: int, j: int) -> int:
    """Row of ``Moments.packed`` with the products of ``i`` and ``j``."""
    low, high = (i, j) if i < j else (j, i)
    return high * (high + 1) // 2 + low


def take_moments(
    columns: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Moments:
    """Form the cross-products of every unit.

    Parameters
    ----------
    columns : array_like, shape (n, p)
        All outcomes and predictors, without a constant and without missing values.
    weights : array_like, shape (n,), optional
        Weights of the rows, such as inverse probabilities: not negative, not all zero.
    cluster, strata : array_like, shape (n,), optional
        See ``as_units``.
    names : sequence of str, optional
        Names of the columns, for messages.

    Raises
    ------
    UserError
        Naming all faults: missing or infinite values, columns without spread, weights.
    """
    x = np.asarray(columns, dtype=float)
    if x.ndim != 2 or not x.shape[1]:
        raise ValueError(f"columns must be a matrix, found the shape {x.shape}")
    n, p = x.shape
    if p > MOST_COLUMNS:
        raise UserError(f"{p} columns are too many for a bootstrap: at most {MOST_COLUMNS}")
    w = None if weights is None else np.asarray(weights, dtype=float)
    if w is not None and w.shape != (n,):
        raise ValueError(f"{n} rows need a weight each, found the shape {w.shape}")
    if faults := column_faults(x, w, names):
        raise UserError("; ".join(faults))
    units = as_units(n, cluster, strata)
    z = np.array(x.T, order="C")
    centre = z.mean(1) if w is None else z @ w / w.sum()
    z -= centre[:, None]
    scale = np.abs(z).max(1)
    z /= scale[:, None]
    spread = np.sqrt(np.einsum("ij,ij->i", z, z) / n)
    z /= spread[:, None]
    packed = _pack(z, w, units)
    rows = n if w is None else int((w > 0).sum())
    return Moments(packed, centre, scale * spread, units, rows, float(n if w is None else w.sum()))


def column_faults(
    x: Floats, weights: Floats | None = None, names: Sequence[str] | None = None
) -> list[str]:
    """Say what makes columns unfit for regressions on resamples; nothing where they are sound.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    weights : ndarray, shape (n,), optional
        Rows without weight need no spread.
    names : sequence of str, length p, optional
    """
    if not len(x):
        return ["there are no rows"]
    faults: list[str] = []
    used = slice(None)
    if weights is not None:
        used = weights > 0
        if not np.isfinite(weights).all() or (weights < 0).any() or not used.any():
            faults.append("weights must be finite, not negative and not all zero")
            used = slice(None)
    for j, name in enumerate(names or range(x.shape[1])):
        sick = np.flatnonzero(~np.isfinite(x[:, j]))
        seen = x[used, j]
        if sick.size:
            rows = ", ".join(str(i) for i in sick[:MOST_NAMED])
            more = f" and {sick.size - MOST_NAMED} more" if sick.size > MOST_NAMED else ""
            faults.append(f"column {name} is missing or infinite in row {rows}{more}")
        elif seen.size:
            low, high = float(seen.min()), float(seen.max())
            if high - low <= ROUNDING * max(abs(low), abs(high)):
                faults.append(f"column {name} has the same value in every row")
            elif max(abs(low), abs(high)) > LARGEST or high - low < 1 / LARGEST:
                faults.append(f"column {name} has values of {high:.3g}: take another unit")
    return faults


def _pack(z: Floats, w: Floats | None, units: Units) -> Floats:
    """Multiply all pairs of columns and sum the rows of each unit."""
    p, n = z.shape
    starts = None
    if units.of_row is not None:
        code = units.of_row
        if (np.diff(code) < 0).any():
            order = np.argsort(code, kind="stable")
            code, z = code[order], z[:, order]
            w = None if w is None else w[order]
        if units.count < n:
            starts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
    packed = np.empty(((p + 1) * (p + 2) // 2, units.count))
    one = np.ones(n) if w is None else w
    both = np.empty(n)
    for i in range(p + 1):
        left = one if i == 0 else (z[i - 1] if w is None else z[i - 1] * w)
        for j in range(i, p + 1):
            product = left
            if j:
                product = np.multiply(left, z[j - 1], out=both)
            row = packed[place(i, j)]
            if starts is None:
                row[:] = product
            else:
                np.add.reduceat(product, starts, out=row)
    return packed
