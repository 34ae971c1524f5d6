"""Logistic and Poisson regression with covariances that hold for misspecified variances.

Poisson on a 0/1 outcome with a robust covariance gives risk ratios (modified Poisson).
"""

from __future__ import annotations

from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_column, as_design, as_weights, check_weighted
from gluteal.estimators.irls import (
    climb,
    deviance_of,
    look,
    mean_of,
    solve_information,
    variance_of,
)
from gluteal.estimators.robust import (
    OWN_FIT,
    check_clusters,
    cr2_covariance,
    hc_covariance,
    leverages,
)

__all__ = ["SE", "Family", "check_outcome", "deviance_of", "fit_glm", "is_separated", "mean_of"]

Family = Literal["logistic", "poisson"]
SE = Literal["classical", "HC0", "HC1", "HC2", "HC3", "CR2"]
NEARLY_SURE = 1e-10
"""Variances below this after convergence are a reason to look for separation."""


def is_separated(x: Floats, y: Floats, family: Family) -> bool:
    """Say whether covariates split the outcome so cleanly that a coefficient is infinite.

    Solves Konis' linear program: is there a direction b with Xb ≥ 0 where y is 1 (Xb = 0 where a
    count is positive), Xb ≤ 0 where it is 0, and not all zero?

    References
    ----------
    Albert and Anderson 1984, doi:10.1093/biomet/71.1.1; Konis 2007, Oxford University thesis;
    Correia, Guimarães and Zylkin 2021 for Poisson, arXiv:1903.01633.
    """
    from scipy.optimize import linprog

    scaled = x / np.sqrt((x**2).mean(0))
    signed = np.where(y[:, None] > 0, -scaled, scaled)
    box = [(-1.0, 1.0)] * x.shape[1]
    if family == "logistic":
        found = linprog(signed.sum(0), A_ub=signed, b_ub=np.zeros(len(y)), bounds=box)
    else:
        none = scaled[y == 0]
        found = linprog(
            none.sum(0),
            A_ub=none,
            b_ub=np.zeros(len(none)),
            A_eq=scaled[y > 0],
            b_eq=np.zeros(int((y > 0).sum())),
            bounds=box,
        )
    return bool(found.status == 0 and found.fun < -1e-6)


def check_outcome(y: Floats, family: str) -> None:
    """Refuse outcomes that the family cannot have.

    Raises
    ------
    UserError

    Examples
    --------
    >>> check_outcome(np.array([0.0, 2.0]), "logistic")
    Traceback (most recent call last):
    gluteal.errors.UserError: a logistic outcome lies between 0 and 1; row 1 has 2
    """
    wrong = (y < 0) | (y > 1) if family == "logistic" else y < 0
    if family != "linear" and wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        rule = "lies between 0 and 1" if family == "logistic" else "is not negative"
        raise UserError(f"a {family} outcome {rule}; row {row} has {y[row]:g}")


def fit_glm(
    x: ArrayLike,
    y: ArrayLike,
    family: Family,
    se: SE = "HC3",
    cluster: ArrayLike | None = None,
    *,
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
) -> Model:
    """Fit a logistic (logit link) or Poisson (log link) regression.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of full column rank, with its intercept.
    y : array_like, shape (n,)
        0/1 for logistic (or shares, with trials as weights), counts (or 0/1) for Poisson.
    family : {"logistic", "poisson"}
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
        HC kinds use the normal distribution, CR2 its Satterthwaite df.
    cluster : array_like, shape (n,), optional
        The person of each row; needed for CR2.
    weights : array_like, shape (n,), optional
        Of each row's score. Inverse probability weights need an HC or CR2 covariance, which takes
        them as known; trials or frequencies go with ``"classical"``.
    offset : array_like, shape (n,), optional
        Part of the linear predictor with coefficient 1: the log of the time at risk.

    Returns
    -------
    Model
        Coefficients are log odds or log ratios. ``extra["separated"]`` says that the maximum
        likelihood estimate does not exist; ``converged`` is then False.

    Raises
    ------
    UserError
        For arrays that cannot be fitted: missing values, collinear columns, impossible outcomes.

    References
    ----------
    Zou 2004 for modified Poisson, doi:10.1093/aje/kwh090; Zeileis 2006 for the sandwich of GLMs,
    doi:10.18637/jss.v016.i09.

    Examples
    --------
    >>> x = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> fit = fit_glm(x, [0, 0, 0, 1, 0, 1, 1, 1], "poisson", "HC0")
    >>> fit.coef.round(4)
    array([-1.3863,  1.0986])
    """
    x, y = as_design(x, y)
    check_outcome(y, family)
    n, p = x.shape
    a = as_weights(weights, n)
    check_weighted(x, a)
    base = None if offset is None else as_column(offset, n, "offset")
    end = climb(x, y, family, a, base)
    coef, mu, converged = end.coef, end.mean, end.converged
    prior = np.ones(n) if a is None else a
    spread = variance_of(family, mu)
    w = prior * spread
    used = prior > 0
    suspect = not converged or float(spread[used].min()) < NEARLY_SURE
    separated = suspect and is_separated(x[used], y[used], family)
    warnings: list[str] = []
    if separated:
        converged = False
        warnings.append("the covariates separate the outcome: no finite estimate")
    elif not converged:
        warnings.append("the iterations did not converge")
    bread = solve_information((x * w[:, None]).T @ x, np.eye(p))
    bread = (bread + bread.T) / 2
    leverage = leverages(x, w, bread)
    residual = y - mu
    df_of = constant_df(inf)
    if se == "classical":
        cov = bread
    elif se == "CR2":
        who = check_clusters(cluster, len(y), a)
        if not converged:
            cov = np.full((p, p), np.nan)
        else:
            cov, df_of = cr2_covariance(x, residual, spread, who, bread, a)
    else:
        cov = hc_covariance(x, prior * residual, leverage, bread, se)
    if (own := int((leverage > OWN_FIT).sum())) and se in ("HC2", "HC3"):
        warnings.append(f"{own} rows determine their own fit (leverage 1)")
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = deviance_of(family, y, mu, a)
    pearson = float((prior * residual**2 / spread).sum())
    extra = {"separated": separated, "dispersion": pearson / (n - p) if n > p else float("nan")}
    return Model(
        coef,
        cov,
        df_of,
        se,
        mu,
        leverage,
        bread,
        converged=converged,
        warnings=tuple(warnings),
        deviance=deviance,
        log_likelihood=_log_likelihood(family, y, end.eta, a),
        extra=extra,
    )


def _log_likelihood(family: Family, y: Floats, eta: Floats, weights: Floats | None) -> float:
    """Return the log-likelihood; that of shares without the number of ways to get them."""
    from scipy import special

    like = look(family, y, eta, weights)[1]
    if family == "logistic":
        return like
    ways = special.gammaln(y + 1)
    return like - float(ways.sum() if weights is None else weights @ ways)
