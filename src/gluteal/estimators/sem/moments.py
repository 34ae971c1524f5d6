"""What the likelihood needs of the data: people, means and covariances by pattern of missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import dependent_columns
from gluteal.estimators.sem.roots import scaled_root

MOST_PACKED, SPARSE, DOUBTFUL = 62, 1e-9, 1e-16
PLAIN = 1e6  # squared norm of an inverse root: the smallest root is above its inverse


@dataclass(frozen=True)
class Pattern:
    """People with the same variables seen, possibly in several resamples side by side.

    Attributes
    ----------
    seen : ndarray of int, shape (o,)
    n : ndarray, shape (b,)
        People in each resample.
    mean, cov : ndarray, shapes (b, o) and (b, o, o)
        With divisor n.
    rows : ndarray of int or slice
        Which rows of the data they are.
    """

    seen: NDArray[np.intp]
    n: Floats
    mean: Floats
    cov: Floats
    rows: NDArray[np.intp] | slice


@dataclass(frozen=True)
class Moments:
    """The data of a fit: rows with at least one value, and their patterns."""

    data: Floats
    names: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    dropped: int = 0

    @property
    def n(self) -> int:
        """People."""
        return len(self.data)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return len(self.patterns) == 1 and self.patterns[0].seen.size == self.data.shape[1]


def describe(data: Floats, seen: NDArray[np.intp], rows: NDArray[np.intp] | slice) -> Pattern:
    """Summarise people of one pattern."""
    block = data[rows]
    if seen.size < data.shape[1]:
        block = block[:, seen]
    mean = np.ones(len(block)) @ block / len(block)
    apart = block - mean
    cov = (apart.T @ apart) / len(block)
    return Pattern(seen, np.array([float(len(block))]), mean[None], cov[None], rows)


def collect(
    data: ArrayLike, names: tuple[str, ...], *, x: tuple[str, ...] = (), listwise: bool = False
) -> Moments:
    """Check data and sort people by what was seen of them.

    Parameters
    ----------
    data : array_like, shape (n, p)
        NaN where missing.
    names : tuple of str
        Of the columns.
    x : tuple of str
        Covariates that are not modelled: people who lack one can't be used.
    listwise : bool
        Use people with all values only.

    Raises
    ------
    UserError
        Naming columns that are infinite, empty, constant or collinear, or too few people.
    """
    table = np.ascontiguousarray(data, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(names):
        raise UserError(f"data of shape {table.shape} do not fit {len(names)} names")
    if table.size and np.isfinite(table.sum()):
        found = Moments(table, names, (describe(table, np.arange(table.shape[1]), slice(None)),))
        _refuse(found)
        return found
    gone = np.isnan(table)
    faults: list[str] = []
    if np.isinf(table).any():
        infinite = np.isinf(table).any(0)
        faults += [f"{names[j]} is infinite somewhere" for j in np.flatnonzero(infinite)]
    lost = gone.any(1) if listwise else gone.all(1)
    lost |= gone[:, [k for k, name in enumerate(names) if name in x]].any(1)
    dropped = int(lost.sum())
    if dropped:
        table, gone = table[~lost], gone[~lost]
    n, p = table.shape
    if n == 0 or gone.all(0).any():
        empty = [names[j] for j in np.flatnonzero(gone.all(0))] if n else list(names)
        raise UserError("; ".join([*faults, f"{', '.join(empty)}: no value is left to use"]))
    if faults:
        raise UserError("; ".join(faults))
    whole = (describe(table, np.arange(p), slice(None)),)
    found = Moments(table, names, tuple(_patterns(table, gone)) if gone.any() else whole, dropped)
    _refuse(found)
    return found


def _patterns(table: Floats, gone: NDArray[np.bool_]) -> list[Pattern]:
    p = table.shape[1]
    if p <= MOST_PACKED:
        codes = (~gone) @ (1 << np.arange(p, dtype=np.int64))
        kinds, which = np.unique(codes, return_inverse=True)
        masks = ((kinds[:, None] >> np.arange(p)) & 1).astype(bool)
    else:
        masks, which = np.unique(~gone, axis=0, return_inverse=True)
        which = which.ravel()
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(masks)))
    groups = np.split(order, ends[:-1])
    return [describe(table, np.flatnonzero(m), r) for m, r in zip(masks, groups, strict=True)]


def _refuse(moments: Moments) -> None:
    """Raise where no covariance matrix can be had: constant, collinear, too few people."""
    table, names = moments.data, moments.names
    n, p = table.shape
    first = moments.patterns[0]
    faults: list[str] = []
    # The range decides; for complete data it is looked at only where the variance is in doubt.
    doubtful = np.arange(p)
    if moments.complete:
        doubtful = np.flatnonzero(first.cov[0].diagonal() <= DOUBTFUL * first.mean[0] ** 2)
    for j in doubtful:
        low, high = float(np.nanmin(table[:, j])), float(np.nanmax(table[:, j]))
        if high - low <= 1e-12 * max(abs(low), abs(high)):
            faults.append(f"{names[j]} does not vary")
    if n <= p:
        faults.append(f"{n} people are too few for {p} variables")
    if not faults and moments.complete:
        cov = first.cov[0]
        if (found := scaled_root(cov)) and (found[0] ** 2).sum() < PLAIN:
            return
        scale = np.sqrt(np.diag(cov))
        corr = cov / np.outer(scale, scale)
        if float(np.linalg.eigvalsh(corr)[0]) < 1e-9:
            root = table - first.mean
            said = "is a combination of the columns before it"
            found = [f"{names[j]} {said}" for j in dependent_columns(root / scale)]
            faults += found or ["some columns are nearly combinations of others"]
    if faults:
        raise UserError("; ".join(faults))


def saturate(moments: Moments, limit: int = 500, tolerance: float = 1e-4) -> tuple[Floats, Floats]:
    """Estimate the unrestricted mean and covariance by EM, from patterns and not from people.

    Returns
    -------
    mean, cov : ndarray, shapes (p,) and (p, p)
        Exact for complete data; otherwise near the maximum, for a Newton search to finish.

    References
    ----------
    Dempster, Laird and Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x.
    """
    p = moments.data.shape[1]
    if moments.complete:
        return moments.patterns[0].mean[0], moments.patterns[0].cov[0]
    mean, cov = np.nanmean(moments.data, axis=0), np.diag(np.nanvar(moments.data, axis=0))
    for _ in range(limit):
        first, second = np.zeros(p), np.zeros((p, p))
        for part in moments.patterns:
            o, n = part.seen, float(part.n[0])
            slope = np.linalg.solve(cov[np.ix_(o, o)], cov[o])
            gap = part.mean[0] - mean[o]
            first += n * (gap @ slope)
            spread = part.cov[0] + np.outer(gap, gap) - cov[np.ix_(o, o)]
            second += n * (slope.T @ spread @ slope)
        shift = first / moments.n
        new = cov + second / moments.n - np.outer(shift, shift)
        change = (
            np.abs(new - cov).max() / np.abs(new).max()
            + np.abs(shift / np.sqrt(np.diag(new))).max()
        )
        mean, cov = mean + shift, (new + new.T) / 2
        refuse_sparse(cov, moments.names)
        if change < tolerance:
            break
    return mean, cov


def refuse_sparse(cov: Floats, names: tuple[str, ...]) -> None:
    """Raise where the unrestricted covariance runs to a singular one."""
    sd = np.sqrt(np.maximum(np.diag(cov), 1e-300))
    corr = cov / np.outer(sd, sd)
    if not (np.isfinite(corr).all() and float(np.linalg.eigvalsh(corr)[0]) > SPARSE):
        said = "too few people have {} together: their covariances can't be estimated"
        raise UserError(said.format(", ".join(names)))
