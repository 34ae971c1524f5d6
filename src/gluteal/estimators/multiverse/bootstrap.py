"""Specification curves of resamples in which the exposure does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gluteal.estimators.bootstrap.draws import ROWS, Block, part_units
from gluteal.estimators.glm import Family, fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.least_squares import MOST_NUMBERS, scale_products, to_slopes
from gluteal.estimators.multiverse.likelihood import newton_slopes
from gluteal.estimators.multiverse.specifications import FAMILIES, Flags, Ints, Plan
from gluteal.estimators.multiverse.sweeping import LEAST_PIVOT, Tree, grow_tree, sweep

LIKELY: dict[int, Family] = {1: "logistic", 2: "poisson"}
"""Places of the families that have a likelihood to climb."""
Curves = tuple[Floats, Floats]
"""Estimates and test statistics, shape (resamples, specifications)."""

ROUNDING = 1e-11
"""Mean square of a standardised column, centred anew, that is no spread."""


class _Rows(NamedTuple):
    """Rows of some neighbouring people, and whose they are, counted from the first of them."""

    at: Ints
    who: Ints


def bootstrap_curves(
    plan: Plan, which: Ints, estimate: Floats, people: Ints, resamples: int, seed: int
) -> Iterator[Curves]:
    """Resample people after the effect of each specification was taken out of its outcome.

    Least squares of y - bx on the same columns has the slope of y less b and the same residuals,
    so the curve under the null is the resampled curve less the observed one: exact, from
    cross-products by person. Logistic and Poisson models take one Newton step from their maximum.

    Yields
    ------
    estimates, statistics : ndarray, shape (some, len(which))
        NaN where a resample is singular.
    """
    at_linear = np.flatnonzero(plan.family[which] == 0)
    at_other = np.flatnonzero(plan.family[which] != 0)
    linear, other = which[at_linear], which[at_other]
    table, unit = _standardise(plan)
    m = table.shape[1] - 1
    coef, length = _maxima(plan, other), _lengths(plan)
    tree = grow_tree(plan.of_rows[linear], plan.covariates[linear], plan.size[linear], m)
    pairs, sizes = m * (m + 1) // 2 + m + 1, plan.size[other] + 2
    ends = np.r_[0, np.cumsum(sizes * (sizes + 3) // 2)]
    largest = max([len(plan.rows), *map(len, tree.parents)])
    most = max(1, min(ROWS, MOST_NUMBERS // (largest * (m + 1) ** 2 + int(ends[-1]))))
    blocks = part_units([int(people.max()) + 1], resamples, seed)
    rows = _part_rows(people, blocks)
    for start in range(0, resamples, most):
        size = min(most, resamples - start)
        raw = np.zeros((len(plan.rows), size, pairs))
        sums = np.zeros((size, ends[-1]))
        # All blocks share the resamples: each is read once, whatever the number of people.
        for block, mine in zip(blocks, rows, strict=True):
            counts = block.take(size)
            if linear.size:
                _add_products(raw, table[mine.at], plan.rows[:, mine.at], mine.who, counts)
            for j, i in enumerate(other):
                steps = _one_step_part(plan, int(i), coef[j], length, mine, block.size)
                sums[:, ends[j] : ends[j + 1]] += counts @ steps
        b, t = (np.full((size, len(which)), np.nan) for _ in range(2))
        if linear.size:
            slope, se = _linear(plan, tree, linear, raw.transpose(1, 0, 2))
            b[:, at_linear] = slope * unit[linear] - estimate[at_linear]
            with np.errstate(divide="ignore", invalid="ignore"):
                t[:, at_linear] = b[:, at_linear] / (se * unit[linear])
        for j, (place, i) in enumerate(zip(at_other, other, strict=True)):
            part = sums[:, ends[j] : ends[j + 1]]
            b[:, place], t[:, place] = _step(part, int(sizes[j]), float(length[plan.exposure[i]]))
        yield b, t


def _part_rows(people: Ints, blocks: list[Block]) -> list[_Rows]:
    """Find the rows of the people of each block."""
    order = np.argsort(people, kind="stable")
    who = people[order]
    edges = np.searchsorted(who, [*(block.start for block in blocks), who[-1] + 1])
    return [
        _Rows(order[start:stop], who[start:stop] - block.start)
        for block, (start, stop) in zip(blocks, pairwise(edges), strict=True)
    ]


def _add_products(raw: Floats, table: Floats, used: Flags, who: Ints, counts: Floats) -> None:
    """Weigh, sum and add the products of columns in each set of rows, (sets, resamples, pairs)."""
    first, second = np.tril_indices(table.shape[1])
    products = table[:, first] * table[:, second]
    for total, mask in zip(raw, used, strict=True):
        own, whose = (products, who) if mask.all() else (products[mask], who[mask])
        total += counts @ sum_by_person(own, whose, counts.shape[1])


def _standardise(plan: Plan) -> tuple[Floats, Floats]:
    """Centre and scale all columns, intercept first; missing values, never used, become 0."""
    used = plan.rows.any(0)
    seen = plan.columns[used]
    middle = np.nan_to_num(np.nanmean(seen, axis=0))
    spread = np.nan_to_num(np.nanstd(seen, axis=0))
    spread[spread == 0] = 1.0
    table = np.nan_to_num((plan.columns - middle) / spread)
    unit = spread[plan.outcome] / spread[plan.exposure]
    return np.column_stack([np.ones(len(table)), table]), unit


def _linear(plan: Plan, tree: Tree, which: Ints, raw: Floats) -> Curves:
    """Read slopes and errors from raw products with the intercept, (resamples, sets, pairs)."""
    m = plan.columns.shape[1] + 1
    first, second = np.tril_indices(m)
    full = np.empty((*raw.shape[:2], m, m))
    full[..., first, second] = full[..., second, first] = raw
    n = full[..., 0, 0]
    total = full[..., 0, 1:].copy()
    inner = full[..., 1:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = inner - total[..., :, None] * (total / n[..., None])[..., None, :]
        scaled = scale_products(inner, plan.of_rows, ROUNDING * n[..., None])
        exposure, outcome, root = plan.exposure[which], plan.outcome[which], plan.of_rows[which]
        swept = sweep(tree, scaled.scaled, exposure, outcome)
        slope, se, rest = to_slopes(swept, n[..., root] - plan.size[which] - 2.0)
    scale = scaled.spread[..., root, outcome] / scaled.spread[..., root, exposure]
    sound = (swept.least > LEAST_PIVOT) & (rest > 0)
    return np.where(sound, slope * scale, np.nan), np.where(sound, se * scale, np.nan)


def sum_by_person(values: Floats, people: Ints, count: int) -> Floats:
    """Sum rows by person, shape (count, columns); 0 for people without a row.

    Examples
    --------
    >>> sum_by_person(np.ones((3, 1)), np.array([2, 0, 2]), 3).ravel()
    array([1., 0., 2.])
    """
    if len(people) == count and (np.diff(people) == 1).all():
        return values
    total = np.zeros((count, values.shape[1]))
    if (np.diff(people) > 0).all():  # a row a person: nothing to sum
        total[people] = values
    elif len(people):
        order = np.argsort(people, kind="stable")
        here = people[order]
        starts = np.flatnonzero(np.r_[True, here[1:] != here[:-1]])
        total[here[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return total


def _maxima(plan: Plan, which: Ints) -> Floats:
    """Coefficients of logistic and Poisson specifications at their maxima."""
    coef = np.zeros((len(which), plan.covariates.shape[1] + 2))
    for code in (1, 2):
        at = np.flatnonzero(plan.family[which] == code)
        if at.size:
            found = newton_slopes(plan, which[at])
            coef[at] = found.coef
            for j in at[~found.settled]:  # steep or faint, yet with a maximum
                i = int(which[j])
                alone = fit_glm(plan.design(i), plan.response(i), LIKELY[code], "classical").coef
                coef[j] = 0.0
                coef[j, : len(alone) - 1], coef[j, -1] = alone[:-1], alone[-1]
    return coef


def _lengths(plan: Plan) -> Floats:
    """Root mean square of each column: in these units a design is well scaled."""
    length = np.sqrt(np.nanmean(plan.columns[plan.rows.any(0)] ** 2, axis=0))
    return np.where(length > 0, length, 1.0)


def _one_step_part(
    plan: Plan, i: int, beta: Floats, length: Floats, rows: _Rows, count: int
) -> Floats:
    """Information and scores of one specification by person, exposure last."""
    used = plan.rows[plan.of_rows[i], rows.at]
    columns = plan.columns[rows.at[used]]
    chosen = [*map(int, plan.covariates[i, : plan.size[i]]), int(plan.exposure[i])]
    x, y = columns[:, chosen], columns[:, plan.outcome[i]]
    mean = np.exp(beta[0] + x @ np.r_[beta[1 : len(chosen)], beta[-1]])
    logistic = FAMILIES[plan.family[i]] == "logistic"
    mean = mean / (1 + mean) if logistic else mean
    weight = mean * (1 - mean) if logistic else mean
    z = np.column_stack([np.ones(len(x)), x / length[chosen]])
    first, second = np.tril_indices(z.shape[1])
    each = np.column_stack([z[:, first] * z[:, second] * weight[:, None], z * (y - mean)[:, None]])
    return sum_by_person(each, rows.who[used], count)


def _step(sums: Floats, p: int, unit: float) -> Curves:
    """Take the Newton step of each resample; the exposure, in its unit, is the last of p."""
    first, second = np.tril_indices(p)
    matrix = np.empty((len(sums), p, p))
    matrix[:, first, second] = matrix[:, second, first] = sums[:, : len(first)]
    score = sums[:, len(first) :]
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:  # one singular resample must not cost the others
        inverse = np.linalg.pinv(matrix, hermitian=True)
    variance = inverse[:, -1, -1]
    move = (inverse[:, -1] * score).sum(1)
    sound = np.isfinite(move) & (variance > 0)
    b = np.where(sound, move / unit, np.nan)
    return b, np.where(sound, move / np.sqrt(np.where(sound, variance, 1.0)), np.nan)
