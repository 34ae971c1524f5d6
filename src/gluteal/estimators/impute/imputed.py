"""What imputation returns: the cells imputed, once for each imputation, and how the chains went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
MOST_R_HAT = 1.2
LEAST_CYCLES = 4


@dataclass(frozen=True, slots=True)
class Imputed:
    """Multiply imputed data; only the imputed cells are kept more than once.

    Attributes
    ----------
    data : ndarray, shape (n, p)
        As given, with passive columns computed; NaN in the cells that are imputed.
    rows : tuple of ndarray of int
        For each column the rows imputed.
    cells : tuple of ndarray, each of shape (m, rows imputed)
        Their values in each imputation.
    missing : ndarray, shape (p,)
        Share of missing values.
    imputed : tuple of int
        Columns whose chains the traces follow, in the order of a cycle.
    trace_mean, trace_sd : ndarray, shape (columns imputed, cycles, m)
        Mean and standard deviation of what was imputed.
    r_hat : ndarray, shape (columns imputed,)
        Spread of the chain means over all chains against that within them; near 1 where they mix.
    m : int
    cycles : int
    converged : bool
        All columns could be imputed and no ``r_hat`` is above 1.2.
    warnings : tuple of str
        What must be looked at.
    events : tuple of str
        What was done: predictors dropped, recorded values overruled and the like.
    """

    data: Floats
    rows: tuple[Ints, ...]
    cells: tuple[Floats, ...]
    missing: Floats
    imputed: tuple[int, ...]
    trace_mean: Floats
    trace_sd: Floats
    r_hat: Floats
    m: int
    cycles: int
    converged: bool
    warnings: tuple[str, ...]
    events: tuple[str, ...]

    def completed(self, index: int) -> Floats:
        """Return one completed data set, shape (n, p)."""
        if not 0 <= index < self.m:
            raise IndexError(f"imputation {index} of {self.m}")
        out = self.data.copy()
        for j, (rows, cells) in enumerate(zip(self.rows, self.cells, strict=True)):
            out[rows, j] = cells[index]
        return out

    def __iter__(self) -> Iterator[Floats]:
        """Yield the completed data sets, one at a time."""
        return (self.completed(i) for i in range(self.m))

    def stacked(self) -> Floats:
        """Return all completed data sets, shape (m, n, p): m times the memory of the data."""
        return np.stack(list(self))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Return which cells are imputed, shape (n, p)."""
        found = np.zeros(self.data.shape, dtype=bool)
        for j, rows in enumerate(self.rows):
            found[rows, j] = True
        return found


def r_hat_of(trace: Floats) -> Floats:
    """Compare the spread of all chains with that within them, after the first cycle.

    Parameters
    ----------
    trace : ndarray, shape (k, cycles, m)

    Returns
    -------
    ndarray, shape (k,)
        NaN where fewer than 4 cycles or 2 chains leave nothing to compare.

    References
    ----------
    Gelman and Rubin 1992, doi:10.1214/ss/1177011136; van Buuren 2018, 6.5.2,
    doi:10.1201/9780429492259.
    """
    k, cycles, m = trace.shape
    if cycles < LEAST_CYCLES or m < 2:
        return np.full(k, np.nan)
    kept = trace[:, 1:, :]
    length = cycles - 1
    within = kept.var(1, ddof=1).mean(1)
    between = kept.mean(1).var(1, ddof=1)
    total = (length - 1) / length * within + between
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt(total / within)
    return np.where(total <= 1e-24, 1.0, found)
