"""Likelihoods with a normal intercept of each cluster, integrated out by adaptive quadrature.

Points lie around the mode of each cluster's intercept. The gradient is that of the approximation
itself, with modes and widths moving as the parameters do, so that even one point (Laplace's method)
is maximised exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.quadrature import chunks, find_modes, points_of

MOST_STEPS = 50
SETTLED = 1e-8
DIFFERENCE = 1e-4
BOUNDARY = 1e-4
START_SD = 1.0
IMPOSSIBLE = 1e10

Look = tuple[Floats, tuple[Floats, ...]]
Curves = tuple[tuple[Floats, ...], tuple[Floats, ...], tuple[Floats, ...]]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Where the clusters of sorted rows start, how many rows they have, and points for each."""

    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    points: int

    def totals(self, values: Floats) -> Floats:
        """Add up rows by cluster along the last axis."""
        return np.add.reduceat(values, self.starts, axis=-1)


@dataclass(frozen=True, slots=True)
class RowModel:
    """How rows depend on parameters and on their linear predictor ``line``.

    Parameters may enter by several channels (for ordered outcomes the line, and the thresholds
    above and below); the line is the first.

    Attributes
    ----------
    designs : tuple of ndarray, shape (n, p)
        What multiplies the parameters in each channel.
    look : callable
        Of line, shape (points, rows), channel values and the rows' slice, to the log-likelihood
        of rows and its derivative by each channel.
    curves : callable
        Of line and channel values, to each channel's derivative of the log-likelihood, of its
        slope by the line, and of its curvature by the line.
    reach : callable
        Of the standard deviation, to how far from 0 modes can lie.
    possible : callable
        Of the parameters: whether they are in their space at all.
    """

    designs: tuple[Floats, ...]
    look: Callable[[Floats, tuple[Floats, ...], slice], Look]
    curves: Callable[[Floats, tuple[Floats, ...]], Curves]
    reach: Callable[[float], Floats]
    possible: Callable[[Floats], bool] = lambda _coef: True


@dataclass(frozen=True, slots=True)
class Value:
    """Log-likelihood at a place, its gradient by (coefficients, sd), and the modes there."""

    log_likelihood: float
    gradient: Floats
    modes: Floats


def evaluate(place: Floats, rows: RowModel, clusters: Clusters, start: Floats) -> Value:
    """Integrate the intercepts out.

    Parameters
    ----------
    place : ndarray, shape (p + 1,)
        Coefficients and standard deviation.
    start : ndarray, shape (clusters,)
        Where to look for the modes first.
    """
    coef, sd = place[:-1], float(place[-1])
    if not rows.possible(coef):
        return Value(-np.inf, np.full(len(place), np.nan), start)
    base = tuple(design @ coef for design in rows.designs)
    n, sizes = len(base[0]), clusters.sizes

    def slope(u: Floats) -> tuple[Floats, Floats]:
        first, cross, _third = rows.curves(base[0] + sd * np.repeat(u, sizes), base)
        return sd * clusters.totals(first[0]) - u, 1 - sd**2 * clusters.totals(cross[0])

    u = find_modes(slope, start, rows.reach(sd))
    first, cross, third = rows.curves(base[0] + sd * np.repeat(u, sizes), base)
    sum_cross, sum_third = clusters.totals(cross[0]), clusters.totals(third[0])
    bend = 1 - sd**2 * sum_cross
    width = 1 / np.sqrt(bend)
    # How modes and widths move with the parameters.
    pull_by = np.vstack(
        [sd * _by(rows, cross, clusters), clusters.totals(first[0]) + sd * sum_cross * u]
    )
    mode_by = pull_by / bend
    direct = np.vstack(
        [-(sd**2) * _by(rows, third, clusters), -2 * sd * sum_cross - sd**2 * sum_third * u]
    )
    bend_by = direct - sd**3 * sum_third * mode_by
    width_by = -0.5 * width**3 * bend_by

    z, weight = points_of(clusters.points)
    at = u + np.sqrt(2) * width * z[:, None]
    level, pull = np.empty_like(at), np.empty_like(at)
    mean = [np.empty(n) for _ in rows.designs]
    for begin, last, top, end in chunks(clusters.starts, n, clusters.points):
        some, own = slice(top, end), slice(begin, last)
        starts = clusters.starts[own] - top
        line = base[0][some] + sd * np.repeat(at[:, own], sizes[own], axis=1)
        like, by = rows.look(line, tuple(part[some] for part in base), some)
        level[:, own] = np.add.reduceat(like, starts, axis=1)
        pull[:, own] = np.add.reduceat(by[0], starts, axis=1)
        share = np.repeat(
            _shares(level[:, own] - at[:, own] ** 2 / 2, weight)[0], sizes[own], axis=1
        )
        for part, values in zip(mean, by, strict=True):
            part[some] = np.einsum("kn,kn->n", share, values)
    share, total = _shares(level - at**2 / 2, weight)
    push = share * (sd * pull - at)
    by_width = (push * np.sqrt(2) * z[:, None]).sum(0) + 1 / width
    gradient = np.zeros(len(place))
    for design, part in zip(rows.designs, mean, strict=True):
        gradient[:-1] += design.T @ part
    gradient[-1] = (share * pull * at).sum()
    gradient += mode_by @ push.sum(0) + width_by @ by_width
    like = total + np.log(width) - 0.5 * np.log(np.pi)
    return Value(float(like.sum()), gradient, u)


def _shares(tilt: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return each point's share of its cluster's integral, and the log of the sum."""
    raised = tilt + weight[:, None]
    top = raised.max(0)
    share = np.exp(raised - top)
    mass = share.sum(0)
    return share / mass, top + np.log(mass)


def _by(rows: RowModel, values: tuple[Floats, ...], clusters: Clusters) -> Floats:
    """Add up, by cluster, each channel's values times its design: shape (p, clusters)."""
    p = rows.designs[0].shape[1]
    found = np.zeros((p, len(clusters.starts)))
    for design, part in zip(rows.designs, values, strict=True):
        for j in range(p):
            found[j] += clusters.totals(part * design[:, j])
    return found


def _hessian(
    place: Floats, unit: Floats, rows: RowModel, clusters: Clusters, modes: Floats
) -> Floats:
    """Differentiate the gradient along the columns of ``unit``; symmetric, in those units."""
    columns: list[Floats] = []
    for k in range(len(place)):
        step = DIFFERENCE * unit[:, k]
        ends = [evaluate(place + s * step, rows, clusters, modes).gradient for s in (1, -1)]
        columns.append(unit.T @ (ends[0] - ends[1]) / (2 * DIFFERENCE))
    found = np.array(columns)
    return (found + found.T) / 2


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the climb ended: place (coefficients, sd), its value and covariance."""

    place: Floats
    value: Value
    cov: Floats
    settled: bool

    @property
    def boundary(self) -> bool:
        """Whether the standard deviation went to 0."""
        return abs(float(self.place[-1])) < BOUNDARY


def maximise(coef: Floats, cov: Floats, rows: RowModel, clusters: Clusters) -> Peak:
    """Climb by BFGS steps in units of the start's errors, then by Newton steps.

    Parameters
    ----------
    coef : ndarray, shape (p,)
        Of the model without random intercepts.
    cov : ndarray, shape (p, p)
        Its covariance, which gives the columns one scale and sets them apart.
    """
    from scipy import optimize

    p, count = len(coef), len(clusters.starts)
    unit = np.zeros((p + 1, p + 1))
    unit[:p, :p] = np.linalg.cholesky(cov)
    unit[p, p] = 1 / np.sqrt(2 * count)
    place = np.r_[coef, START_SD]
    last = np.zeros(count)

    def lost(t: Floats) -> tuple[float, Floats]:
        found = evaluate(place + unit @ t, rows, clusters, last)
        if not np.isfinite(found.log_likelihood):
            return IMPOSSIBLE, np.zeros(p + 1)
        last[:] = found.modes
        return -found.log_likelihood, -(unit.T @ found.gradient)

    end = optimize.minimize(lost, np.zeros(p + 1), jac=True, method="BFGS", options={"gtol": 1e-4})
    place = place + unit @ end.x
    value = evaluate(place, rows, clusters, last)
    none = np.full((p + 1, p + 1), np.nan)
    for _ in range(MOST_STEPS):
        if abs(place[-1]) < BOUNDARY:
            return Peak(place, value, none, True)
        hessian = _hessian(place, unit, rows, clusters, value.modes)
        if not np.isfinite(hessian).all() or float(np.linalg.eigvalsh(-hessian).min()) <= 0:
            return Peak(place, value, none, False)
        move = np.linalg.solve(-hessian, unit.T @ value.gradient)
        size = 1.0
        after = evaluate(place + unit @ move, rows, clusters, value.modes)
        while after.log_likelihood < value.log_likelihood - 1e-9 and size > 1e-6:
            size /= 2
            after = evaluate(place + size * (unit @ move), rows, clusters, value.modes)
        place, value = place + size * (unit @ move), after
        if float(np.abs(size * move).max()) < SETTLED:
            return Peak(place, value, unit @ np.linalg.inv(-hessian) @ unit.T, True)
    return Peak(place, value, none, False)
