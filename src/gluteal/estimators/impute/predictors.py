"""Which columns predict which, and which of them cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.impute.columns import Column, name_of
from gluteal.estimators.impute.design import Layout
from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
LEAST_PIVOT = 1e-5
"""Share of a predictor's variation that those before it leave free; below it, it is dropped."""
HEAD, LEAST_PAIRS = 2000, 30
EQUAL = 0.99999
"""Correlation from which two columns count as one."""


def select_predictors(data: ArrayLike, least: float = 0.1) -> NDArray[np.bool_]:
    """Choose predictors that are correlated with a column or with whether it is observed.

    Parameters
    ----------
    data : array_like, shape (n, p)
        NaN where missing; categories as numbers.
    least : float
        Smallest absolute correlation.

    Returns
    -------
    ndarray of bool, shape (p, p)
        Row j: the predictors of column j; none where nothing is missing.

    References
    ----------
    van Buuren, Boshuizen and Knook 1999,
    doi:10.1002/(SICI)1097-0258(19990330)18:6<681::AID-SIM71>3.0.CO;2-R; ``mice::quickpred``.

    Examples
    --------
    >>> x = np.array([[1.0, 2, 5], [2, 4, 1], [3, np.nan, 1], [4, 8, 5]])
    >>> select_predictors(x, 0.5)
    array([[False, False, False],
           [ True, False,  True],
           [False, False, False]])
    """
    x = np.asarray(data, dtype=float)
    seen = ~np.isnan(x)
    values, there = pairwise_correlation(x, seen), _response_correlation(x, seen)
    found = np.maximum(np.abs(values), np.abs(there)) >= least
    np.fill_diagonal(found, False)
    found[seen.all(0)] = False
    return found


def pairwise_correlation(x: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Correlate columns over the rows in which both are observed; 0 where that cannot be done."""
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = seen.sum(0)
        centre = np.where(seen, x, 0.0).sum(0) / counts
        spread = np.sqrt((np.where(seen, x - centre, 0.0) ** 2).sum(0) / counts)
        z = np.where(seen, (x - centre) / spread, 0.0)
        z[~np.isfinite(z)] = 0.0
        mask = seen.astype(float)
        n = mask.T @ mask
        own, squares = z.T @ mask, (z**2).T @ mask
        cross = z.T @ z - own * own.T / n
        left, right = squares - own**2 / n, (squares - own**2 / n).T
        found = cross / np.sqrt(left * right)
    sure = (n >= 3) & (left > 1e-10 * np.maximum(squares, 1e-300)) & (right > 1e-12)
    return np.where(sure & np.isfinite(found), found, 0.0)


def _response_correlation(x: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Correlate whether column j is observed (row j) with the values of the others."""
    both = np.hstack([x, seen.astype(float)])
    p = x.shape[1]
    found = pairwise_correlation(both, np.hstack([seen, np.ones_like(seen)]))
    return found[p:, :p]


def candidates(
    p: int,
    predictors: ArrayLike | None,
    roots: dict[int, set[int]],
    columns: Sequence[Column],
) -> tuple[NDArray[np.bool_], list[str]]:
    """Return who may predict whom: what was asked for, without a column's own functions."""
    events: list[str] = []
    if predictors is None:
        allowed = ~np.eye(p, dtype=bool)
    else:
        allowed = np.array(predictors, dtype=bool)
        if allowed.shape != (p, p):
            raise ValueError(f"predictors need the shape {(p, p)}, found {allowed.shape}")
        np.fill_diagonal(allowed, False)
    for passive, parts in roots.items():
        for part in parts:
            if predictors is not None and allowed[part, passive]:
                events.append(
                    f"column {name_of(columns, passive)} is a function of "
                    f"{name_of(columns, part)} and does not predict it"
                )
            allowed[part, passive] = False
    return allowed, events


def same_columns(
    x: Floats, seen: NDArray[np.bool_], columns: Sequence[Column]
) -> tuple[dict[int, int], list[str]]:
    """Find columns that equal an earlier one but for their unit, among the rows observed."""
    twins: dict[int, int] = {}
    events: list[str] = []
    # Most tables have no copies, and a part of their rows shows it.
    head = slice(0, HEAD if len(x) > 2 * HEAD else len(x))
    mask = seen[head].astype(np.float32)
    some = np.abs(pairwise_correlation(x[head], seen[head])) > EQUAL
    doubtful = (mask.T @ mask < LEAST_PAIRS).any() or some[~np.eye(len(some), dtype=bool)].any()
    close = np.abs(pairwise_correlation(x, seen)) > EQUAL if doubtful else some
    for j in range(x.shape[1]):
        before = [i for i in np.flatnonzero(close[j, :j]) if i not in twins]
        if before:
            twins[j] = int(before[0])
            events.append(
                f"column {name_of(columns, j)} is a copy of {name_of(columns, int(before[0]))} "
                "and does not predict beside it"
            )
    return twins, events


def independent(gram: Floats, wanted: Ints) -> tuple[Ints, Ints]:
    """Part design columns into those that predict and those that the ones before them replace.

    Parameters
    ----------
    gram : ndarray, shape (q, q)
        Cross-products of the rows in which the target was observed.
    wanted : ndarray of int
        Design columns, the intercept first.

    Returns
    -------
    kept, dropped : ndarray of int

    Examples
    --------
    >>> x = np.array([[1.0, 1, 2, 3], [1, 2, 5, 7], [1, 3, 1, 4], [1, 4, 0, 4]])
    >>> independent(x.T @ x, np.arange(4))
    (array([0, 1, 2]), array([3]))
    """
    kept = wanted
    dropped: list[int] = []
    size = np.sqrt(np.diag(gram))
    empty = size[kept] <= 1e-12 * size.max(initial=1.0)
    dropped += [int(j) for j in kept[empty]]
    kept = kept[~empty]
    while len(kept) > 1:
        scaled = gram[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
        bad = _first_dependent(scaled)
        if bad is None:
            break
        dropped.append(int(kept[bad]))
        kept = np.delete(kept, bad)
    return kept, np.array(sorted(dropped), dtype=np.intp)


def _first_dependent(scaled: Floats) -> int | None:
    try:
        pivots = np.diag(np.linalg.cholesky(scaled)) ** 2
        bad = np.flatnonzero(pivots < LEAST_PIVOT)
        return int(bad[0]) if bad.size else None
    except np.linalg.LinAlgError:
        for k in range(2, len(scaled) + 1):
            try:
                pivot = float(np.linalg.cholesky(scaled[:k, :k])[-1, -1]) ** 2
            except np.linalg.LinAlgError:
                return k - 1
            if pivot < LEAST_PIVOT:
                return k - 1
        return None


def owner_of(layout: Layout, columns: Sequence[Column], at: int) -> str:
    """Name the column that a design column belongs to."""
    for j, coding in enumerate(layout.codings):
        if at in coding.at:
            return name_of(columns, j)
        if at in coding.means_at:
            return f"{name_of(columns, j)} (person mean)"
    return "intercept"
