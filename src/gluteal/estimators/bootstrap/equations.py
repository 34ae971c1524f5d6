"""Least squares of many equations in many resamples at once, from cross-products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.bootstrap.moments import Moments, place
from gluteal.estimators.inference import Floats

SINGULAR = 1e-10
CHUNK = 4096
HELD = 8_000_000  # numbers kept while eliminating
DENSE = 18  # from so many coefficients on, LAPACK is faster than steps across resamples


@dataclass(frozen=True, slots=True)
class Equation:
    """An outcome and its predictors, by the positions of their columns; each has a constant.

    Equations of a recursive system in causal order share their elimination steps.
    """

    outcome: int
    predictors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Solved:
    """Coefficients of every equation in every resample.

    Attributes
    ----------
    coef : tuple of ndarray, each shape (resamples, 1 + predictors)
        Constant first, then the predictors in the order of the equation; NaN in resamples whose
        predictors are collinear.
    rss : tuple of ndarray, each shape (resamples,)
        (Weighted) residual sum of squares.
    weight : ndarray, shape (resamples,)
        Sum of the weights; the number of rows without weights.
    singular : ndarray of bool, shape (resamples,)
        Resamples in which some equation has collinear predictors.
    """

    coef: tuple[Floats, ...]
    rss: tuple[Floats, ...]
    weight: Floats
    singular: NDArray[np.bool_]


class _Elimination:
    """Cross-products after removing variables one by one; what was removed before is kept."""

    def __init__(self, totals: Floats) -> None:
        self._totals = totals
        self._parts: dict[tuple[int, int, tuple[int, ...]], Floats] = {}
        self._slopes: dict[tuple[int, tuple[int, ...]], Floats] = {}
        self.singular: NDArray[np.bool_] = np.zeros(totals.shape[1], dtype=bool)

    def part(self, v: int, w: int, given: tuple[int, ...]) -> Floats:
        """Cross-product of v and w after the ``given`` are removed from both."""
        if not given:
            return self._totals[place(v, w)]
        key = (min(v, w), max(v, w), given)
        if key not in self._parts:
            removed = self.slope(v, given) * self.part(w, given[-1], given[:-1])
            self._parts[key] = self.part(v, w, given[:-1]) - removed
        return self._parts[key]

    def slope(self, v: int, given: tuple[int, ...]) -> Floats:
        """Slope of v on the last of the ``given``, the others removed."""
        key = (v, given)
        if key not in self._slopes:
            last, rest = given[-1], given[:-1]
            pivot = self.part(last, last, rest)
            poor = ~(pivot > SINGULAR * self._totals[place(last, last)])
            if poor.any():
                self.singular |= poor
                pivot = np.where(poor, np.nan, pivot)
            self._slopes[key] = self.part(v, last, rest) / pivot
        return self._slopes[key]

    def solve(self, v: int, given: tuple[int, ...]) -> list[Floats]:
        """Coefficients of v on all of the ``given`` together."""
        found: list[Floats] = []
        for k in range(len(given), 0, -1):
            value = self.slope(v, given[:k])
            for later, coef in zip(range(len(given) - 1, k - 1, -1), found, strict=True):
                value = value - self.slope(given[later], given[:k]) * coef
            found.append(value)
        return found[::-1]


def solve_equations(totals: Floats, moments: Moments, equations: Sequence[Equation]) -> Solved:
    """Solve every equation of every resample.

    Parameters
    ----------
    totals : ndarray, shape (q, resamples)
        Cross-products as ``moments.packed`` has them, summed over each resample.
    moments : Moments
        Whose scales the cross-products are in.
    equations : sequence of Equation

    Returns
    -------
    Solved
    """
    p = max(len(equation.predictors) for equation in equations) + 2
    chunk = max(64, min(CHUNK, HELD // max(p**2, min(p, DENSE) ** 3 // 6)))
    parts = [
        _solve(totals[:, start : start + chunk], moments, equations)
        for start in range(0, max(totals.shape[1], 1), chunk)
    ]
    if len(parts) == 1:
        return parts[0]
    k = range(len(equations))
    return Solved(
        tuple(np.concatenate([one.coef[e] for one in parts]) for e in k),
        tuple(np.concatenate([one.rss[e] for one in parts]) for e in k),
        np.concatenate([one.weight for one in parts]),
        np.concatenate([one.singular for one in parts]),
    )


def solve_normal(totals: Floats, p: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Solve normal equations of p predictors without a constant of their own.

    Parameters
    ----------
    totals : ndarray, shape (q, resamples)
        Row ``place(i, j)`` holds the cross-product of predictors i and j, ``place(i, p)`` that of
        predictor i and the outcome.

    Returns
    -------
    coef : ndarray, shape (resamples, p)
        NaN where singular.
    singular : ndarray of bool, shape (resamples,)
    """
    work = _Elimination(totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        coef = np.column_stack(work.solve(p, tuple(range(p))))
    return coef, work.singular


def _solve(totals: Floats, moments: Moments, equations: Sequence[Equation]) -> Solved:
    work = _Elimination(totals)
    centre, scale = moments.centre, moments.scale
    coefs: list[Floats] = []
    rss: list[Floats] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for equation in equations:
            y = equation.outcome
            used = sorted(equation.predictors)
            given = (0, *(c + 1 for c in used))
            if len(given) < DENSE:
                constant, *slopes = work.solve(y + 1, given)
                left = work.part(y + 1, y + 1, given)
            else:
                (constant, *slopes), left, singular = _solve_dense(totals, y + 1, given)
                work.singular |= singular
            out = np.empty((totals.shape[1], len(given)))
            by_column = dict(zip(used, slopes, strict=True))
            level = centre[y] + scale[y] * constant
            for k, column in enumerate(equation.predictors):
                slope = by_column[column] * (scale[y] / scale[column])
                level = level - slope * centre[column]
                out[:, k + 1] = slope
            out[:, 0] = level
            coefs.append(out)
            rss.append(np.maximum(left, 0) * scale[y] ** 2)
    return Solved(tuple(coefs), tuple(rss), totals[0], work.singular)


def _solve_dense(
    totals: Floats, v: int, given: tuple[int, ...]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Solve one equation of many coefficients by LAPACK, resample by resample.

    Returns
    -------
    coef : ndarray, shape (coefficients, resamples)
    rss : ndarray, shape (resamples,)
    singular : ndarray of bool, shape (resamples,)
    """
    matrix = np.moveaxis(totals[[[place(i, j) for j in given] for i in given]], -1, 0).copy()
    right = totals[[place(i, v) for i in given]]
    size = totals[[place(i, i) for i in given]].T
    # A trace of ridge lets the factorisation of singular resamples succeed; their pivots tell.
    at = np.arange(len(given))
    ridged = matrix.copy()
    ridged[:, at, at] += SINGULAR / 100 * size
    empty = size.min(1) <= 0
    ridged[empty] = np.eye(len(given))
    pivots = np.linalg.cholesky(ridged)[:, at, at] ** 2
    singular = empty | (pivots <= SINGULAR * 1.01 * size).any(1)
    matrix[singular] = np.eye(len(given))
    coef: Floats = np.linalg.solve(matrix, right.T[:, :, None])[:, :, 0].T.astype(np.float64)
    coef[:, singular] = np.nan
    return coef, totals[place(v, v)] - np.einsum("ij,ij->j", coef, right), singular
