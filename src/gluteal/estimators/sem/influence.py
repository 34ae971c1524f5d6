"""What each person does to an estimate: influences, so that two models' errors can be joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.likelihood import evaluate, half, slopes, whitened
from gluteal.estimators.sem.moments import Moments
from gluteal.estimators.sem.result import SemFit
from gluteal.estimators.sem.structure import Structure


def person_scores(structure: Structure, moments: Moments, theta: Floats) -> Floats:
    """Differentiate each person's log-likelihood by the free parameters.

    Returns
    -------
    ndarray, shape (n, free)
        In the order of ``moments.data``; at a maximum the columns sum to 0.
    """
    state = evaluate(structure, moments.patterns, theta[None])
    found = slopes(structure, state)
    out = np.zeros((moments.n, len(structure.names)))
    for index, part in enumerate(moments.patterns):
        cov, mean = (m[0] for m in whitened(structure, state, found, index, part))
        o = part.seen
        rows, cols, weight = half(o.size)
        center = state.mean[0, o] if structure.has_means else part.mean[0]
        white = (moments.data[part.rows][:, o] - center) @ state.roots[index][0].T
        features = (white[:, rows] * white[:, cols] - (rows == cols)) * weight / 2
        own = features @ cov
        if structure.has_means:
            own += white @ mean
        out[part.rows] = own
    return out @ structure.expansion(theta[None])[0] if structure.constraints else out


def influences(fit: SemFit, names: Sequence[str]) -> Floats:
    """Return what each person does to named quantities of a fit.

    The products of two columns summed over people are the sandwich (robust) covariance of the two
    quantities; so joined with the influences of another estimate from the same people they give
    the covariance of both.

    Parameters
    ----------
    fit : SemFit
    names : sequence of str
        Free, constrained or defined parameters.

    Returns
    -------
    ndarray, shape (n, names)
        One row a person used, in their order in the data.

    Raises
    ------
    UserError
        If the model has no such parameter.

    References
    ----------
    Stefanski and Boos 2002, doi:10.1198/000313002753631330.
    """
    if stray := [name for name in names if name not in fit.names]:
        raise UserError(f"the model has no parameter {stray[0]!r}")
    at = [fit.names.index(name) for name in names]
    scores = person_scores(fit.structure, fit.moments, fit.theta)
    # The first rows of the classical covariance are those of the free parameters themselves.
    return np.asarray(scores @ fit.model.classical_cov[: fit.free, at], dtype=np.float64)
