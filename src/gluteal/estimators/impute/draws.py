"""Draw new values for one column, in some imputations at once, and write them into the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.categories import (
    draw_categories,
    draw_coefficients,
    fit_categories,
    shares,
)
from gluteal.estimators.impute.clustered import draw_clustered, sums_of_observed
from gluteal.estimators.impute.columns import Column, compute, name_of
from gluteal.estimators.impute.design import State, person_means
from gluteal.estimators.impute.donors import draw_donors
from gluteal.estimators.impute.linear import draw_linear
from gluteal.estimators.impute.ordered import draw_ordered, fit_ordered
from gluteal.estimators.impute.targets import Target, units_of
from gluteal.estimators.inference import Floats

DONORS = 5
STRONG_RIDGE = 1e-2


@dataclass(frozen=True, slots=True)
class Memory:
    """What chains keep from one cycle to the next.

    Attributes
    ----------
    coefs : dict of int to ndarray
        Coefficients of categories by column: where the next search starts.
    spreads : dict of int to tuple of ndarray
        Variances within and between people by column.
    failed : set of int
        Columns with a search that did not converge.
    """

    coefs: dict[int, Floats] = field(default_factory=dict)
    spreads: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)


def draw_values(
    state: State,
    target: Target,
    z: Floats,
    chi: Floats,
    u: Floats,
    memory: Memory,
    donors: int = DONORS,
) -> tuple[Floats, NDArray[Any]]:
    """Draw values of the units that miss them.

    Parameters
    ----------
    z, chi, u : ndarray, shapes (b, draws), (b, 2), (b, units)
        Normal, chi-square and uniform draws.
    memory : Memory

    Returns
    -------
    values : ndarray, shape (b, units)
    lacking : ndarray, shape (b, units, width)
        Their design rows, for whoever writes the values.
    """
    cells = target.cells
    lacking = units_of(state, cells, cells.missing)
    if cells.method in ("pmm", "norm"):
        return _draw_numbers(state, target, lacking, z, chi, u, donors, memory), lacking
    wanted = target.predictors
    known = units_of(state, cells, cells.observed)[:, :, wanted].astype(float)
    levels, j = len(target.levels), cells.column
    if cells.method == "ordinal":
        chance = _ordered_chances(target, known, lacking[:, :, wanted], z, memory)
    else:
        start = memory.coefs.get(j)
        coef, information, converged = fit_categories(
            known, target.code, levels, target.pseudo, start
        )
        memory.coefs[j] = coef
        if not converged:
            memory.failed.add(j)
        drawn = draw_coefficients(coef, information, z)
        eta = np.matmul(lacking[:, :, wanted], drawn.swapaxes(-1, -2))
        shift = np.asarray(cells.delta)
        chance = shares(eta + (shift[:, None] if shift.ndim else shift))
    return target.levels[draw_categories(chance, u)], lacking


def _draw_numbers(
    state: State,
    target: Target,
    lacking: NDArray[Any],
    z: Floats,
    chi: Floats,
    u: Floats,
    donors: int,
    memory: Memory,
) -> Floats:
    cells = target.cells
    at = int(state.layout.codings[cells.column].at[0])
    k = len(target.predictors)
    if cells.by_person:
        known = units_of(state, cells, cells.observed)
        gram = np.matmul(known.swapaxes(-1, -2), known)
    else:
        known = None
        gram = state.gram - np.matmul(lacking.swapaxes(-1, -2), lacking)
    own: tuple[Floats, Floats] | None = None
    if target.people is None:
        try:
            estimate, drawn, sigma = draw_linear(gram, at, target.predictors, z[:, :k], chi[:, 0])
        except np.linalg.LinAlgError:
            # Values have grown so wild that differences of sums have no digits left.
            memory.failed.add(cells.column)
            rows = units_of(state, cells, cells.observed).astype(float)
            gram = np.matmul(rows.swapaxes(-1, -2), rows)
            estimate, drawn, sigma = draw_linear(
                gram, at, target.predictors, z[:, :k], chi[:, 0], STRONG_RIDGE
            )
    else:
        k += len(target.people.counts)
        sums = sums_of_observed(state.x, state.layout.starts, lacking, target.people)
        before = memory.spreads.get(cells.column)
        step = draw_clustered(
            gram, sums, at, target.predictors, target.people, before, z[:, :k], chi
        )
        memory.spreads[cells.column] = step.sigma**2, step.tau**2
        estimate, drawn, sigma = step.estimate, step.drawn, step.sigma
        own = step.expected[:, target.people.observed], step.people[:, target.people.missing]
    wanted = np.matmul(lacking, drawn[:, :, None].astype(lacking.dtype))[:, :, 0]
    if own is not None:
        wanted += own[1]
    if cells.method == "norm":
        coding = state.layout.codings[cells.column]
        value = wanted + sigma[:, None] * z[:, k:]
        return value * coding.spread[0] + coding.centre[0] + cells.delta
    if known is None:
        assert state.turned is not None
        single = estimate[:, None, :].astype(np.float32)
        predicted = np.matmul(single, state.turned)[:, 0].take(cells.observed, axis=1)
        if own is not None:
            predicted += own[0].astype(np.float32)
    else:
        predicted = np.matmul(known, estimate[:, :, None])[:, :, 0].astype(np.float32)
    picked = np.empty(wanted.shape, dtype=np.int64)
    for i in range(len(picked)):
        picked[i] = draw_donors(predicted[i], wanted[i], donors, u[i])
    return cells.seen.take(picked) + cells.delta


def _ordered_chances(
    target: Target,
    known: Floats,
    lacking: Floats,
    z: Floats,
    memory: Memory,
) -> Floats:
    cells, levels = target.cells, len(target.levels)
    before = memory.coefs.get(cells.column)
    kept: list[Floats] = []
    chances: list[Floats] = []
    for i in range(len(known)):
        theta, information, converged = fit_ordered(
            known[i, :, 1:],
            target.code,
            levels,
            target.pseudo,
            None if before is None else before[i],
        )
        if not converged:
            memory.failed.add(cells.column)
        kept.append(theta)
        chances.append(
            draw_ordered(theta, information, lacking[i, :, 1:], z[i], levels, cells.delta)
        )
    memory.coefs[cells.column] = np.stack(kept)
    return np.stack(chances)


def write_values(
    state: State,
    target: Target,
    values: Floats,
    lacking: NDArray[Any] | None,
    columns: Sequence[Column],
    gathered: dict[int, Floats],
) -> None:
    """Write a column's new values, compute its functions again and update the design.

    Parameters
    ----------
    values : ndarray, shape (b, units)
    lacking : ndarray, shape (b, rows, width), optional
        The design of the rows as they were, if at hand; overwritten.
    gathered : dict
        Values of the imputed cells by column; those changed are replaced.
    """
    cells, layout = target.cells, state.layout
    spread = cells.spread_out(values)
    gathered[cells.column] = spread
    blocks = [layout.codings[cells.column].encode(spread)]
    if cells.column in state.raw:
        state.raw[cells.column][:, cells.rows] = spread
    for one in target.passive:
        parts = [state.raw[i][:, cells.rows] for i in one.parts]
        found = compute(one, parts, name_of(columns, one.column))
        state.raw[one.column][:, cells.rows] = found
        blocks.append(layout.codings[one.column].encode(found))
    block = np.concatenate(blocks, axis=-1) if len(blocks) > 1 else blocks[0]
    if not target.means.size:
        old = lacking if lacking is not None and not cells.by_person else None
        old = state.x.take(cells.rows, axis=1) if old is None else old
        state.replace(cells.rows, target.changed, block, old)
        return
    old = state.x.take(target.touched, axis=1)
    current = old[:, :, target.changed]
    current[:, target.inside] = block
    means = person_means(current[:, :, target.averaged], target.starts, target.counts)
    wide = np.repeat(means, target.counts, axis=1)
    at = np.concatenate([target.changed, target.means])
    state.replace(target.touched, at, np.concatenate([current, wide], axis=-1), old)
