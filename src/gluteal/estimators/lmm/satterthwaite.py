"""Satterthwaite's degrees of freedom, from exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.estimators.inference import Floats, JointTest
from gluteal.estimators.lmm.deviance import full_derivatives
from gluteal.estimators.lmm.optimise import Point

FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class Satterthwaite:
    """How the covariance of the coefficients moves with the variance parameters.

    Attributes
    ----------
    cov : ndarray, shape (p, p)
    slopes : ndarray, shape (t, p, p)
        Derivatives of ``cov``.
    spread : ndarray, shape (t, t)
        Asymptotic covariance of the parameters.
    """

    cov: Floats
    slopes: Floats
    spread: Floats

    def df_of(self, weights: Floats) -> float:
        """Return the degrees of freedom of one contrast."""
        variance = float(weights @ self.cov @ weights)
        slope = self.slopes @ weights @ weights
        moves = float(slope @ self.spread @ slope)
        return 2 * variance**2 / moves if moves > 0 and variance > 0 else float("inf")

    def joint(self, coef: Floats, contrasts: Floats) -> JointTest:
        """Test several contrasts at once, as ``lmerTest::contestMD`` does.

        Parameters
        ----------
        contrasts : ndarray, shape (rows, p)
        """
        from scipy import special

        values, vectors = np.linalg.eigh(contrasts @ self.cov @ contrasts.T)
        good = values > 1e-10 * values.max()
        turned = vectors[:, good].T @ contrasts
        q = int(good.sum())
        statistic = float(((turned @ coef) ** 2 / values[good]).sum() / q)
        error = pool_df(np.array([self.df_of(row) for row in turned]))
        return JointTest(statistic, q, error, float(special.fdtrc(q, error, statistic)))


def pool_df(df: Floats) -> float:
    """Give the F of a mean of squared independent t statistics its error degrees of freedom.

    Examples
    --------
    >>> pool_df(np.array([10.0, 10.0]))
    10.0
    """
    q = len(df)
    if q == 1 or np.ptp(df) < 1e-8 * df.max():
        return float(df.mean())
    if not (df > 2).any():
        return 2.0
    large = df[df > 2]
    mean = float(np.sum(np.where(np.isinf(large), 1.0, large / (large - 2))))
    return 2 * mean / (mean - q) if mean > q else 2.0


def prepare_satterthwaite(
    point: Point, theta: Floats, squares: Floats, n: int, reml: bool
) -> Satterthwaite:
    """Differentiate at the optimum, in the basis of the fit.

    Parameters
    ----------
    theta : ndarray, shape (t,)
        With omega_i = theta' squares_i theta: any root of the covariance. At the boundary the
        curvature of the root decides, so that a variance of 0 costs no degrees of freedom.

    References
    ----------
    Giesbrecht and Burns 1985, doi:10.2307/2530872; Kuznetsova, Brockhoff and Christensen 2017,
    doi:10.18637/jss.v082.i13.
    """
    sigma2 = point.profile.sigma2
    m, t, p = len(point.omega), len(theta), len(point.profile.b)
    gradient, hessian = full_derivatives(point.parts, n, reml, sigma2)
    turn = np.zeros((m + 1, t + 1))
    turn[:m, :t] = 2 * squares @ theta
    turn[m, t] = 1.0
    inner = turn.T @ hessian @ turn
    inner[:t, :t] += 2 * np.tensordot(gradient[:m], squares, 1)
    inverse = point.profile.inverse
    by_omega = -sigma2 * inverse @ point.parts.d_cross[:, :p, :p] @ inverse
    by_sigma = 2 * sigma2**0.5 * inverse
    slopes = np.tensordot(turn.T, np.concatenate([by_omega, by_sigma[None]]), 1)
    return Satterthwaite(sigma2 * inverse, slopes, 2 * _inverse(inner))


def _inverse(hessian: Floats) -> Floats:
    """Invert where the deviance bends; directions that change nothing count for nothing."""
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    values, vectors = np.linalg.eigh(hessian / np.outer(size, size))
    bends = values > FLAT * values.max()
    some = vectors[:, bends] / size[:, None]
    return (some / values[bends]) @ some.T
