"""Specifications: what is regressed on what, adjusted for what, in whom, by which model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

Family = Literal["linear", "logistic", "poisson"]
FAMILIES: tuple[Family, ...] = ("linear", "logistic", "poisson")
Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to ask the question; columns are positions in the matrix of columns.

    Attributes
    ----------
    outcome, exposure : int
    covariates : tuple of int
        The adjustment set, in any order.
    subset : int
        Which of the row masks is used; 0 without masks.
    family : {"linear", "logistic", "poisson"}
        Identity, logit or log link.
    """

    outcome: int
    exposure: int
    covariates: tuple[int, ...] = ()
    subset: int = 0
    family: Family = "linear"


def expand_grid(
    outcomes: Sequence[int],
    exposures: Sequence[int],
    adjustment_sets: Sequence[Sequence[int]] = ((),),
    subsets: Sequence[int] = (0,),
    families: Sequence[Family] = ("linear",),
) -> list[Specification]:
    """Cross all choices; a combination that uses one column twice is left out.

    Examples
    --------
    >>> len(expand_grid([0, 1], [2, 3], [(), (4,), (5,), (4, 5)], range(12)))
    192
    """
    every = product(outcomes, exposures, adjustment_sets, subsets, families)
    return [
        Specification(y, x, tuple(z), s, f)
        for y, x, z, s, f in every
        if y != x and y not in z and x not in z
    ]


@dataclass(frozen=True, slots=True)
class Plan:
    """Specifications as arrays, and the sets of rows they use.

    Attributes
    ----------
    covariates : ndarray, shape (k, most)
        In ascending order, filled up with -1.
    size : ndarray, shape (k,)
        Number of covariates.
    family : ndarray of int, shape (k,)
        Place in `FAMILIES`.
    rows : ndarray of bool, shape (sets, n)
        Complete rows of the specifications that share a subset and its missing values.
    of_rows : ndarray of int, shape (k,)
        Which of these sets each specification uses.
    """

    columns: Floats
    outcome: Ints
    exposure: Ints
    covariates: Ints
    size: Ints
    family: Ints
    rows: Flags
    of_rows: Ints

    def __len__(self) -> int:
        return len(self.outcome)

    def design(self, k: int, *, exposure: bool = True) -> Floats:
        """Build the design of one specification: intercept, covariates, exposure last."""
        used = [int(j) for j in self.covariates[k, : self.size[k]]]
        chosen = self.columns[self.rows[self.of_rows[k]]]
        used += [int(self.exposure[k])] if exposure else []
        return np.column_stack([np.ones(len(chosen)), chosen[:, used]])

    def response(self, k: int) -> Floats:
        """Return the outcome of one specification."""
        return self.columns[self.rows[self.of_rows[k]], self.outcome[k]]


def make_plan(
    columns: ArrayLike, specifications: Sequence[Specification], subsets: ArrayLike | None = None
) -> Plan:
    """Check columns and specifications, and find the rows that each can use.

    Raises
    ------
    UserError
        Naming every fault: infinite values, outcomes that do not fit their family.
    ValueError
        If a specification names a column or subset that there is not, or one column twice.
    """
    table = np.ascontiguousarray(columns, dtype=float)
    if table.ndim != 2 or not table.size:
        raise UserError(f"columns of shape {table.shape}: rows by columns are needed")
    n, m = table.shape
    masks = np.ones((1, n), dtype=bool) if subsets is None else np.atleast_2d(np.asarray(subsets))
    if masks.shape[1:] != (n,) or masks.dtype != np.bool_:
        raise ValueError(f"subsets need True or False for each of {n} rows: found {masks.shape}")
    if not specifications:
        raise UserError("there is no specification to fit")
    sets = [s.covariates for s in specifications]
    size = np.array([len(z) for z in sets], dtype=np.intp)
    covariates = np.full((len(sets), int(size.max(initial=0))), -1, dtype=np.intp)
    filled = np.arange(covariates.shape[1]) < size[:, None]
    covariates[filled] = [j for z in sets for j in z]
    covariates[~filled] = m
    covariates.sort(axis=1)
    outcome = np.array([s.outcome for s in specifications], dtype=np.intp)
    exposure = np.array([s.exposure for s in specifications], dtype=np.intp)
    subset = np.array([s.subset for s in specifications], dtype=np.intp)
    place = {name: j for j, name in enumerate(FAMILIES)}
    family = np.array([place.get(s.family, -1) for s in specifications], dtype=np.intp)
    _check_places(outcome, exposure, covariates, filled, subset, family, m, len(masks))
    covariates[~filled] = -1
    rows, of_rows = _share_rows(table, masks, outcome, exposure, covariates, subset)
    plan = Plan(table, outcome, exposure, covariates, size, family, rows, of_rows)
    _check_values(plan)
    return plan


def _check_places(
    outcome: Ints,
    exposure: Ints,
    covariates: Ints,
    filled: Flags,
    subset: Ints,
    family: Ints,
    m: int,
    masks: int,
) -> None:
    every = np.column_stack([outcome, exposure, np.where(filled, covariates, 0)])
    twice = (outcome == exposure) | (covariates == outcome[:, None]).any(1)
    twice |= (covariates == exposure[:, None]).any(1)
    if covariates.shape[1] > 1:
        twice |= ((np.diff(covariates, axis=1) == 0) & filled[:, 1:]).any(1)
    for bad, why in (
        (((every < 0) | (every >= m)).any(1), f"names a column outside 0 to {m - 1}"),
        (twice, "uses one column twice"),
        ((subset < 0) | (subset >= masks), f"names a subset outside 0 to {masks - 1}"),
        (family < 0, f"has another family than {', '.join(FAMILIES)}"),
    ):
        if bad.any():
            raise ValueError(f"specification {int(np.flatnonzero(bad)[0])} {why}")


def _share_rows(
    table: Floats, masks: Flags, outcome: Ints, exposure: Ints, covariates: Ints, subset: Ints
) -> tuple[Flags, Ints]:
    """Give specifications with the same subset and the same gaps one set of complete rows."""
    gaps = np.isnan(table)
    holed = np.flatnonzero(gaps.any(0))
    if not holed.size:
        return masks, subset
    k, m = len(outcome), table.shape[1]
    used = np.zeros((k, m + 1), dtype=bool)
    at = np.arange(k)
    used[at, outcome] = used[at, exposure] = True
    used[at[:, None], covariates] = True  # filling is -1: the last, spare column
    key = np.column_stack([subset, used[:, holed]])
    kinds, of_rows = np.unique(key, axis=0, return_inverse=True)
    missed = (kinds[:, 1:].astype(np.float32) @ gaps[:, holed].T.astype(np.float32)) > 0
    return masks[kinds[:, 0]] & ~missed, of_rows.ravel().astype(np.intp)


def _check_values(plan: Plan) -> None:
    faults: list[str] = []
    infinite = np.isinf(plan.columns).any(0)
    faults += [f"column {j} has infinite values" for j in np.flatnonzero(infinite)[:MOST_NAMED]]
    for code, name in enumerate(FAMILIES[1:], start=1):
        for j in np.unique(plan.outcome[plan.family == code]):
            # Only rows that a specification uses count.
            sets = np.unique(plan.of_rows[(plan.family == code) & (plan.outcome == j)])
            y = plan.columns[plan.rows[sets].any(0), j]
            if name == "logistic" and not np.isin(y, (0.0, 1.0)).all():
                faults.append(
                    f"column {j} is the outcome of a logistic model and is not all 0 or 1"
                )
            if name == "poisson" and (y < 0).any():
                faults.append(
                    f"column {j} is the outcome of a Poisson model and has values below 0"
                )
    if faults:
        raise UserError("; ".join(faults))
