"""Specification curves of resamples in which the exposure does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.glm import Family, fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.least_squares import MOST_NUMBERS, scale_products, to_slopes
from gluteal.estimators.multiverse.likelihood import newton_slopes
from gluteal.estimators.multiverse.specifications import FAMILIES, Ints, Plan
from gluteal.estimators.multiverse.sweeping import LEAST_PIVOT, Tree, grow_tree, sweep
from gluteal.estimators.resampling import resample_people

LIKELY: dict[int, Family] = {1: "logistic", 2: "poisson"}
"""Places of the families that have a likelihood to climb."""
Curves = tuple[Floats, Floats]
"""Estimates and test statistics, shape (resamples, specifications)."""

MOST_WEIGHTS = 4_000_000
"""Weights of people held at once."""
ROUNDING = 1e-11
"""Mean square of a standardised column, centred anew, that is no spread."""


class _Part(NamedTuple):
    """Information and scores of one specification by person, and the unit of its exposure."""

    sums: Floats
    unit: float
    size: int


def bootstrap_curves(
    plan: Plan, which: Ints, estimate: Floats, people: Ints, repeats: int, seed: int
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
    count = int(people.max()) + 1
    at_linear = np.flatnonzero(plan.family[which] == 0)
    at_other = np.flatnonzero(plan.family[which] != 0)
    linear, other = which[at_linear], which[at_other]
    table, unit = _standardise(plan)
    m = table.shape[1] - 1
    coef = _maxima(plan, other)
    tree = grow_tree(plan.of_rows[linear], plan.covariates[linear], plan.size[linear], m)
    largest = max([len(plan.rows), *map(len, tree.parents)])
    most = max(1, min(MOST_NUMBERS // (largest * (m + 1) ** 2), MOST_WEIGHTS // count))
    for weights in _gather(resample_people(count, repeats, seed), most):
        b, t = (np.full((len(weights), len(which)), np.nan) for _ in range(2))
        if linear.size:
            slope, se = _linear(plan, tree, linear, _products(plan, table, people, weights))
            b[:, at_linear] = slope * unit[linear] - estimate[at_linear]
            with np.errstate(divide="ignore", invalid="ignore"):
                t[:, at_linear] = b[:, at_linear] / (se * unit[linear])
        for j, i, beta in zip(at_other, other, coef, strict=True):
            part = _one_step_part(plan, int(i), beta, people, count)
            b[:, j], t[:, j] = _step(weights @ part.sums, part)
        yield b, t


def _gather(drawn: Iterator[NDArray[np.int64]], most: int) -> Iterator[Floats]:
    """Put small batches of resamples together, and cut large ones."""
    held: list[NDArray[np.int64]] = []
    for batch in drawn:
        for start in range(0, len(batch), most):
            held.append(batch[start : start + most])
            if sum(map(len, held)) + len(batch) > most:
                yield np.concatenate(held).astype(np.float64)
                held = []
    if held:
        yield np.concatenate(held).astype(np.float64)


def _products(plan: Plan, table: Floats, people: Ints, weights: Floats) -> Floats:
    """Weigh and sum the products of columns in each set of rows, (resamples, sets, pairs)."""
    first, second = np.tril_indices(table.shape[1])
    raw = np.zeros((len(weights), len(plan.rows), len(first)))
    order = np.argsort(people, kind="stable")
    who = people[order]
    step = max(1, MOST_NUMBERS // len(first))
    edges = np.searchsorted(who, np.arange(0, weights.shape[1] + step, step))
    for k, (start, stop) in enumerate(pairwise(edges)):
        at = order[start:stop]
        own = slice(k * step, (k + 1) * step)
        part = weights[:, own]
        for r, used in enumerate(plan.rows):
            rows = at[used[at]]
            products = table[rows][:, first] * table[rows][:, second]
            raw[:, r] += part @ sum_by_person(products, people[rows] - k * step, part.shape[1])
    return raw


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
    if len(people):
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


def _one_step_part(plan: Plan, i: int, beta: Floats, people: Ints, count: int) -> _Part:
    x, y = plan.design(i), plan.response(i)
    mean = np.exp(x @ np.r_[beta[: plan.size[i] + 1], beta[-1]])
    logistic = FAMILIES[plan.family[i]] == "logistic"
    mean = mean / (1 + mean) if logistic else mean
    weight = mean * (1 - mean) if logistic else mean
    size = np.sqrt((x**2).mean(0))
    z = x / size
    first, second = np.tril_indices(x.shape[1])
    rows = np.column_stack([z[:, first] * z[:, second] * weight[:, None], z * (y - mean)[:, None]])
    owner = people[plan.rows[plan.of_rows[i]]]
    return _Part(sum_by_person(rows, owner, count), float(size[-1]), x.shape[1])


def _step(sums: Floats, part: _Part) -> Curves:
    """Take the Newton step of each resample; the exposure is the last coefficient."""
    p = part.size
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
    b = np.where(sound, move / part.unit, np.nan)
    return b, np.where(sound, move / np.sqrt(np.where(sound, variance, 1.0)), np.nan)
