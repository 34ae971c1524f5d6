"""The profiled deviance of Bates and others with exact first and second derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, pi

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.parts import Parts


@dataclass(frozen=True, slots=True)
class Profile:
    """The deviance at omega, coefficients and residual variance at their best.

    Attributes
    ----------
    deviance : float
        -2 log (restricted) likelihood.
    gradient, hessian : ndarray, shapes (m,) and (m, m)
        With respect to omega.
    b : ndarray, shape (p,)
    inverse : ndarray, shape (p, p)
        (X'V⁻¹X)⁻¹; times ``sigma2`` the covariance of ``b``.
    sigma2 : float
    """

    deviance: float
    gradient: Floats
    hessian: Floats
    b: Floats
    inverse: Floats
    sigma2: float


@dataclass(frozen=True, slots=True)
class Residuals:
    """Residual sum of squares and log|X'V⁻¹X|, with derivatives with respect to omega."""

    rss: float
    d_rss: Floats
    d2_rss: Floats
    log_x: float
    d_log_x: Floats
    d2_log_x: Floats
    b: Floats
    inverse: Floats


def residuals(parts: Parts) -> Residuals | None:
    """Solve for the coefficients; None where rounding leaves no positive sum of squares."""
    p = len(parts.cross) - 1
    try:
        lower = np.linalg.cholesky(parts.cross)
    except np.linalg.LinAlgError:
        return None
    half = np.linalg.inv(lower[:p, :p]) if p else np.empty((0, 0))
    inverse = half.T @ half
    b = half.T @ lower[p, :p]
    e = np.append(-b, 1.0)
    bent = parts.d_cross @ e
    inside = bent[:, :p]
    d2_rss = parts.d2_cross @ e @ e - 2 * inside @ inverse @ inside.T
    turned = inverse @ parts.d_cross[:, :p, :p]
    d2_log_x = np.einsum("ab,ijba->ij", inverse, parts.d2_cross[:, :, :p, :p]) - np.einsum(
        "iab,jba->ij", turned, turned
    )
    return Residuals(
        float(lower[p, p]) ** 2,
        bent @ e,
        d2_rss,
        2 * float(np.log(np.diag(lower)[:p]).sum()),
        np.trace(turned, axis1=1, axis2=2),
        d2_log_x,
        b,
        inverse,
    )


def profile(parts: Parts, n: int, reml: bool) -> Profile | None:
    """Evaluate the profiled deviance; None where it cannot be computed.

    References
    ----------
    Bates, Mächler, Bolker and Walker 2015, doi:10.18637/jss.v067.i01.
    """
    found = residuals(parts)
    if found is None or not found.rss > 0:
        return None
    m = n - len(found.b) if reml else n
    slope = found.d_rss / found.rss
    deviance = parts.log_det + m * (1 + log(2 * pi * found.rss / m))
    gradient = parts.d_log_det + m * slope
    hessian = parts.d2_log_det + m * (found.d2_rss / found.rss - np.outer(slope, slope))
    if reml:
        deviance += found.log_x
        gradient = gradient + found.d_log_x
        hessian = hessian + found.d2_log_x
    value = float(deviance) if np.isfinite(deviance) else inf
    return Profile(value, gradient, hessian, found.b, found.inverse, found.rss / m)


def full_derivatives(parts: Parts, n: int, reml: bool, sigma2: float) -> tuple[Floats, Floats]:
    """Differentiate the deviance by omega and sigma, sigma no longer at its best.

    Returns
    -------
    gradient, hessian : ndarray, shapes (m + 1,) and (m + 1, m + 1)
        The last place is sigma, a standard deviation.
    """
    found = residuals(parts)
    if found is None:
        raise ValueError("the deviance cannot be computed here")
    count = n - len(found.b) if reml else n
    sigma = sigma2**0.5
    m = len(parts.omega)
    gradient, hessian = np.empty(m + 1), np.empty((m + 1, m + 1))
    gradient[:m] = parts.d_log_det + found.d_rss / sigma2
    hessian[:m, :m] = parts.d2_log_det + found.d2_rss / sigma2
    if reml:
        gradient[:m] += found.d_log_x
        hessian[:m, :m] += found.d2_log_x
    gradient[m] = 2 * count / sigma - 2 * found.rss / sigma**3
    hessian[m, m] = -2 * count / sigma2 + 6 * found.rss / sigma2**2
    hessian[m, :m] = hessian[:m, m] = -2 * found.d_rss / sigma**3
    return gradient, hessian
