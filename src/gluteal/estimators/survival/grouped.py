"""Rows at risk as sparse as they are: the likelihood of a hazard for each period, and covariates.

A row has chance 1 - exp(-H) of the event, H = Σ exp(a_j) exp(x b) over the periods it covers. The
design of indicators is never built: its products are counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.survival.visits import Periods

MOST_STEPS, MOST_HALVES, SETTLED, LOST = 60, 30, 1e-9, 1e-6


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows at risk on live periods; wide rows span several."""

    first: NDArray[np.intp]
    y: Floats
    x: Floats
    wide: NDArray[np.intp]
    cover: Floats
    """Which live periods each wide row covers, shape (wide, live)."""
    count: int

    def log_base(self, alpha: Floats) -> Floats:
        """Log of the summed baseline hazard of each row."""
        found: Floats = np.take(alpha, self.first)
        if self.wide.size:
            top = float(alpha.max())
            np.put(found, self.wide, np.log(self.cover @ np.exp(alpha - top)) + top)
        return found

    def shares(self, alpha: Floats) -> Floats:
        """How a wide row's hazard is shared between its periods."""
        part = self.cover * np.exp(alpha - alpha.max())
        return part / part.sum(1, keepdims=True)

    def pull(self, values: Floats, alpha: Floats) -> Floats:
        """Multiply the transposed design by one value a row."""
        single = values.copy()
        single[self.wide] = 0.0
        own = np.bincount(self.first, single, self.count).astype(float)
        if self.wide.size:
            own += self.shares(alpha).T @ values[self.wide]
        return np.concatenate([own, self.x.T @ values])

    def cross(self, weight: Floats, alpha: Floats) -> Floats:
        """Weighted cross-product of the design, which is never built."""
        k, p = self.count, self.x.shape[1]
        found = np.zeros((k + p, k + p))
        single = weight.copy()
        single[self.wide] = 0.0
        found[range(k), range(k)] = np.bincount(self.first, single, k)
        weighted = self.x * weight[:, None]
        for j in range(p):
            column = weighted[:, j].copy()
            column[self.wide] = 0.0
            found[:k, k + j] = np.bincount(self.first, column, k)
        if self.wide.size:
            share = self.shares(alpha)
            found[:k, :k] += (share * weight[self.wide, None]).T @ share
            found[:k, k:] += share.T @ weighted[self.wide]
        found[k:, :k] = found[:k, k:].T
        found[k:, k:] = weighted.T @ self.x
        return found

    def design(self, alpha: Floats) -> Floats:
        """Build the design, for covariances that need its rows."""
        left = np.zeros((len(self.y), self.count))
        left[np.arange(len(self.y)), self.first] = 1.0
        if self.wide.size:
            left[self.wide] = self.shares(alpha)
        return np.column_stack([left, self.x])


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluation: log-likelihood, score, expected information, H and chance of each row."""

    like: float
    score: Floats
    information: Floats
    hazard: Floats
    mean: Floats


def evaluate(rows: Rows, coef: Floats) -> Point:
    """Evaluate log-likelihood, score and expected information."""
    alpha = coef[: rows.count]
    eta = np.clip(rows.log_base(alpha) + rows.x @ coef[rows.count :], -700, 50)
    hazard = np.exp(eta)
    mean = -np.expm1(-hazard)
    with np.errstate(divide="ignore"):
        like = float(np.where(rows.y == 1, np.log(np.maximum(mean, 1e-300)), -hazard).sum())
    slope = np.where(mean > 0, hazard / np.maximum(mean, 1e-300), 1.0)
    score = rows.pull((rows.y - mean) * slope, alpha)
    weight = hazard * slope * np.exp(-hazard)
    return Point(like, score, rows.cross(weight, alpha), hazard, mean)


def observe(rows: Rows, coef: Floats, at: Point) -> Floats:
    """Return the observed information: less the second derivatives of the log-likelihood.

    The expected one holds for periods that were seen one by one only. A row spans several because
    it ended with the event; those without it would have been rows of their own.
    """
    alpha, h = coef[: rows.count], at.hazard
    with np.errstate(over="ignore"):
        pull = np.where(rows.y == 1, h / np.maximum(np.expm1(h), 1e-300), -h)
    weight = np.where(rows.y == 1, -pull * (1 - h - pull), h)
    found = rows.cross(weight, alpha)
    if rows.wide.size:
        share, own = rows.shares(alpha), pull[rows.wide]
        k = rows.count
        found[:k, :k] += (share * own[:, None]).T @ share - np.diag(own @ share)
    return found


def lay_rows(rows: Periods, x: Floats) -> tuple[Rows, NDArray[np.intp], NDArray[np.bool_]]:
    """Keep rows of live periods, those with an event, and number these anew.

    Returns
    -------
    laid : Rows
    live : ndarray of int
        Periods kept.
    kept : ndarray of bool
        Rows kept.
    """
    live = np.flatnonzero(tally(rows)[1])
    number = np.full(rows.periods, -1)
    number[live] = np.arange(live.size)
    kept = number[rows.first] >= 0
    first, last = number[rows.first[kept]], number[rows.last[kept]]
    wide = np.flatnonzero(last > first)
    span = np.arange(live.size)
    cover = (span >= first[wide, None]) & (span <= last[wide, None])
    y = rows.event[kept].astype(float)
    return Rows(first, y, x[kept], wide, cover.astype(float), live.size), live, kept


def tally(rows: Periods) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Count rows, and rows with the event, that cover each period."""

    def cover(kept: NDArray[np.bool_]) -> NDArray[np.intp]:
        size = rows.periods + 1
        opened = np.bincount(rows.first[kept], minlength=size)
        return np.cumsum(opened - np.bincount(rows.last[kept] + 1, minlength=size))[:-1]

    return cover(np.ones(rows.event.size, dtype=bool)), cover(rows.event)


def climb(rows: Rows, start: Floats) -> tuple[Floats, Point, Point, bool]:
    """Climb by Fisher's scoring; return coefficients, the last and first points, success."""
    coef, first = start, evaluate(rows, start)
    now = first
    design_size = np.concatenate([np.ones(rows.count), np.abs(rows.x).max(0)])
    for _ in range(MOST_STEPS):
        move = np.linalg.lstsq(now.information, now.score, rcond=1e-14)[0]
        reach = float((np.abs(move) * design_size).max())
        move = move * min(1.0, 10 / reach) if reach > 0 else move
        after, halves = evaluate(rows, coef + move), 0
        while not after.like >= now.like - 1e-12 * abs(now.like) and halves < MOST_HALVES:
            move, halves = move / 2, halves + 1
            after = evaluate(rows, coef + move)
        coef, now = coef + move, after
        if reach < SETTLED:
            return coef, now, first, True
    return coef, now, first, False


def invert(at: Point, start: Point, labels: tuple[str, ...]) -> tuple[Floats, str]:
    """Invert the information; say which coefficients it has lost since the start.

    A likelihood that keeps rising flattens: along that direction next to nothing is left of the
    information that was there. Its variance is then huge, never 0.
    """
    size = np.sqrt(np.maximum(np.diag(start.information), 1e-300))
    values, vectors = np.linalg.eigh(at.information / np.outer(size, size))
    lost = values < LOST
    floor = np.maximum(values, 1e-12 * max(float(values.max()), 1e-12))
    inverse = (vectors / floor) @ vectors.T / np.outer(size, size)
    if not lost.any():
        return inverse, ""
    named = [labels[j] for j in np.flatnonzero((np.abs(vectors[:, lost]) > 0.3).any(1))]
    return inverse, f"no finite estimate of {', '.join(named)}: the likelihood keeps rising"
