"""Expectation and maximisation of many starts, and of many data sets, in one array program.

Arrays of parameters have the shape (data sets, starts, classes, ...). The likelihood of a person is
linear in his sums, so a step is one matrix product for the expectations and one for the sums that
maximise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

LEAST_VARIANCE = 1e-6
"""Least residual variance beside that of the outcome: below it a class has collapsed."""
TILE = 400_000
"""Log densities that are made at once."""
RIDGE = 1e-10
FASTEST = 64.0
"""Steps that a leap may be worth."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Parameters in standardised units.

    Attributes
    ----------
    log_share : ndarray, shape (D, S, C)
    coef : ndarray, shape (D, S, C, d)
    log_variance : ndarray, shape (D, S, C)
    """

    log_share: Floats
    coef: Floats
    log_variance: Floats

    def take(self, runs: NDArray[np.intp]) -> Mixture:
        """Keep some starts of each data set, ``runs`` (D, kept)."""
        at = np.arange(len(runs))[:, None], runs
        return Mixture(self.log_share[at], self.coef[at], self.log_variance[at])

    def flat(self) -> Floats:
        """All parameters of a run in a row, (D, S, all)."""
        d, s = self.log_share.shape[:2]
        return np.concatenate(
            [self.log_share, self.coef.reshape(d, s, -1), self.log_variance], axis=2
        )


def from_flat(flat: Floats, classes: int) -> Mixture:
    """Undo `Mixture.flat`; shares are made to add up to 1 and variances kept off 0."""
    d, s, _ = flat.shape
    log_share = flat[..., :classes]
    top = log_share.max(-1, keepdims=True)
    log_share = log_share - top - np.log(np.exp(log_share - top).sum(-1, keepdims=True))
    log_variance = np.maximum(flat[..., -classes:], np.log(LEAST_VARIANCE))
    return Mixture(log_share, flat[..., classes:-classes].reshape(d, s, classes, -1), log_variance)


def densities(mixture: Mixture) -> Floats:
    """Weights of a person's sums in his log density with his class, (C, D, columns, S)."""
    b, precision = mixture.coef, np.exp(-mixture.log_variance)
    terms = b.shape[-1]
    first, second = np.tril_indices(terms)
    double = np.where(first == second, 1.0, 2.0)
    weights = np.concatenate(
        [
            mixture.log_share[..., None],
            -0.5 * (np.log(2 * np.pi) + mixture.log_variance)[..., None],
            -0.5 * precision[..., None],
            b * precision[..., None],
            -0.5 * precision[..., None] * double * b[..., first] * b[..., second],
        ],
        axis=-1,
    )
    return np.ascontiguousarray(weights.transpose(2, 0, 3, 1))


def expect(sums: Floats, mixture: Mixture) -> tuple[Floats, Floats]:
    """Sum the people's sums weighted by their classes' probabilities.

    Parameters
    ----------
    sums : ndarray, shape (D, people, columns)

    Returns
    -------
    weighted : ndarray, shape (D, S, C, columns)
    log_likelihood : ndarray, shape (D, S)
    """
    weights = densities(mixture)
    c, d, columns, s = weights.shape
    weighted = np.zeros((c, d, columns, s))
    likelihood = np.zeros((d, s))
    step = max(16, TILE // (c * d * s))
    for start in range(0, sums.shape[1], step):
        tile = sums[:, start : start + step]
        logs = [tile @ weights[j] for j in range(c)]
        top = logs[0].copy()
        for other in logs[1:]:
            top = np.maximum(top, other)
        total = np.zeros_like(top)
        for j in range(c):
            np.exp(np.subtract(logs[j], top, out=logs[j]), out=logs[j])
            total += logs[j]
        likelihood += (top + np.log(total)).sum(1)
        across = tile.transpose(0, 2, 1)
        np.reciprocal(total, out=total)
        for j in range(c):
            logs[j] *= total
            weighted[j] += across @ logs[j]
    return weighted.transpose(1, 3, 0, 2), likelihood


def maximise(weighted: Floats, *, shared: bool) -> Mixture:
    """Give the parameters that maximise the expected log-likelihood."""
    columns = weighted.shape[-1]
    d = int(np.sqrt(2 * columns - 3.75) - 1.5 + 0.5)
    first, second = np.tril_indices(d)
    people, visits, square = weighted[..., 0], weighted[..., 1], weighted[..., 2]
    xy = weighted[..., 3 : 3 + d]
    xx = np.empty((*weighted.shape[:-1], d, d))
    xx[..., first, second] = xx[..., second, first] = weighted[..., 3 + d :]
    # An empty class keeps a solution: it goes to 0.
    ridge = RIDGE * np.maximum(visits, RIDGE)
    xx[..., np.arange(d), np.arange(d)] += ridge[..., None]
    coef = np.linalg.solve(xx, xy[..., None])[..., 0].astype(np.float64)
    rest = square - (coef * xy).sum(-1)
    if shared:
        variance = rest.sum(-1, keepdims=True) / visits.sum(-1, keepdims=True)
        variance = np.broadcast_to(variance, rest.shape)
    else:
        variance = rest / np.maximum(visits, 1e-300)
    share = people / people.sum(-1, keepdims=True)
    return Mixture(
        np.log(np.maximum(share, 1e-300)),
        coef,
        np.log(np.maximum(variance, LEAST_VARIANCE)),
    )


def gradient(weighted: Floats, mixture: Mixture, *, shared: bool) -> Floats:
    """Differentiate the log-likelihood, from the sums that `expect` gives at ``mixture``.

    Returns
    -------
    ndarray, shape (D, S, parameters)
        By log shares (all but the last against the last), coefficients, log variances.
    """
    d, s, c, terms = mixture.coef.shape
    first, second = np.tril_indices(terms)
    precision = np.exp(-mixture.log_variance)
    xy = weighted[..., 3 : 3 + terms]
    xx = np.empty((d, s, c, terms, terms))
    xx[..., first, second] = xx[..., second, first] = weighted[..., 3 + terms :]
    fitted = (xx @ mixture.coef[..., None])[..., 0]
    people = weighted[..., 0]
    by_share = people - people.sum(-1, keepdims=True) * np.exp(mixture.log_share)
    by_coef = (xy - fitted) * precision[..., None]
    rss = weighted[..., 2] - 2 * (mixture.coef * xy).sum(-1) + (mixture.coef * fitted).sum(-1)
    by_variance = 0.5 * (rss * precision - weighted[..., 1])
    if shared:
        by_variance = by_variance.sum(-1, keepdims=True)
    return np.concatenate([by_share[..., :-1], by_coef.reshape(d, s, -1), by_variance], axis=2)


def climb(
    sums: Floats,
    mixture: Mixture,
    *,
    shared: bool,
    steps: int,
    tolerance: float,
    least_gain: float = 0.0,
) -> tuple[Mixture, Floats, NDArray[np.bool_]]:
    """Run accelerated EM (SQUAREM) until no parameter moves by ``tolerance``.

    A leap that loses likelihood is taken back, so that the likelihood never falls. Data sets whose
    climbs have all ended leave the others alone.

    Parameters
    ----------
    sums : ndarray, shape (D, people, columns)
    mixture : Mixture
        Where the climbs start.
    shared : bool
        One residual variance for all classes.
    steps : int
    tolerance : float
    least_gain : float
        A climb also ends where a step gains less log-likelihood.

    Returns
    -------
    mixture : Mixture
    log_likelihood : ndarray, shape (D, S)
    settled : ndarray of bool, shape (D, S)

    References
    ----------
    Dempster, Laird and Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x; Varadhan and Roland
    2008, doi:10.1111/j.1467-9469.2007.00585.x.
    """
    classes = mixture.log_share.shape[-1]
    flat = mixture.flat()
    settled = np.zeros(flat.shape[:2], dtype=bool)
    rows, part, zero = np.arange(len(flat)), sums, flat.copy()
    last = np.full(flat.shape[:2], -np.inf)
    for _ in range(steps):
        weighted, _likelihood = expect(part, from_flat(zero, classes))
        first = maximise(weighted, shared=shared)
        one = first.flat()
        still = _moved(one - zero, one, classes) < tolerance
        if still.all():
            flat[rows], settled[rows] = one, True
            break
        weighted, before = expect(part, first)
        two = maximise(weighted, shared=shared).flat()
        r, v = one - zero, two - 2 * one + zero
        size, bend = (np.sqrt((w**2).sum(-1, keepdims=True)) for w in (r, v))
        pace = np.clip(-size / np.maximum(bend, 1e-300), -FASTEST, -1.0)
        leap = from_flat(zero - 2 * pace * r + pace**2 * v, classes)
        weighted, after = expect(part, leap)
        third = maximise(weighted, shared=shared).flat()
        good = np.isfinite(after) & (after >= before) & np.isfinite(third).all(-1)
        zero = np.where(good[..., None], third, two)
        flat[rows], settled[rows] = zero, still | (before - last < least_gain)
        last = before
        going = ~settled[rows].all(1)
        if not going.any():
            break
        if going.mean() < 0.5:
            rows, part, zero, last = rows[going], part[going], zero[going], last[going]
    end = from_flat(flat, classes)
    return end, expect(sums, end)[1], settled


def _moved(step: Floats, at: Floats, classes: int) -> Floats:
    """Largest step of a parameter; the share of an empty class may go on to 0."""
    there = at[..., :classes] > np.log(1e-10)
    weight = np.ones_like(step)
    weight[..., :classes] = there
    return np.abs(step * weight).max(-1)
