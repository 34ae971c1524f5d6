"""The covariance and degrees of freedom of Kenward and Roger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, JointTest
from gluteal.estimators.lmm.optimise import Point


@dataclass(frozen=True, slots=True)
class KenwardRoger:
    """Adjusted covariance and what the degrees of freedom need, in the basis of the fit.

    Attributes
    ----------
    cov : ndarray, shape (p, p)
        Adjusted for the bias and for the uncertainty of the variances.
    plain : ndarray, shape (p, p)
        Not adjusted.
    slopes : ndarray, shape (m + 1, p, p)
        Derivatives of ``plain``⁻¹ by the variances, the residual one last.
    spread : ndarray, shape (m + 1, m + 1)
        Covariance of the variances from their expected information.
    """

    cov: Floats
    plain: Floats
    slopes: Floats
    spread: Floats

    def df_of(self, weights: Floats) -> float:
        """Return the degrees of freedom of one contrast."""
        return self._scale(weights[None])[0]

    def joint(self, coef: Floats, contrasts: Floats) -> JointTest:
        """Test several contrasts at once by the scaled F, as ``pbkrtest::KRmodcomp`` does.

        Parameters
        ----------
        contrasts : ndarray, shape (rows, p)
            Linearly independent.

        Raises
        ------
        UserError
            Where people are too few for the approximation: its F or degrees of freedom would be
            negative.
        """
        from scipy import special

        q = len(contrasts)
        df, share = self._scale(contrasts)
        if not (df > 0 and share > 0):
            raise UserError(
                f"Kenward-Roger's F does not hold for so few people (degrees of freedom {df:.2g}): "
                "test fewer coefficients at once, or use Satterthwaite's"
            )
        apart = contrasts @ coef
        wald = float(apart @ np.linalg.solve(contrasts @ self.cov @ contrasts.T, apart))
        statistic = share * wald / q
        return JointTest(statistic, q, df, float(special.fdtrc(q, df, statistic)))

    def _scale(self, contrasts: Floats) -> tuple[float, float]:
        """Return the denominator's degrees of freedom and the factor on F."""
        q = len(contrasts)
        middle = np.linalg.solve(contrasts @ self.plain @ contrasts.T, contrasts)
        theta = contrasts.T @ middle
        turned = theta @ self.plain @ self.slopes @ self.plain
        trace = np.trace(turned, axis1=1, axis2=2)
        a1 = float(trace @ self.spread @ trace)
        a2 = float(np.einsum("ij,iab,jba->", self.spread, turned, turned))
        if not a2 > 1e-12:
            return float("inf"), 1.0
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        under = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / under, (q - g) / under, (q + 2 - g) / under
        v0, v1, v2 = 1 + c1 * b, 1 - c2 * b, 1 - c3 * b
        v0 = 0.0 if abs(v0) < 1e-10 else v0
        # Where both vanish, their ratio is 1, as pbkrtest has it.
        ratio = 1.0 if abs(v1) < 1e-14 and abs(1 - a2 / q) < 1e-14 else (1 - a2 / q) / v1
        rho = ratio**2 * v0 / v2 / q
        df = 4 + (q + 2) / (q * rho - 1)
        share = 1.0 if abs(df - 2) < 1e-2 else df * (1 - a2 / q) / (df - 2)
        return float(df), float(share)


def prepare_kenward_roger(point: Point, n: int) -> KenwardRoger:
    """Collect what Kenward and Roger need; everything follows from the derivatives of the fit.

    V = sigma²(I + Σ omega_i G_i) is linear in its parameters, and I = V/sigma² - Σ omega_i G_i:
    the terms of the residual variance are sums of the others, so nothing is n x n.

    References
    ----------
    Kenward and Roger 1997, doi:10.2307/2533558; Halekoh and Højsgaard 2014,
    doi:10.18637/jss.v059.i09.
    """
    parts, omega = point.parts, point.omega
    m, p = len(omega), len(point.profile.b)
    phi = point.profile.inverse
    h = parts.cross[:p, :p]
    d_h, d2_h = parts.d_cross[:, :p, :p], parts.d2_cross[:, :, :p, :p]
    slopes = np.empty((m + 1, p, p))
    slopes[:m] = d_h
    slopes[m] = -(h + np.tensordot(omega, d_h, 1))
    q = np.empty((m + 1, m + 1, p, p))
    q[:m, :m] = d2_h / 2
    q[:m, m] = q[m, :m] = -d_h - np.tensordot(omega, q[:m, :m], 1)
    q[m, m] = -slopes[m] - np.tensordot(omega, q[:m, m], 1)
    trace = np.empty((m + 1, m + 1))
    trace[:m, :m] = -parts.d2_log_det
    trace[:m, m] = trace[m, :m] = parts.d_log_det - trace[:m, :m] @ omega
    trace[m, m] = n - omega @ parts.d_log_det - omega @ trace[:m, m]
    turned = phi @ slopes
    crossed = np.einsum("iab,jba->ij", turned, turned)
    information = trace - 2 * np.einsum("ab,ijba->ij", phi, q) + crossed
    spread = 2 * np.linalg.pinv(information, rcond=1e-12, hermitian=True)
    bent = np.tensordot(spread, q, 2) - np.einsum("ij,iab,jbc->ac", spread, slopes, turned)
    bent = (bent + bent.T) / 2
    sigma2 = point.profile.sigma2
    plain = sigma2 * phi
    cov = plain + 2 * sigma2 * phi @ bent @ phi
    return KenwardRoger(cov, plain, slopes / sigma2**2, spread * sigma2**2)
