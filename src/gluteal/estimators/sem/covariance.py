"""Covariance of estimates from information or sandwich, and the scaling of the test statistic."""

from __future__ import annotations

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.curvature import expected_information, meat, observed_information
from gluteal.estimators.sem.likelihood import State
from gluteal.estimators.sem.moments import Moments
from gluteal.estimators.sem.roots import scaled_root
from gluteal.estimators.sem.structure import Structure

SINGULAR = 1e-10


def information_of(
    structure: Structure, moments: Moments, theta: Floats, kind: str, state: State
) -> Floats:
    """Return the information of one kind, ``"expected"`` or ``"observed"``."""
    kinds = {"expected": expected_information, "observed": observed_information}
    return kinds[kind](structure, moments.patterns, theta, state)


def invert(information: Floats) -> tuple[Floats, str]:
    """Invert an information matrix; say what is wrong with it, if something is.

    Returns
    -------
    inverse : ndarray
        NaN where the matrix is singular: then some parameters are not identified.
    fault : str
        Empty if the matrix is positive definite.
    """
    # The norm of the inverse bounds the smallest root from below, without an eigenvalue problem.
    if (found := scaled_root(information)) and (found[0] ** 2).sum() < 1 / SINGULAR:
        root = found[0] / found[1]
        return root.T @ root, ""
    diagonal = np.diag(information)
    nothing = np.full(information.shape, np.nan)
    if not np.isfinite(information).all() or (diagonal <= 0).any():
        return nothing, "the information matrix is not positive definite"
    size = np.sqrt(diagonal)
    scaled = information / np.outer(size, size)
    values, vectors = np.linalg.eigh(scaled)
    if abs(values[0]) <= SINGULAR:
        return nothing, "the model is not identified: the information matrix is singular"
    inverse = (vectors / values) @ vectors.T / np.outer(size, size)
    return inverse, "" if values[0] > 0 else "the information matrix is not positive definite"


def loose_parameters(information: Floats, names: tuple[str, ...]) -> list[str]:
    """Name the parameters that a singular information matrix leaves undetermined."""
    size = np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    null = (vectors[:, values <= SINGULAR] ** 2).sum(1)
    return [names[k] for k in np.flatnonzero(null > 1e-3)]


def sandwich(bread: Floats, structure: Structure, moments: Moments, theta: Floats) -> Floats:
    """Return the covariance that holds for any distribution of people (Huber and White).

    References
    ----------
    Yuan and Bentler 2000, doi:10.1111/0081-1750.00078.
    """
    return bread @ meat(structure, moments, theta) @ bread


def trace_of(structure: Structure, moments: Moments, theta: Floats, bread: Floats) -> float:
    """Return the trace of bread and meat: parameters times their scaling factor."""
    return float((meat(structure, moments, theta) * bread).sum())


def saturated_trace(moments: Moments, structure: Structure, theta: Floats) -> float:
    """Return the trace of bread and meat of the saturated model.

    Parameters
    ----------
    structure : Structure
        The saturated model.
    theta : ndarray
        Its parameters at the maximum.
    """
    if moments.complete and not structure.x:
        # In whitened values the bread is the identity: the trace is a sum over people.
        part = moments.patterns[0]
        root = np.linalg.inv(np.linalg.cholesky(part.cov[0]))
        white = (moments.data - part.mean[0]) @ root.T
        square, p = (white**2).sum(1), white.shape[1]
        # |zz' - I|² / 2, and |z|² if means are modelled, on average over people.
        trace = (float((square**2).mean()) - 2 * float(square.mean()) + p) / 2
        return trace + (float(square.mean()) if structure.has_means else 0.0)
    bread, _ = invert(observed_information(structure, moments.patterns, theta))
    return trace_of(structure, moments, theta, bread)
