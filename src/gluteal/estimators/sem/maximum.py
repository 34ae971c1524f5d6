"""Find the maximum of the likelihood: of a model, and of no model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.likelihood import LOG_2PI, evaluate
from gluteal.estimators.sem.moments import Moments, refuse_sparse, saturate
from gluteal.estimators.sem.scoring import Solution, hurry, polish
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.starts import scatter, start_values
from gluteal.estimators.sem.structure import Index, Structure, saturated

TRIES = 5


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a search without end overflows
def maximise_saturated(structure: Structure, moments: Moments) -> tuple[float, Floats, Floats]:
    """Maximise the likelihood without a model: what the model is tested against.

    Returns
    -------
    value : float
        Minus log-likelihood; NaN if the search did not converge.
    mean, cov : ndarray, shapes (p,) and (p, p)
    """
    mean, cov = saturate(moments)
    if moments.complete:
        log_det = float(np.linalg.slogdet(cov)[1])
        return moments.n / 2 * (log_det + len(mean) * (1 + LOG_2PI)), mean, cov
    full = saturated(structure).with_x(mean[None], cov[None])
    theta = as_parameters(full, mean, cov)
    value = evaluate(full, moments.patterns, theta).value
    found = polish(full, moments.patterns, Solution(theta, value, np.array([True]), 0))
    state = evaluate(full, moments.patterns, found.theta)
    refuse_sparse(state.cov[0], moments.names)
    value = float(state.value[0]) if found.converged[0] else float("nan")
    return value, state.mean[0], state.cov[0]


def as_parameters(full: Structure, mean: Floats, cov: Floats) -> Floats:
    """Write moments as parameters of the saturated model, shape (1, free)."""
    return np.concatenate([cov[full.s.row, full.s.col], mean[full.m.row]])[None]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a search without end overflows
def maximise(
    model: Specification,
    structure: Structure,
    moments: Moments,
    mean: Floats,
    cov: Floats,
    seed: int,
) -> Solution:
    """Search from the data's start; from further ones only if that fails."""
    start = start_values(model, structure, mean, cov)
    found = _climb(structure, moments, start, mean)
    if found.converged[0]:
        return found
    spread = np.where(start == 0, 0.5, 0.0)
    for other in scatter(start, spread, seed, TRIES):
        again = _climb(structure, moments, other, mean)
        if (again.converged[0], -again.value[0]) > (found.converged[0], -found.value[0]):
            found = again
        if found.converged[0]:
            break
    return found


def _climb(structure: Structure, moments: Moments, start: Floats, mean: Floats) -> Solution:
    if not (moments.complete and structure.means_are_free and structure.has_means):
        rough = hurry(structure, moments.patterns, start[None])
        return polish(structure, moments.patterns, rough)
    # Means fit exactly and leave the problem.
    plain, kept = structure.without_means()
    rough = hurry(plain, moments.patterns, start[None][:, kept])
    found = polish(plain, moments.patterns, rough)
    whole = fill_intercepts(structure, kept, found.theta, mean[None])
    state = evaluate(structure, moments.patterns, whole)
    return replace(found, theta=whole, value=state.value, state=state)


def fill_intercepts(structure: Structure, kept: Index, theta: Floats, mean: Floats) -> Floats:
    """Give back the intercepts that make the implied means those of the data.

    Parameters
    ----------
    kept : ndarray of int
        Which parameters ``theta`` of shape (b, kept) holds.
    mean : ndarray, shape (b, p)
    """
    whole = np.zeros((len(theta), structure.free))
    whole[:, kept] = theta
    a, _, m = structure.matrices(whole)
    inverse = np.linalg.inv(np.eye(a.shape[1]) - a)
    rows = structure.m.row
    # Intercepts not in the search are zero here: what is fixed makes the rest.
    rest = (inverse @ m[..., None])[:, : structure.p, 0]
    own = inverse[:, rows[:, None], rows]
    whole[:, structure.m.parameter] = np.linalg.solve(own, (mean - rest)[:, rows, None])[..., 0]
    return whole
