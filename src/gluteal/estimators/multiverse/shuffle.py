"""Specification curves of shuffled exposures: all exposures of a person change hands together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.bootstrap import Curves
from gluteal.estimators.multiverse.specifications import FAMILIES, Ints, Plan

CHUNK = 2_000_000
"""Shuffled values made at once."""
LEAST_SHARE = 1e-8


def shuffle_rows(people: Ints, resamples: int, rng: Any) -> Ints:
    """Draw shuffles of rows in which each person takes all rows of one person.

    People change places with people who have as many rows.

    Returns
    -------
    ndarray of int, shape (resamples, n)

    Examples
    --------
    >>> who = np.array([0, 0, 1, 1, 2])
    >>> drawn = shuffle_rows(who, 20, np.random.default_rng(1))
    >>> bool((drawn[:, 4] == 4).all()), sorted(set(drawn[:, 0].tolist()))
    (True, [0, 2])
    """
    order = np.argsort(people, kind="stable")
    rows = np.bincount(people)
    starts = np.cumsum(rows) - rows
    drawn = np.empty((resamples, len(people)), dtype=np.intp)
    for size in np.unique(rows[rows > 0]):
        who = np.flatnonzero(rows == size)
        mixed = rng.permuted(np.broadcast_to(who, (resamples, len(who))), axis=1)
        for k in range(int(size)):
            drawn[:, order[starts[who] + k]] = order[starts[mixed] + k]
    return drawn


def shuffle_curves(
    plan: Plan, which: Ints, people: Ints, resamples: int, seed: int
) -> Iterator[Curves]:
    """Shuffle the exposures; the first curve that comes is the observed one.

    Linear models give their slope and t. Logistic and Poisson models give the score test of the
    exposure and the first Newton step from the model without it, for the observed curve too.

    Raises
    ------
    UserError
        If an exposure has gaps in the rows used, or adjusts another specification.
    """
    exposures = np.unique(plan.exposure[which])
    _check(plan, which, exposures)
    nulls = _null_models(plan, which)
    values = plan.columns[:, exposures]
    values = values - values.mean(0)
    n, e = values.shape
    rng = np.random.default_rng(seed)
    step = max(1, CHUNK // (n * e))
    yield _curve(plan, which, exposures, nulls, values.T[None])
    for start in range(0, resamples, step):
        rows = shuffle_rows(people, min(step, resamples - start), rng)
        mixed = np.ascontiguousarray(values[rows].transpose(0, 2, 1))
        yield _curve(plan, which, exposures, nulls, mixed)


def _check(plan: Plan, which: Ints, exposures: Ints) -> None:
    faults: list[str] = []
    both = np.intersect1d(exposures, plan.covariates[which])
    faults += [f"column {j} is an exposure and adjusts another specification" for j in both]
    everyone = np.isnan(plan.columns[:, exposures]).any(0)
    faults += [f"column {j} has gaps: shuffling moves them" for j in exposures[everyone]]
    if faults:
        raise UserError("; ".join(faults))


Null = tuple[Ints, Floats, Floats, Floats, float]
"""Specifications, rows times (residual, weighted design), weights, inverse, residual variance."""


def _null_models(plan: Plan, which: Ints) -> list[Null]:
    """Fit each model without its exposure once."""
    key = np.column_stack(
        [plan.of_rows[which], plan.family[which], plan.outcome[which], plan.covariates[which]]
    )
    kinds, inverse = np.unique(key, axis=0, return_inverse=True)
    nulls: list[Null] = []
    for kind in range(len(kinds)):
        at = np.flatnonzero(inverse.ravel() == kind)
        i = int(which[at[0]])
        rows = plan.rows[plan.of_rows[i]]
        x, y = plan.design(i, exposure=False), plan.response(i)
        x = x / np.sqrt((x**2).mean(0))
        family = FAMILIES[plan.family[i]]
        if family == "linear":
            weight, df = np.ones(len(y)), len(y) - x.shape[1] - 1.0
            rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        else:
            mean = fit_glm(x, y, family, "classical").fitted
            weight, df = (mean * (1 - mean) if family == "logistic" else mean), np.nan
            rest = y - mean
        bread = np.linalg.inv((x * weight[:, None]).T @ x)
        full = np.zeros((len(rows), x.shape[1] + 1))
        full[rows] = np.column_stack([rest, x * weight[:, None]])
        w = np.zeros(len(rows))
        w[rows] = weight
        nulls.append((at.astype(np.intp), full, w, bread, df))
    return nulls


def _curve(plan: Plan, which: Ints, exposures: Ints, nulls: list[Null], values: Floats) -> Curves:
    """Compute curves of exposures, shape (shuffles, exposures, n)."""
    b, t = (np.empty((len(values), len(which))) for _ in range(2))
    squares = values**2
    for at, full, weight, bread, df in nulls:
        sums = values @ full
        score, cross = sums[..., 0], sums[..., 1:]
        raw = squares @ weight
        left = raw - ((cross @ bread) * cross).sum(-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(left > LEAST_SHARE * raw, left, np.nan)
            slope = score / left
            if np.isnan(df):
                z = score / np.sqrt(left)
            else:
                rss = (full[:, 0] ** 2).sum() - score * slope
                z = slope / np.sqrt(rss / df / left)
        e = np.searchsorted(exposures, plan.exposure[which[at]])
        b[:, at], t[:, at] = slope[:, e], z[:, e]
    return b, t
