"""Rubin's rules: many answers to one question, one for each imputed data set, become one."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, interval

LEAST_LAMBDA = 1e-4
"""As mice: below it, imputations agree as far as degrees of freedom can tell."""


def barnard_rubin(lambda_: ArrayLike, m: int, df_complete: ArrayLike = inf) -> Floats:
    """Return the degrees of freedom of pooled estimates.

    Parameters
    ----------
    lambda_ : array_like
        Share of the total variance that is due to the missing values.
    m : int
        Imputations.
    df_complete : array_like
        Degrees of freedom that complete data would give; inf for none.

    References
    ----------
    Barnard and Rubin 1999, doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> barnard_rubin(0.5, 5, [20.0, np.inf]).round(3)
    array([ 5.813, 16.   ])
    """
    share = np.maximum(np.asarray(lambda_, dtype=float), LEAST_LAMBDA)
    complete = np.asarray(df_complete, dtype=float)
    old = (m - 1) / share**2
    finite = np.where(np.isinf(complete), 1.0, complete)
    observed = (finite + 1) / (finite + 3) * finite * (1 - share)
    return np.where(np.isinf(complete), old, old * observed / (old + observed))


@dataclass(frozen=True, slots=True)
class Pooled:
    """Pooled estimates with what the missing values cost them.

    Attributes
    ----------
    coef : ndarray, shape (k,)
        Means over the imputations.
    within, between, cov : ndarray, shape (k, k)
        Mean covariance within imputations, covariance between them, and their total
        within + (1 + 1/m) between.
    df, riv, lambda_, fmi : ndarray, shape (k,)
        Barnard and Rubin's degrees of freedom; relative increase in variance due to missing
        values; their share of the total variance; fraction of missing information.
    df_complete : ndarray, shape (k,)
        Degrees of freedom that complete data would give.
    m : int
        Imputations.
    joint : bool
        Whether covariances were given, so that contrasts of several coefficients can be asked for.
    """

    coef: Floats
    within: Floats
    between: Floats
    cov: Floats
    df: Floats
    riv: Floats
    lambda_: Floats
    fmi: Floats
    df_complete: Floats
    m: int
    joint: bool

    @property
    def se(self) -> Floats:
        """Return the standard errors, shape (k,)."""
        return np.sqrt(np.diag(self.cov))

    def estimate(self, index: int = 0, level: float = 0.95) -> Estimate:
        """Return one estimate with its interval and p."""
        return interval(
            float(self.coef[index]), float(self.se[index]), float(self.df[index]), level
        )

    def contrast(
        self, weights: ArrayLike, df_complete: float | None = None, level: float = 0.95
    ) -> Estimate:
        """Pool a weighted sum of the coefficients.

        Parameters
        ----------
        weights : array_like, shape (k,)
        df_complete : float, optional
            Degrees of freedom of this contrast in complete data; else the smallest among the
            coefficients that it weighs.
        """
        w = np.asarray(weights, dtype=float)
        if not self.joint and np.count_nonzero(w) > 1:
            raise ValueError("a contrast of several coefficients needs their covariances")
        total = float(w @ self.cov @ w)
        share = (1 + 1 / self.m) * float(w @ self.between @ w) / total if total > 0 else 0.0
        if df_complete is None:
            df_complete = float(self.df_complete[w != 0].min(initial=inf))
        df = float(barnard_rubin(share, self.m, df_complete))
        return interval(float(w @ self.coef), float(np.sqrt(max(total, 0.0))), df, level)


def as_stack(estimates: ArrayLike, variances: ArrayLike) -> tuple[Floats, Floats, bool]:
    """Check the answers of m imputations; return them as (m, k) and (m, k, k) arrays.

    Returns
    -------
    q : ndarray, shape (m, k)
    u : ndarray, shape (m, k, k)
    joint : bool
        Whether covariances were given, not variances alone.

    Raises
    ------
    UserError
        For fewer than two imputations, and for answers that are missing, infinite or of negative
        variance: the imputations are named.
    """
    q, u = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if q.ndim == 1:
        q = q[:, None]
        u = u[:, None] if u.ndim == 1 else u
    joint = u.ndim == 3
    if q.ndim != 2 or u.shape not in ((*q.shape,), (*q.shape, q.shape[-1])):
        raise ValueError(f"estimates of shape {q.shape} do not fit variances of shape {u.shape}")
    if len(q) < 2:
        raise UserError(f"pooling needs at least 2 imputations, found {len(q)}")
    spread = np.einsum("mkk->mk", u) if joint else u
    whole = np.isfinite(u).all(axis=tuple(range(1, u.ndim)))
    sound = np.isfinite(q).all(1) & whole & (spread >= 0).all(1)
    if not sound.all():
        sick = ", ".join(str(i) for i in np.flatnonzero(~sound))
        raise UserError(f"imputation {sick} has no finite estimate with a variance: nothing pooled")
    if not joint:
        u = np.einsum("mk,kl->mkl", u, np.eye(q.shape[1]))
    return q, u, joint or q.shape[1] == 1


def pool(estimates: ArrayLike, variances: ArrayLike, df_complete: ArrayLike = inf) -> Pooled:
    """Pool estimates of m imputed data sets by Rubin's rules.

    Parameters
    ----------
    estimates : array_like, shape (m,) or (m, k)
        One estimate or k of them for each imputation, on a scale on which they are near normal
        (``pool_on_scale`` for probabilities, correlations and ratios).
    variances : array_like, shape (m,), (m, k) or (m, k, k)
        Squared standard errors, or covariance matrices.
    df_complete : array_like, scalar, shape (k,) or (m, k)
        Degrees of freedom that complete data would give; inf for the normal distribution. Where
        they differ between imputations (Satterthwaite, Kenward-Roger), their mean counts.

    Returns
    -------
    Pooled

    Raises
    ------
    UserError
        For fewer than two imputations or an imputation without a finite answer.

    References
    ----------
    Rubin 1987, doi:10.1002/9780470316696; Barnard and Rubin 1999, doi:10.1093/biomet/86.4.948.
    Equal to ``mice::pool`` and ``mice::pool.scalar``.

    Examples
    --------
    >>> found = pool([1.0, 1.2, 0.9], [0.04, 0.05, 0.04], df_complete=30)
    >>> found.estimate().estimate, round(float(found.fmi[0]), 3)
    (1.0333333333333334, 0.537)
    """
    q, u, joint = as_stack(estimates, variances)
    m, k = q.shape
    complete = np.asarray(df_complete, dtype=float)
    complete = complete.mean(0) if complete.ndim == 2 else complete
    complete = np.broadcast_to(complete, (k,)).copy()
    if (complete <= 0).any() or np.isnan(complete).any():
        raise UserError("complete data must leave at least one degree of freedom")
    within, mean = u.mean(0), q.mean(0)
    between = np.atleast_2d((q - mean).T @ (q - mean) / (m - 1))
    if not joint:
        between = np.diag(np.diag(between))
    cov = within + (1 + 1 / m) * between
    inside, total = np.diag(within), np.diag(cov)
    extra = (1 + 1 / m) * np.diag(between)
    with np.errstate(divide="ignore", invalid="ignore"):
        riv = np.where(extra > 0, extra / inside, 0.0)
        lambda_ = np.where(extra > 0, extra / total, 0.0)
    df = barnard_rubin(lambda_, m, complete)
    with np.errstate(invalid="ignore"):
        fmi = np.where(np.isinf(riv), 1.0, (riv + 2 / (df + 3)) / (riv + 1))
    return Pooled(mean, within, between, cov, df, riv, lambda_, fmi, complete, m, joint)
