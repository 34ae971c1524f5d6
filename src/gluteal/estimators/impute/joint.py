"""Joint tests over imputations: several coefficients at once are zero."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.impute.rubin import as_stack
from gluteal.estimators.inference import JointTest


def _test(statistic: float, k: int, df_error: float) -> JointTest:
    from scipy import special

    if np.isinf(df_error):
        return JointTest(statistic, k, inf, float(special.chdtrc(k, k * max(statistic, 0.0))))
    return JointTest(statistic, k, df_error, float(special.fdtrc(k, df_error, max(statistic, 0.0))))


def _error_df(r: float, t: int, k: int) -> float:
    """Return the denominator's degrees of freedom of D1 and D3."""
    if r <= 0:
        return inf
    if t > 4:
        return 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    return t * (1 + 1 / k) * (1 + 1 / r) ** 2 / 2


def _small_sample_df(r: float, t: int, complete: float) -> float:
    """Return Reiter's degrees of freedom: never more than complete data would give."""
    a = r * t / (t - 2)
    v = (complete + 1) / (complete + 3) * complete
    c0, c1, c2 = 1 / (t - 4), v - 2 * (1 + a), v - 4 * (1 + a)
    z = (
        1 / c2
        + c0 * (a**2 * c1 / ((1 + a) ** 2 * c2))
        + c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
        + c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3)
        + c0 * (8 * a**2 / c2**2)
    )
    return 4 + 1 / z


def pool_wald(
    estimates: ArrayLike, covariances: ArrayLike, df_complete: float | None = None
) -> JointTest:
    """Test that k coefficients are all zero, pooled over m imputations (the D1 statistic).

    Parameters
    ----------
    estimates : array_like, shape (m, k)
    covariances : array_like, shape (m, k, k)
    df_complete : float, optional
        Degrees of freedom that complete data would give; used for Reiter's small-sample
        correction, which needs k(m-1) > 4.

    Returns
    -------
    JointTest

    Raises
    ------
    UserError
        If the covariances are singular or the imputations are too few.

    References
    ----------
    Li, Raghunathan and Rubin 1991, doi:10.1080/01621459.1991.10475152; Reiter 2007,
    doi:10.1093/biomet/asm028. Equal to ``mice::D1`` (``mitml::testModels``).

    Examples
    --------
    >>> q = [[1.0, 0.5], [1.1, 0.4], [0.8, 0.6]]
    >>> u = np.repeat(np.diag([0.1, 0.2])[None], 3, axis=0)
    >>> found = pool_wald(q, u)
    >>> round(found.statistic, 3), round(found.df_error, 1)
    (4.456, 118.8)
    """
    q, u, joint = as_stack(estimates, covariances)
    if not joint:
        raise ValueError("a joint test needs covariance matrices")
    m, k = q.shape
    within, mean = u.mean(0), q.mean(0)
    between = (q - mean).T @ (q - mean) / (m - 1)
    # On one scale: coefficients per gram and per tonne are no reason to call it singular.
    size = np.sqrt(np.diag(within))
    if (size == 0).any() or np.linalg.matrix_rank(
        within / np.outer(size, size), hermitian=True
    ) < k:
        raise UserError("the coefficients tested have a singular covariance: test fewer of them")
    r = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + r))
    t = k * (m - 1)
    if df_complete is not None and np.isfinite(df_complete):
        if t <= 4:
            raise UserError(
                f"Reiter's test of {k} coefficients needs {4 // k + 2} imputations, found {m}"
            )
        return _test(statistic, k, _small_sample_df(r, t, df_complete))
    return _test(statistic, k, _error_df(r, t, k))


def pool_chi_square(statistics: ArrayLike, df: int) -> JointTest:
    """Pool chi-square statistics of m imputations where nothing else is at hand (D2).

    Parameters
    ----------
    statistics : array_like, shape (m,)
        Wald, likelihood-ratio or Pearson chi-square of each imputation.
    df : int
        Their degrees of freedom.

    Returns
    -------
    JointTest
        Less powerful and less exact than ``pool_wald``.

    References
    ----------
    Li, Meng, Raghunathan and Rubin 1991, Statistica Sinica 1:65-92.

    Examples
    --------
    >>> found = pool_chi_square([4.0, 5.0, 6.5], 2)
    >>> round(found.statistic, 3), round(found.p, 3)
    (2.162, 0.12)
    """
    d = np.asarray(statistics, dtype=float)
    if d.ndim != 1 or d.size < 2:
        raise UserError(f"pooling needs at least 2 imputations, found {d.size}")
    if not np.isfinite(d).all() or (d < 0).any():
        raise UserError("every imputation needs a finite chi-square of at least 0")
    m = d.size
    r = (1 + 1 / m) * float(np.sqrt(d).var(ddof=1))
    statistic = (float(d.mean()) / df - (m + 1) / (m - 1) * r) / (1 + r)
    error = df ** (-3 / m) * (m - 1) * (1 + 1 / r) ** 2 if r > 0 else inf
    return _test(statistic, df, error)


def pool_likelihood_ratio(own: ArrayLike, at_pooled: ArrayLike, df: int) -> JointTest:
    """Pool likelihood-ratio statistics of two nested models over m imputations (D3).

    Parameters
    ----------
    own : array_like, shape (m,)
        Twice the difference in log-likelihood, each imputation at its own estimates.
    at_pooled : array_like, shape (m,)
        The same with both models at their pooled estimates.
    df : int
        Coefficients that the smaller model lacks.

    References
    ----------
    Meng and Rubin 1992, doi:10.1093/biomet/79.1.103. Equal to ``mice::D3``.

    Examples
    --------
    >>> round(pool_likelihood_ratio([9.0, 8.0, 10.0], [8.0, 7.5, 9.0], 2).statistic, 3)
    2.227
    """
    d, pooled = np.asarray(own, dtype=float), np.asarray(at_pooled, dtype=float)
    if d.ndim != 1 or d.size < 2 or d.shape != pooled.shape:
        raise UserError(f"pooling needs at least 2 imputations, found {d.size}")
    if not (np.isfinite(d).all() and np.isfinite(pooled).all()):
        raise UserError("every imputation needs a finite likelihood ratio")
    m = d.size
    r = (m + 1) / (df * (m - 1)) * float(d.mean() - pooled.mean())
    # Sampling error can make it negative; then the imputations do not differ at all.
    r = max(r, 0.0)
    statistic = float(pooled.mean()) / (df * (1 + r))
    return _test(statistic, df, _error_df(r, df * (m - 1), df))
