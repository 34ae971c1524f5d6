"""Fit indices from incomplete data as they would be from complete data."""

from __future__ import annotations

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.curvature import meat, observed_information
from gluteal.estimators.sem.likelihood import evaluate, slopes
from gluteal.estimators.sem.maximum import as_parameters
from gluteal.estimators.sem.moments import Moments, Pattern
from gluteal.estimators.sem.structure import Structure, saturated


def corrected_statistic(
    structure: Structure,
    theta: Floats,
    moments: Moments,
    mean: Floats,
    cov: Floats,
    *,
    robust: bool,
) -> tuple[float, float]:
    """Return the chi-square that complete data would give, and what it expects per the model.

    The chi-square from incomplete data shrinks with what is missing, and RMSEA and CFI with it.

    Parameters
    ----------
    theta : ndarray, shape (free,)
        Estimates from the incomplete data.
    mean, cov : ndarray
        Unrestricted estimates from the incomplete data.
    robust : bool
        Allow for distributions that are not normal.

    Returns
    -------
    statistic, trace : float
        ``trace`` over the degrees of freedom is the scaling factor. NaN if an information matrix
        is singular.

    References
    ----------
    Zhang and Savalei 2022, doi:10.1037/met0000445; lavaan's versions V3 (robust) and V6.
    """
    n, p = float(moments.n), structure.p
    whole = (Pattern(np.arange(p), np.array([n]), mean[None], cov[None], slice(None)),)
    log_det = float(np.linalg.slogdet(cov)[1])
    top = n / 2 * (log_det + p * (1 + float(np.log(2 * np.pi))))
    statistic = 2 * (float(evaluate(structure, whole, theta[None]).value[0]) - top)
    full = saturated(structure).with_x(mean[None], cov[None])
    at = as_parameters(full, mean, cov)[0]
    seen = observed_information(full, moments.patterns, at)
    complete = observed_information(full, whole, at)
    slope = moment_slopes(structure, full, theta)
    try:
        inverse = np.linalg.inv(seen)
        middle = np.linalg.inv(slope.T @ seen @ slope)
    except np.linalg.LinAlgError:
        return statistic, float("nan")
    rest = seen - seen @ slope @ middle @ slope.T @ seen
    if not robust:
        return statistic, float(np.trace(complete @ inverse @ rest @ inverse))
    spread = inverse @ meat(full, moments, at) @ inverse
    bridge = rest @ inverse @ complete @ inverse @ rest
    return statistic, float(np.trace(bridge @ spread))


def moment_slopes(structure: Structure, full: Structure, theta: Floats) -> Floats:
    """Differentiate implied moments, in the order of the saturated model, by free parameters."""
    nobody = ()
    state = evaluate(structure, nobody, theta[None])
    found = slopes(structure, state)
    left, right = found.left[0], found.right[0]
    i, j = full.s.row, full.s.col
    out = (left[i] * right[j] + left[j] * right[i]) @ structure.elements.by_cov
    if structure.has_means:
        mean = found.mean[0][full.m.row] @ structure.elements.by_mean
        out = np.vstack([out, mean])
    return out @ structure.expansion(theta[None])[0]
