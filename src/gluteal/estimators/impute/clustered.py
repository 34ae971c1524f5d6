"""Draws of a regression in which people have levels of their own (a random intercept)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.linear import LEAST_PENALTY, RIDGE
from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
LEAST_VARIANCE = 1e-9
"""Of a standardised column: a perfect fit keeps this much, so that nothing is divided by 0."""
LEAST_PEOPLE = 3
"""People with at least two observed values, from which both variances can be told apart."""


@dataclass(frozen=True, slots=True)
class Levels:
    """People of the rows of one column.

    Attributes
    ----------
    counts : ndarray of int, shape (people,)
        Observed values of each person.
    observed, missing : ndarray of int
        Person of each row observed and of each row to impute.
    """

    counts: Ints
    observed: Ints
    missing: Ints


@dataclass(frozen=True, slots=True)
class ClusteredDraw:
    """What one step of the sampler drew, for b imputations.

    Attributes
    ----------
    estimate, drawn : ndarray, shape (b, q)
        Coefficients: generalised least squares and drawn.
    expected, people : ndarray, shape (b, people)
        People's levels: expected at ``estimate``, and drawn.
    sigma, tau : ndarray, shape (b,)
        Standard deviations within and between people.
    """

    estimate: Floats
    drawn: Floats
    expected: Floats
    people: Floats
    sigma: Floats
    tau: Floats


def can_be_clustered(counts: Ints) -> bool:
    """Say whether the variance between people can be told from that within."""
    return int((counts > 1).sum()) >= LEAST_PEOPLE


def sums_of_observed(x: Floats, starts: Ints, lacking: Floats, levels: Levels) -> Floats:
    """Sum the design over each person's rows with an observed value, shape (b, people, q)."""
    sums = np.add.reduceat(x, starts, axis=1)
    who = levels.missing
    if who.size:
        first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
        sums[:, who[first]] -= np.add.reduceat(lacking, first, axis=1)
    return sums


def draw_clustered(
    gram: Floats,
    sums: Floats,
    at: int,
    predictors: Ints,
    levels: Levels,
    before: tuple[Floats, Floats] | None,
    z: Floats,
    chi: Floats,
) -> ClusteredDraw:
    """Take one step of a Gibbs sampler; the cycles of the chained equations are its iterations.

    Given both variances, coefficients are drawn with people's levels integrated out, then the
    levels, then the variances. Priors are flat on the coefficients, on log sigma and on tau.

    Parameters
    ----------
    gram : ndarray, shape (b, q, q)
        Cross-products of the rows in which the column was observed.
    sums : ndarray, shape (b, people, q)
        Sums of the same rows by person.
    at : int
        Position of the column.
    predictors : ndarray of int, shape (k,)
    levels : Levels
    before : tuple of ndarray, optional
        Variances within and between people of the cycle before.
    z : ndarray, shape (b, k + people)
        Standard normal draws.
    chi : ndarray, shape (b, 2)
        Chi-square draws with as many degrees of freedom as values and as people less one.

    References
    ----------
    Schafer and Yucel 2002, doi:10.1198/106186002760180608; Grund, Lüdtke and Robitzsch 2018,
    doi:10.1177/1094428117703686.
    """
    k, n = len(predictors), levels.counts
    inner = gram[:, predictors[:, None], predictors]
    right, own = gram[:, predictors, at], gram[:, at, at]
    diagonal = np.einsum("bkk->bk", inner)
    diagonal += np.maximum(RIDGE * diagonal, LEAST_PENALTY)
    if before is None:
        flat = np.linalg.solve(inner, right[:, :, None])[:, :, 0]
        left = np.maximum((own - (flat * right).sum(1)) / n.sum(), LEAST_VARIANCE)
        before = left / 2, left / 2
    within, between = before
    # V⁻¹ of a person is (1 - w 11')/sigma².
    weight = between[:, None] / (within[:, None] + n * between[:, None])
    part = sums[:, :, predictors]
    turned = part.swapaxes(-1, -2)
    inner = (inner - np.matmul(turned * weight[:, None, :], part)) / within[:, None, None]
    total = sums[:, :, at]
    right = (right - np.matmul(turned, (weight * total)[:, :, None])[:, :, 0]) / within[:, None]
    root = _root_of_inverse(inner)
    back = root.swapaxes(-1, -2)
    estimate = np.matmul(back, root @ right[:, :, None])[:, :, 0]
    drawn = estimate + np.matmul(back, z[:, :k, None])[:, :, 0]
    share = 1 / (n / within[:, None] + 1 / between[:, None])
    left_at = [total - np.matmul(part, b[:, :, None])[:, :, 0] for b in (estimate, drawn)]
    expected, centre = (share * gap / within[:, None] for gap in left_at)
    people = centre + np.sqrt(share) * z[:, k:]
    wide = np.zeros((2, len(gram), gram.shape[1]))
    wide[0][:, predictors], wide[1][:, predictors] = estimate, drawn
    contrast = -wide[1]
    contrast[:, at] = 1.0
    rss = np.einsum("bi,bij,bj->b", contrast, gram, contrast)
    rss += (n * people**2 - 2 * people * left_at[1]).sum(1)
    sigma = np.sqrt(np.maximum(rss / chi[:, 0], LEAST_VARIANCE))
    tau = np.sqrt(np.maximum((people**2).sum(1) / chi[:, 1], LEAST_VARIANCE))
    return ClusteredDraw(wide[0], wide[1], expected, people, sigma, tau)


def _root_of_inverse(matrix: Floats) -> Floats:
    """Return r with r'r the inverse, lifting directions that rounding has left without digits."""
    try:
        return np.linalg.inv(np.linalg.cholesky(matrix)).astype(np.float64)
    except np.linalg.LinAlgError:
        size, turn = np.linalg.eigh(matrix)
        size = np.maximum(size, 1e-10 * size.max(-1, keepdims=True))
        return (turn / np.sqrt(size)[:, None, :]).swapaxes(-1, -2).astype(np.float64)
