"""Cluster-robust covariances of a mixed model's coefficients: CR0 and CR2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any, Literal

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.lmm.crossed import Crossed
from gluteal.estimators.lmm.result import MixedModel

MOST_AT_ONCE = 400_000  # numbers of stacked matrices


def robust_model(fit: MixedModel, kind: Literal["CR0", "CR2"] = "CR2") -> Model:
    """Return the coefficients with errors that hold where the random effects are wrong.

    Parameters
    ----------
    fit : MixedModel
        With one grouping factor, or nested ones (clusters are then the outer levels).
    kind : {"CR0", "CR2"}
        CR2 is nearly unbiased in few people and has Satterthwaite df; CR0 takes the normal.

    Returns
    -------
    Model

    Raises
    ------
    UserError
        For crossed factors, whose rows fall into no clusters.

    References
    ----------
    Bell and McCaffrey 2002, Survey Methodology 28(2):169-181; Pustejovsky and Tipton 2018,
    doi:10.1080/07350015.2016.1247004. Equal to clubSandwich's ``vcovCR`` of a fit by lme4.

    Examples
    --------
    >>> from gluteal.estimators.lmm import fit_lmm
    >>> person = np.repeat([1, 2, 3], 3); visit = np.tile([0.0, 1, 2], 3)
    >>> x = np.column_stack([np.ones(9), visit])
    >>> fit = fit_lmm(x, [3, 4, 5, 5, 7, 8, 2, 2.5, 4], person)
    >>> found = robust_model(fit).coefficient(1)
    >>> round(found.se, 4), round(found.df, 4)
    (0.1667, 2.0)
    """
    solution = fit.solution
    if isinstance(solution.data, Crossed):
        raise UserError("rows of crossed factors share no clusters: robust errors need one factor")
    rows, profile = solution.rows, solution.point.profile
    scores, own, shared = _sides(fit, kind)
    inverse = profile.inverse
    inner = inverse @ (scores.T @ scores) @ inverse
    cov = rows.scale**2 * rows.basis @ inner @ rows.basis.T
    df_of: Callable[[Floats], float] = constant_df(inf)
    if kind == "CR2":
        df_of = _df_of(own, shared, inverse, rows.basis)
    return replace(fit.model, cov=cov, df_of=df_of, se_type=kind)


def _df_of(own: Floats, shared: Floats, bread: Floats, basis: Floats) -> Callable[[Floats], float]:
    half = np.linalg.cholesky(bread)

    def df_of(weights: Floats) -> float:
        direction = bread @ (weights @ basis)
        diagonal = own @ direction @ direction
        low = (shared @ direction) @ half
        squared = (low**2).sum(1)
        inner = low.T @ low
        trace = float(diagonal.sum() - squared.sum())
        squares = float((diagonal**2).sum() - 2 * (diagonal * squared).sum() + (inner**2).sum())
        return trace**2 / squares if squares > 0 else float("nan")

    return df_of


def _sides(fit: MixedModel, kind: str) -> tuple[Floats, Floats, Floats]:
    """Return the score of each cluster, and what the degrees of freedom need of it.

    Clusters of the same size are worked on together; cost grows with the cubes of their sizes.
    """
    solution = fit.solution
    rows, point, data = solution.rows, solution.point, solution.data
    codes = solution.codes[0]
    if len(solution.codes) == 2:
        codes = solution.codes[int(fit.levels[1] < fit.levels[0])]
    order = np.argsort(codes, kind="stable")
    size = np.bincount(codes)
    first = np.cumsum(size) - size
    p = len(point.profile.b)
    whole = np.tensordot(point.omega, data.directions, 1)
    e = np.append(-point.profile.b, 1.0)
    scores, own = np.empty((len(size), p)), np.empty((len(size), p, p))
    shared = np.empty((len(size), p, p))
    z = _inner_effects(fit)
    for m in np.unique(size):
        members = np.flatnonzero(size == m)
        for low in range(0, len(members), step := max(1, MOST_AT_ONCE // int(m * m))):
            some = members[low : low + step]
            at = order[first[some][:, None] + np.arange(m)]
            table, zs = rows.table[at], z[at]
            variance = np.asarray(zs @ whole @ zs.transpose(0, 2, 1), dtype=np.float64)
            noise: Any = 1.0
            if rows.root.size:
                # Rows as given: the correction is not the same for rows scaled by their weights.
                noise = 1 / rows.root[at] ** 2
                table = table / rows.root[at][:, :, None]
            variance[:, np.arange(m), np.arange(m)] += noise
            x, rest = table[:, :, :p], table @ e
            side = np.linalg.solve(variance, x)
            if kind == "CR2":
                side = _adjust(variance, x, point.profile.inverse) @ side
            scores[some] = np.einsum("gmp,gm->gp", side, rest)
            own[some] = side.transpose(0, 2, 1) @ variance @ side
            shared[some] = side.transpose(0, 2, 1) @ x
    return scores, own, shared.transpose(0, 2, 1)


def _adjust(variance: Floats, x: Floats, bread: Floats) -> Floats:
    """Return A = D'(D(Φ - XMX')D')^(-1/2) D for Φ = D'D of each cluster."""
    upper = np.linalg.cholesky(variance).transpose(0, 2, 1)
    target = variance - x @ bread @ x.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(upper @ target @ upper.transpose(0, 2, 1))
    keep = values > 1e-10 * np.maximum(values.max(1, keepdims=True), 1e-300)
    roots = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)
    turned = upper.transpose(0, 2, 1) @ vectors
    return (turned * roots[:, None]) @ turned.transpose(0, 2, 1)


def _inner_effects(fit: MixedModel) -> Floats:
    solution = fit.solution
    if not solution.place.size:
        return solution.z @ solution.turn
    inner = solution.codes[0 if len(solution.codes) == 1 else int(fit.levels[1] > fit.levels[0])]
    found = np.zeros((fit.n, int(solution.place.max()) + 1))
    found[np.arange(fit.n), solution.place[inner]] = 1.0
    return found
