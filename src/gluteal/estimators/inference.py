"""From coefficients and their covariance to intervals, tests and contrasts, for every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isinf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its interval: t distribution with ``df`` degrees of freedom, inf for normal."""

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    level: float

    def row(self, **more: Any) -> dict[str, Any]:
        """Return it with the column names of an estimate; infinite ``df`` stays empty."""
        numbers = {
            key: getattr(self, key) for key in ("estimate", "se", "low", "high", "p", "level")
        }
        return {**numbers, "df": None if isinf(self.df) else self.df, **more}

    def times(self, factor: float) -> Estimate:
        """Return the estimate of ``factor`` times the quantity: another unit, or another sign.

        Examples
        --------
        >>> interval(1.0, 0.1).times(-2).estimate
        -2.0
        """
        low, high = sorted((self.low * factor, self.high * factor))
        se = self.se * abs(factor)
        return replace(self, estimate=self.estimate * factor, se=se, low=low, high=high)


@dataclass(frozen=True)
class JointTest:
    """A joint test: F with ``df`` and ``df_error``, or chi-square where ``df_error`` is inf."""

    statistic: float
    df: int
    df_error: float
    p: float


def quantile(level: float, df: float = inf) -> float:
    """Return the two-sided quantile of the t distribution, of the normal for infinite ``df``.

    Examples
    --------
    >>> round(quantile(0.95), 6), round(quantile(0.95, 10), 6)
    (1.959964, 2.228139)
    """
    from scipy import special

    upper = (1 + level) / 2
    return float(special.ndtri(upper) if isinf(df) else special.stdtrit(df, upper))


def p_value(statistic: float, df: float = inf) -> float:
    """Return the two-sided p of a t statistic, of a z statistic for infinite ``df``."""
    from scipy import special

    tail = -abs(statistic)
    return float(2 * (special.ndtr(tail) if isinf(df) else special.stdtr(df, tail)))


def interval(estimate: float, se: float, df: float = inf, level: float = 0.95) -> Estimate:
    """Put a Wald interval and its p around an estimate.

    Parameters
    ----------
    estimate, se : float
        On the scale on which the estimate is near normal (the log for ratios).
    df : float
        Degrees of freedom; inf for the normal distribution.
    level : float
        Level of the interval.

    Examples
    --------
    >>> found = interval(1.0, 0.5)
    >>> round(found.low, 4), round(found.high, 4), round(found.p, 4)
    (0.02, 1.98, 0.0455)
    """
    half = quantile(level, df) * se
    p = p_value(estimate / se, df) if se > 0 else float("nan")
    low, high = float(estimate - half), float(estimate + half)
    return Estimate(float(estimate), float(se), df, low, high, p, level)


@dataclass(frozen=True)
class Model:
    """A fitted model: enough to ask it for any contrast.

    Attributes
    ----------
    coef : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
        Covariance of ``coef`` of the kind that ``se_type`` names.
    df_of : callable
        Degrees of freedom of the contrast with the given weights, shape (p,).
    fitted : ndarray, shape (n,)
        Means (probabilities, expected counts) of the rows fitted; empty for ordinal models.
    leverage : ndarray, shape (n,)
    """

    coef: Floats
    cov: Floats
    df_of: Callable[[Floats], float]
    se_type: str
    fitted: Floats
    leverage: Floats
    classical_cov: Floats
    converged: bool = True
    warnings: tuple[str, ...] = ()
    deviance: float = float("nan")
    log_likelihood: float = float("nan")
    extra: dict[str, Any] = field(default_factory=dict)

    def contrast(self, weights: ArrayLike, level: float = 0.95) -> Estimate:
        """Estimate a weighted sum of coefficients.

        Parameters
        ----------
        weights : array_like, shape (p,)
        """
        w = np.asarray(weights, dtype=float)
        se = float(np.sqrt(max(w @ self.cov @ w, 0.0)))
        return interval(float(w @ self.coef), se, self.df_of(w), level)

    def coefficient(self, index: int, level: float = 0.95) -> Estimate:
        """Estimate one coefficient."""
        return self.contrast(np.eye(len(self.coef))[index], level)

    def wald(self, indices: Sequence[int]) -> JointTest:
        """Test that the named coefficients are all zero.

        F = b'V⁻¹b/q with the smallest degrees of freedom among the coefficients (a caution for
        CR2, exact for the others); chi-square where these are infinite.

        Raises
        ------
        UserError
            If the covariance of these coefficients is not of full rank.
        """
        from scipy import special

        at = list(indices)
        b, v = self.coef[at], self.cov[np.ix_(at, at)]
        q, size = len(at), np.sqrt(np.diag(v))
        scale = np.outer(size, size)
        # A fit without a finite estimate has no covariance, and says so by itself.
        if np.isfinite(v).all() and ((size == 0).any() or np.linalg.matrix_rank(v / scale) < q):
            raise UserError(
                f"{q} coefficients cannot be tested together: their covariance has not full rank "
                "(fewer clusters than coefficients?)"
            )
        statistic = float(b @ np.linalg.solve(v, b))
        error = min(self.df_of(row) for row in np.eye(len(self.coef))[at])
        if isinf(error):
            return JointTest(statistic, q, inf, float(special.chdtrc(q, statistic)))
        return JointTest(statistic / q, q, error, float(special.fdtrc(q, error, statistic / q)))


def constant_df(df: float) -> Callable[[Floats], float]:
    """Give every contrast the same degrees of freedom."""
    return lambda _weights: df
