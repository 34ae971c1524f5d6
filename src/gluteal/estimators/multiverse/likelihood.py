"""Logistic and Poisson specifications by Newton's method, many at once on shared columns.

All specifications of a set of rows share the columns and their pairwise products: a step of all of
them is three matrix products. Rows and specifications are cut into tiles that stay in the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.specifications import FAMILIES, Flags, Ints, Plan

MOST_STEPS = 20
SETTLED = 1e-7
"""A step of no linear predictor beyond this: the next one would be rounding."""
ROUGH = 1e-2
"""While steps are longer than this, single precision is as good."""
STEEP = 12.0
"""Slopes per SD that add up to more: perhaps on their way to infinity, rounding made them stop."""
FAINT = 0.05
"""Information on a slope per SD, at or below which it may be so too (its SE is above 4)."""
TILE_ROWS, TILE_NUMBERS = 2048, 262_144


class Newton(NamedTuple):
    """Slopes of the exposure, and all coefficients on the scale of the columns."""

    estimate: Floats
    se: Floats
    settled: Flags
    coef: Floats
    """Shape (k, most + 2): intercept, covariates, exposure; filled up with 0 before the last."""


class _Shared(NamedTuple):
    """Columns of one set of rows, standardised, with their products."""

    design: Floats
    pairs: Floats
    rough: tuple[Any, Any]
    """Design and pairs in single precision, for the first steps."""
    place: Ints
    products: Floats
    totals: Floats
    mean: Floats
    spread: Floats


def newton_slopes(plan: Plan, which: Ints) -> Newton:
    """Fit the specifications ``which``, all of one family other than linear.

    Those that have not settled (separated, on the way to infinity, singular) say so; their numbers
    are not to be used, but may be right where slopes are only steep.
    """
    most = plan.covariates.shape[1]
    found = Newton(
        np.full(len(which), np.nan),
        np.full(len(which), np.nan),
        np.zeros(len(which), dtype=bool),
        np.full((len(which), most + 2), np.nan),
    )
    for r in np.unique(plan.of_rows[which]):
        here = np.flatnonzero(plan.of_rows[which] == r)
        here = here[np.argsort(plan.size[which[here]], kind="stable")]
        shared = _share(plan, which[here], int(r))
        step = max(16, TILE_NUMBERS // max(1, min(len(shared.design), TILE_ROWS)))
        for start in range(0, len(here), step):
            at = here[start : start + step]
            _fit(plan, which[at], at, shared, found)
    return found


def _share(plan: Plan, specs: Ints, r: int) -> _Shared:
    """Standardise the columns that the specifications use as covariates or exposure."""
    used = np.unique([*plan.covariates[specs].ravel(), *plan.exposure[specs]])
    used = used[used >= 0]
    chosen = plan.columns[plan.rows[r]]
    x = chosen[:, used]
    mean = x.mean(0)
    x = x - mean
    spread = np.sqrt((x**2).mean(0))
    spread[spread == 0] = 1.0
    design = np.column_stack([np.ones(len(x)), x / spread])
    width = design.shape[1]
    first, second = np.tril_indices(width)
    pairs = design[:, first] * design[:, second]
    place = np.zeros((width, width), dtype=np.intp)
    place[first, second] = place[second, first] = np.arange(len(first))
    where = np.full(plan.columns.shape[1], -1)
    where[used] = np.arange(1, width)
    outcomes = np.unique(plan.outcome[specs])
    totals = np.zeros((width, plan.columns.shape[1]))
    totals[:, outcomes] = design.T @ chosen[:, outcomes]
    rough = design.astype(np.float32), pairs.astype(np.float32)
    return _Shared(design, pairs, rough, place, where, totals, mean, spread)


def _fit(plan: Plan, specs: Ints, at: Ints, shared: _Shared, found: Newton) -> None:
    n, width = shared.design.shape
    k, q = len(specs), int(plan.size[specs].max(initial=0)) + 2
    # Order: intercept, covariates, filling, exposure; filling is a spare column of its own.
    order = np.full((q, k), -1, dtype=np.intp)
    order[0], order[-1] = 0, shared.products[plan.exposure[specs]]
    for j in range(q - 2):
        real = plan.size[specs] > j
        order[1 + j, real] = shared.products[plan.covariates[specs[real], j]]
    spare = order < 0
    slot = np.where(spare, 0, order)
    place = shared.place[slot[:, None, :], slot[None, :, :]]
    hollow = spare[:, None, :] | spare[None, :, :]
    diagonal = np.eye(q, dtype=bool)[:, :, None] & hollow
    every = np.arange(k)
    target = np.where(spare, 0.0, shared.totals[slot, plan.outcome[specs]])
    logistic = FAMILIES[plan.family[specs[0]]] == "logistic"
    share = target[0] / n
    beta = np.zeros((q, k))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        beta[0] = np.log(share / (1 - share)) if logistic else np.log(share)
        # The first step needs no pass through the data: all weights are equal.
        weight = share * (1 - share) if logistic else share
        hessian = shared.pairs.sum(0)[place] * weight
        gradient = target - np.where(spare, 0.0, shared.design.sum(0)[slot]) * share
        far, pivot = np.ones(k), np.ones((q, k))
        for step in range(MOST_STEPS):
            hessian[hollow] = 0.0
            hessian[diagonal] = 1.0
            move, pivot = _solve(hessian, gradient)
            beta += move
            far = np.abs(move).sum(0)
            if not (far > SETTLED).any() or step == MOST_STEPS - 1:
                break
            full = np.zeros((width, k))
            full[slot, every] += np.where(spare, 0.0, beta)  # the filling adds 0 to the intercept
            full[0] = beta[0]
            x, pairs = (shared.design, shared.pairs) if far.max() < ROUGH else shared.rough
            curve, mean = _pass(x, pairs, full.astype(x.dtype), logistic=logistic)
            hessian = curve[place, every]
            gradient = target - np.where(spare, 0.0, mean[slot, every])
        scale = np.where(spare, 1.0, np.concatenate([[1.0], shared.spread])[slot])
        coef = beta / scale
        shift = np.concatenate([[0.0], shared.mean])[slot]
        coef[0] -= (np.where(spare, 0.0, coef) * shift).sum(0)
        found.estimate[at] = coef[-1]
        found.se[at] = 1 / np.sqrt(pivot[-1]) / scale[-1]
        steep = (np.abs(beta[1:]).sum(0) > STEEP) | ~(pivot.min(0) > FAINT)
        found.settled[at] = (far <= SETTLED) & np.isfinite(found.se[at]) & ~steep
    found.coef[at] = 0.0
    found.coef[at[:, None], np.arange(q - 1)] = coef[:-1].T
    found.coef[at, -1] = coef[-1]


def _pass(x: Any, pairs: Any, beta: Any, *, logistic: bool) -> tuple[Floats, Floats]:
    """Sum weights times products, and means times columns, over the rows."""
    n, k = len(x), beta.shape[1]
    curve, mean = np.zeros((pairs.shape[1], k)), np.zeros((x.shape[1], k))
    beta = -beta if logistic else beta
    for start in range(0, n, TILE_ROWS):
        tile = x[start : start + TILE_ROWS]
        mu = tile @ beta
        np.exp(mu, out=mu)
        if logistic:
            mu += 1.0
            np.reciprocal(mu, out=mu)
        mean += tile.T @ mu
        if logistic:
            mu -= mu * mu
        curve += pairs[start : start + TILE_ROWS].T @ mu
    return curve, mean


def _solve(matrix: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Solve k symmetric systems, (q, q, k) and (q, k); also return the pivots, (q, k)."""
    a, b = matrix, right
    q = len(b)
    for j in range(q - 1):
        f = a[j + 1 :, j] / a[j, j]
        a[j + 1 :, j + 1 :] -= f[:, None] * a[j, None, j + 1 :]
        b[j + 1 :] -= f * b[j]
    x = np.empty_like(b)
    for j in range(q - 1, -1, -1):
        x[j] = (b[j] - (a[j, j + 1 :] * x[j + 1 :]).sum(0)) / a[j, j]
    return x, np.einsum("jjk->jk", a)
