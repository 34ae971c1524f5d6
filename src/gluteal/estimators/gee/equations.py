"""The estimating equations: scoring steps for the coefficients, in turns with the correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.estimators.gee.alpha import AlphaBy, bounds_of, estimate_alpha
from gluteal.estimators.gee.working import (
    Layout,
    Parts,
    Working,
    normal_equations,
    parts_of,
)
from gluteal.estimators.glm import NEARLY_SURE, is_separated
from gluteal.estimators.inference import Floats
from gluteal.estimators.irls import Mean, climb, mean_of, solve_information, variance_of

MOST_STEPS = 100
SETTLED = 1e-9
PATIENCE = 15
"""Steps after which the correlation moves half the way only."""
FAR, LOST = 5.0, 100.0
"""Of a log odds or log rate: the longest step of a row, and where nothing comes back from."""
INSIDE = 1e-7
"""How far from its bounds a working correlation is kept."""
NEAR = 1e-2
"""How well the start, which ignores the correlation, is fitted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The data in the layout's order."""

    x: Floats
    y: Floats
    weights: Floats | None
    offset: Floats | None
    family: Mean


@dataclass(frozen=True, slots=True)
class State:
    """Where the iterations ended; ``slope`` and ``residual`` of the last step."""

    coef: Floats
    eta: Floats
    slope: Floats
    residual: Floats
    alpha: float
    scale: float
    steps: int
    settled: bool
    edge: bool
    failed: bool
    warnings: tuple[str, ...]


def _even(data: Rows, mean: Floats) -> tuple[Floats, Floats]:
    """Return derivatives and residuals over the root of the variance, times that of the weight."""
    x, residual = data.x, data.y - mean
    if data.family != "linear":
        root = np.sqrt(variance_of(data.family, mean))
        x, residual = x * root[:, None], residual / root
    if data.weights is not None:
        root = np.sqrt(data.weights)
        x, residual = x * root[:, None], residual * root
    return x, residual


def solve_equations(data: Rows, layout: Layout, working: Working, alpha_by: AlphaBy) -> State:
    """Alternate between the correlation and a scoring step for the coefficients."""
    x, y, family = data.x, data.y, data.family
    start = climb(x, y, family, data.weights, data.offset, NEAR)
    coef, eta, mean = start.coef, start.eta, start.mean
    slope, residual = x, y
    alpha, raw, scale, edge, settled, step = 0.0, 0.0, 1.0, False, False, 0
    sure = family != "linear" and float(variance_of(family, mean).min()) < NEARLY_SURE
    if (sure or not start.converged) and family != "linear" and is_separated(x, y, family):
        text = "the covariates separate the outcome: no finite estimate"
        return State(coef, eta, slope, residual, alpha, scale, 0, False, False, True, (text,))
    low, high = bounds_of(layout, working)
    parts: Parts | None = None
    if working == "exchangeable" and family == "linear":
        parts = parts_of(_even(data, mean)[0], layout)  # stays the same
    for step in range(1, MOST_STEPS + 1):
        slope, residual = _even(data, mean)
        pearson = residual if data.weights is None else residual / np.sqrt(data.weights)
        scale, raw = estimate_alpha(
            pearson, data.weights, x.shape[1], layout, working, alpha_by, alpha
        )
        if working != "independence":
            last, alpha = alpha, min(max(raw, low + INSIDE), high - INSIDE)
            if step > PATIENCE:  # two states may answer each other without end
                alpha = (last + alpha) / 2
        edge = working != "independence" and not low + INSIDE < raw < high - INSIDE
        move = solve_information(*normal_equations(slope, residual, alpha, layout, working, parts))
        shift = x @ move
        if family != "linear" and (far := float(np.abs(shift).max())) > FAR:
            move, shift = move * (FAR / far), shift * (FAR / far)
        coef = coef + move
        eta = eta + shift
        mean = mean_of(family, eta)
        size = float(np.abs(shift).max())
        if not np.isfinite(size) or (family != "linear" and np.abs(eta).max() > LOST):
            text = "the iterations did not converge: estimates run away"
            return State(
                coef, mean, slope, residual, alpha, scale, step, False, edge, True, (text,)
            )
        if size <= SETTLED * (1 + float(np.abs(eta).max())):
            settled = True
            break
    said: list[str] = [] if settled else ["the iterations did not converge"]
    if edge:
        said.append(
            f"the working correlation {raw:.3g} leaves its bounds ({low:.3g}, {high:.3g}): "
            "this structure does not fit"
        )
    return State(coef, eta, slope, residual, alpha, scale, step, settled, edge, False, tuple(said))
