"""Ordinary least squares with classical, heteroscedasticity- or cluster-robust covariance."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_design, as_weights, check_weighted
from gluteal.estimators.robust import OWN_FIT, check_clusters, cr2_covariance, hc_covariance

SE = Literal["classical", "HC0", "HC1", "HC2", "HC3", "CR2"]


def fit_linear(
    x: ArrayLike,
    y: ArrayLike,
    se: SE = "HC3",
    cluster: ArrayLike | None = None,
    *,
    weights: ArrayLike | None = None,
) -> Model:
    """Fit y = Xb by least squares.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of full column rank, with its intercept.
    y : array_like, shape (n,)
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
        HC kinds use t with n-p degrees of freedom, CR2 its own Satterthwaite df per contrast.
    cluster : array_like, shape (n,), optional
        The person of each row; needed for CR2.
    weights : array_like, shape (n,), optional
        Of each squared residual: precisions, or inverse probability weights, which need an HC or
        CR2 covariance and are taken as known.

    Returns
    -------
    Model

    Raises
    ------
    UserError
        For arrays that cannot be fitted: missing values, collinear columns, too few rows.

    References
    ----------
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7; Pustejovsky and Tipton 2018,
    doi:10.1080/07350015.2016.1247004.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0, 1, 2, 3]])
    >>> fit_linear(x, [1, 3, 5, 7.5]).coef.round(2)
    array([0.9 , 2.15])
    """
    x, y = as_design(x, y)
    n, p = x.shape
    a = as_weights(weights, n)
    check_weighted(x, a)
    prior = np.ones(n) if a is None else a
    root = np.sqrt(prior)
    # Columns on one scale first: age in years beside torque in newton-metres stays exact.
    weighted = x if a is None else x * root[:, None]
    scale = np.sqrt((weighted**2).sum(0))
    q, r = np.linalg.qr(weighted / scale)
    inverse = np.linalg.inv(r) / scale[:, None]
    bread = inverse @ inverse.T
    coef = inverse @ (q.T @ (root * y))
    fitted = x @ coef
    residual = y - fitted
    leverage: Floats = (q**2).sum(1)
    rss = float(prior @ residual**2)
    used = prior > 0
    n, left = int(used.sum()), int(used.sum()) - p
    classical = bread * (rss / left if left > 0 else float("nan"))
    df_of = constant_df(float(left))
    if se == "classical":
        cov = classical
    elif se == "CR2":
        who = check_clusters(cluster, len(y), a)
        cov, df_of = cr2_covariance(x, residual, np.ones(len(y)), who, bread, a)
    else:
        cov = hc_covariance(x, prior * residual, leverage, bread, se)
    warnings = ()
    if (own := int((leverage > OWN_FIT).sum())) and se in ("HC2", "HC3"):
        warnings = (f"{own} rows determine their own fit (leverage 1)",)
    like = np.inf
    if rss > 0:
        like = float(-n / 2 * (np.log(2 * np.pi * rss / n) + 1))
        like += float(np.log(prior[used]).sum()) / 2
    return Model(
        coef,
        cov,
        df_of,
        se,
        fitted,
        leverage,
        classical,
        warnings=warnings,
        deviance=rss,
        log_likelihood=like,
    )
