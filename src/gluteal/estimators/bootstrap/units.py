"""What is resampled: rows, or clusters of rows, within strata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

FEW = 20


@dataclass(frozen=True, slots=True)
class Units:
    """Rows by the unit that is drawn; units are numbered stratum by stratum.

    Attributes
    ----------
    of_row : ndarray of int, shape (n,), or None
        Unit of each row; None where each row is its own unit, in the order of the rows.
    sizes : tuple of int
        Units of each stratum; one number without strata.
    warnings : tuple of str
        Few clusters, strata of one unit.
    """

    of_row: NDArray[np.intp] | None
    sizes: tuple[int, ...]
    warnings: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of units."""
        return sum(self.sizes)

    def sum_rows(self, values: Floats) -> Floats:
        """Sum the rows of each unit: shape (n,) or (n, k) becomes (units,) or (units, k)."""
        if self.of_row is None:
            return values
        if values.ndim == 1:
            summed = np.bincount(self.of_row, values, minlength=self.count)
            return summed.astype(np.float64, copy=False)
        columns = [self.sum_rows(values[:, j]) for j in range(values.shape[1])]
        return np.column_stack(columns)


def as_units(n: int, cluster: ArrayLike | None = None, strata: ArrayLike | None = None) -> Units:
    """Give the units of a bootstrap their numbers.

    Parameters
    ----------
    n : int
        Rows.
    cluster : array_like, shape (n,), optional
        Who each row belongs to; whole clusters are drawn. Without it each row is a unit.
    strata : array_like, shape (n,), optional
        Stratum of each row; as many units are drawn from each stratum as it has.

    Raises
    ------
    UserError
        If a row has no cluster or stratum, a cluster lies in two strata, or fewer than two units
        could be drawn.

    Examples
    --------
    >>> as_units(4, cluster=["b", "b", "a", "c"], strata=[1, 1, 1, 0]).of_row
    array([2, 2, 1, 0])
    """
    what = "row" if cluster is None else "cluster"
    code: NDArray[np.intp] | None = None
    count = n
    if cluster is not None:
        code, count = as_groups(cluster, n, "cluster")
    if count < 2:
        raise UserError(f"a bootstrap needs at least 2 {what}s to draw from, found {count}")
    sizes: tuple[int, ...] = (count,)
    said: list[str] = []
    if strata is not None:
        which, strata_count = as_groups(strata, n, "stratum")
        own = which
        if code is not None:
            own = np.zeros(count, dtype=np.intp)
            own[code] = which
            if torn := np.unique(code[own[code] != which]).size:
                raise UserError(f"{torn} clusters lie in more than one stratum")
        order = np.argsort(own, kind="stable")
        place = np.empty(count, dtype=np.intp)
        place[order] = np.arange(count)
        code = place if code is None else place[code]
        found = np.bincount(own, minlength=strata_count)
        sizes = tuple(int(size) for size in found)
        if alone := int((found == 1).sum()):
            said.append(f"{alone} strata hold a single {what}, which is in every resample")
        if alone == strata_count:
            raise UserError(f"each stratum holds a single {what}: nothing can be resampled")
    if cluster is not None and count < FEW:
        said.append(f"only {count} clusters: bootstrap intervals are too narrow")
    if code is not None and code.size == count and (code == np.arange(count)).all():
        code = None
    return Units(code, sizes, tuple(said))
