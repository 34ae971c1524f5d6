"""What one column's imputation needs to know, worked out once before the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.categories import Pseudo, augment, is_split
from gluteal.estimators.impute.clustered import Levels, can_be_clustered
from gluteal.estimators.impute.columns import Column, Method, Passive, method_of, name_of
from gluteal.estimators.impute.design import Layout, State, person_means
from gluteal.estimators.impute.linear import residual_df
from gluteal.estimators.impute.predictors import independent, owner_of
from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one column that are imputed.

    Attributes
    ----------
    column : int
    method : str
    by_person : bool
        Imputed once for each person; then units are people, else rows.
    rows : ndarray of int
        Rows whose value is missing.
    missing, observed : ndarray of int
        Units to impute and units to learn from.
    repeats : ndarray of int
        Rows of each unit to impute.
    seen : ndarray
        Values of the units observed.
    delta : float or ndarray
        Added to each unit to impute.
    """

    column: int
    method: Method
    by_person: bool
    rows: Ints
    missing: Ints
    observed: Ints
    repeats: Ints | None
    seen: Floats
    delta: Floats | float

    def spread_out(self, values: Floats) -> Floats:
        """Repeat values of units, last axis, for their rows."""
        return values if self.repeats is None else np.repeat(values, self.repeats, axis=-1)


@dataclass(frozen=True, slots=True)
class Target:
    """A column's cells, its predictors, and what changes with it.

    Attributes
    ----------
    cells : Cells
    predictors : ndarray of int
        Columns of the design, the intercept first.
    levels : ndarray
        Categories; empty for continuous columns.
    code : ndarray of int
        Category of each unit observed.
    pseudo : Pseudo
    chi_df : tuple of int
        Degrees of freedom of the residual spread, and of people's levels.
    people : Levels, optional
        Given where people have levels of their own.
    draws : int
        Standard normal draws that a cycle needs for it.
    passive : tuple of Passive
        Functions of it, in order.
    changed : ndarray of int
        Columns of the design that change with it: its own, then those of the passive ones.
    averaged : ndarray of int
        Positions in ``changed`` of columns with person means; ``means`` are these means' places.
    touched : ndarray of int
        Rows in which anything changes; ``inside`` are the positions of the cells' rows in it.
    starts, counts : ndarray of int
        People in ``touched``.
    """

    cells: Cells
    predictors: Ints
    levels: Floats
    code: Ints
    pseudo: Pseudo
    chi_df: tuple[int, int]
    people: Levels | None
    draws: int
    passive: tuple[Passive, ...]
    changed: Ints
    averaged: Ints
    means: Ints
    touched: Ints
    inside: Ints
    starts: Ints
    counts: Ints


def find_cells(
    values: Floats, column: Column, at: int, starts: Ints, counts: Ints, by_person: bool
) -> Cells:
    """Find what is missing in a column, by rows or by people."""
    lost = np.isnan(values[:, at])
    n = len(values)
    delta = np.zeros(n) if column.delta is None else np.broadcast_to(column.delta, (n,))
    if by_person:
        unit = np.flatnonzero(lost[starts])
        observed = np.flatnonzero(~lost[starts])
        rows = np.flatnonzero(np.repeat(lost[starts], counts))
        seen, shift, repeats = values[starts[observed], at], delta[starts[unit]], counts[unit]
    else:
        unit = rows = np.flatnonzero(lost)
        observed = np.flatnonzero(~lost)
        seen, shift, repeats = values[observed, at], delta[rows], None
    return Cells(
        at,
        method_of(column),
        by_person,
        rows,
        unit,
        observed,
        repeats,
        seen,
        shift.astype(float) if np.any(shift) else 0.0,
    )


def units_of(state: State, cells: Cells, which: Ints) -> NDArray[Any]:
    """Return the design of some rows, or of some people (means over their rows)."""
    if not cells.by_person:
        return state.x.take(which, axis=1)
    layout = state.layout
    return person_means(state.x, layout.starts, layout.counts).take(which, axis=1)


def _levels(cells: Cells, layout: Layout) -> Levels | None:
    """Return the people of a numeric column that changes within them."""
    if cells.by_person or not len(layout.counts) or cells.method not in ("pmm", "norm"):
        return None
    who = np.repeat(np.arange(len(layout.counts)), layout.counts)
    counts = np.bincount(who[cells.observed], minlength=len(layout.counts))
    return Levels(counts, who[cells.observed], who[cells.missing])


def make_target(
    cells: Cells,
    allowed: NDArray[np.bool_],
    state: State,
    passive: Sequence[Passive],
    roots: dict[int, set[int]],
    columns: Sequence[Column],
) -> tuple[Target, list[str], list[str]]:
    """Settle predictors and everything else that stays the same over the cycles.

    Parameters
    ----------
    cells : Cells
    allowed : ndarray of bool, shape (p,)
        Columns that may predict.
    state : State
        Of one imputation at its start.

    Returns
    -------
    target : Target
    events, warnings : list of str
    """
    layout, j = state.layout, cells.column
    coding, named = layout.codings[j], name_of(columns, j)
    wanted = [np.zeros(1, dtype=np.intp)]
    for i in np.flatnonzero(allowed):
        other = layout.codings[i]
        wanted.append(other.at)
        if not cells.by_person:
            wanted.append(other.means_at)
    if cells.by_person:
        seen = units_of(state, cells, cells.observed)[0]
        gram = seen.T @ seen
    else:
        lacking = units_of(state, cells, cells.missing)[0]
        gram = state.gram[0] - lacking.T @ lacking
    # Means after the columns themselves: they give way where nothing changes within people.
    kept, dropped = independent(gram, np.sort(np.concatenate(wanted)))
    events: list[str] = []
    if dropped.size:
        owners = dict.fromkeys(owner_of(layout, columns, int(d)) for d in dropped)
        events.append(
            f"column {named}: predicted without {', '.join(owners)} (constant or collinear "
            "where it is observed)"
        )
    warnings: list[str] = []
    if len(kept) > 1 and len(cells.observed) < 2 * len(kept):
        warnings.append(
            f"column {named}: {len(cells.observed)} observed values for {len(kept)} coefficients"
        )
    levels, code, pseudo = coding.levels, np.empty(0, dtype=np.intp), Pseudo(np.empty((0, 1)), 0.0)
    draws, k = len(kept), len(kept)
    if cells.method in ("logistic", "nominal", "ordinal"):
        code = np.searchsorted(levels, cells.seen).astype(np.intp)
        part = units_of(state, cells, cells.observed)[0][:, kept].astype(float)
        pseudo = augment(part.mean(0), part.std(0), part.min(0), part.max(0), len(levels))
        cuts = len(levels) - 1
        draws = cuts + k - 1 if cells.method == "ordinal" else cuts * k
        if is_split(part[:, 1:], code, len(levels)):
            events.append(
                f"column {named}: a predictor separates its categories; augmented data keep the "
                "model finite"
            )
    elif cells.method == "norm":
        draws += len(cells.missing)
    people = _levels(cells, layout)
    chi_df = residual_df(len(cells.observed), k), 1
    if people is not None and can_be_clustered(people.counts):
        draws += len(people.counts)
        chi_df = len(cells.observed), len(people.counts) - 1
    elif len(layout.counts) and not cells.by_person:
        people = None
        events.append(
            f"column {named}: imputed without a level of each person's own (not a number, or too "
            "few people with two observed values); means of the other columns carry it"
        )
    functions = tuple(one for one in passive if j in roots[one.column])
    moved = [j, *(one.column for one in functions)]
    codings = [layout.codings[i] for i in moved]
    changed = np.concatenate([c.at for c in codings])
    with_means = np.concatenate([np.full(len(c.at), c.means_at.size > 0) for c in codings])
    means = np.concatenate([c.means_at for c in codings])
    touched, inside = cells.rows, np.arange(len(cells.rows))
    starts = counts = np.empty(0, dtype=np.intp)
    if means.size:
        whose = np.unique(np.searchsorted(layout.starts, cells.rows, "right") - 1)
        counts = layout.counts[whose]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        touched = np.repeat(layout.starts[whose] - starts, counts) + np.arange(counts.sum())
        inside = np.searchsorted(touched, cells.rows)
    target = Target(
        cells,
        kept,
        levels,
        code,
        pseudo,
        chi_df,
        people,
        draws,
        functions,
        changed,
        np.flatnonzero(with_means),
        means,
        touched,
        inside,
        starts,
        counts,
    )
    return target, events, warnings
