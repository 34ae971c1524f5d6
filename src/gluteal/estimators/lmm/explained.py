"""How much of the outcome's variance covariates and random effects explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.result import MixedModel


@dataclass(frozen=True, slots=True)
class Explained:
    """Shares of variance, and the variances they are made of.

    Attributes
    ----------
    marginal, conditional : float
        R² of the covariates, and of covariates and random effects.
    icc : float
        Share of the random effects in what the covariates leave.
    fixed, random, residual : float
        Variances in squared units of the outcome.
    by_factor : tuple of float
        ``random`` of each factor.
    """

    marginal: float
    conditional: float
    icc: float
    fixed: float
    random: float
    residual: float
    by_factor: tuple[float, ...]


def explain_variance(fit: MixedModel) -> Explained:
    """Split the variance into covariates, random effects and residual.

    With random slopes the random part is its mean over the rows.

    References
    ----------
    Nakagawa and Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x; Johnson 2014 for slopes,
    doi:10.1111/2041-210X.12225.

    Examples
    --------
    >>> from gluteal.estimators.lmm import fit_lmm
    >>> person = np.repeat([1, 2, 3], 3); visit = np.tile([0.0, 1, 2], 3)
    >>> x = np.column_stack([np.ones(9), visit])
    >>> fit = fit_lmm(x, [3, 4, 5, 5, 7, 8, 2, 2.5, 4], person)
    >>> found = explain_variance(fit)
    >>> round(found.marginal, 3), round(found.conditional, 3)
    (0.205, 0.973)
    """
    z: Floats = fit.solution.z
    fixed = float(np.var(fit.model.fitted, ddof=1))
    if len(fit.solution.codes) == 1:
        by_factor = (float(np.sum(fit.covariance * (z.T @ z))) / fit.n,)
    else:
        by_factor = tuple(float(v) for v in np.diag(fit.covariance))
    random = sum(by_factor)
    residual = fit.residual_variance
    total = fixed + random + residual
    return Explained(
        fixed / total,
        (fixed + random) / total,
        random / (random + residual),
        fixed,
        random,
        residual,
        by_factor,
    )
