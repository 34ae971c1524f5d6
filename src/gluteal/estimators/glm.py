"""Logistic and Poisson regression by iteratively reweighted least squares.

Poisson on a 0/1 outcome with a robust covariance gives risk ratios (modified Poisson).
"""

from __future__ import annotations

from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.robust import OWN_FIT, cr2_covariance, hc_covariance, leverages

Family = Literal["logistic", "poisson"]
SE = Literal["classical", "HC0", "HC1", "HC2", "HC3", "CR2"]
MOST_STEPS = 60


def mean_of(family: Family, eta: Floats) -> Floats:
    """Turn linear predictors into means."""
    if family == "poisson":
        return np.exp(np.clip(eta, -700, 700))
    from scipy import special

    return special.expit(eta)


def deviance_of(family: Family, y: Floats, mu: Floats) -> float:
    """Return the deviance: twice the log-likelihood lost against a perfect fit."""
    from scipy import special

    if family == "poisson":
        return float(2 * (special.xlogy(y, y / mu) - (y - mu)).sum())
    one, zero = special.xlogy(y, mu), special.xlog1py(1 - y, -mu)
    return float(
        -2 * (one + zero).sum() + 2 * (special.xlogy(y, y) + special.xlogy(1 - y, 1 - y)).sum()
    )


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


def _iterate(x: Floats, y: Floats, family: Family) -> tuple[Floats, bool, int]:
    centre = float(y.mean())
    coef: Floats = np.zeros(x.shape[1])
    mu = (y + 0.5) / 2 if family == "logistic" else y + 0.1 + 0.1 * centre
    eta = np.log(mu / (1 - mu)) if family == "logistic" else np.log(mu)
    before = inf
    for step in range(1, MOST_STEPS + 1):
        w = mu * (1 - mu) if family == "logistic" else mu
        w = np.maximum(w, 1e-300)
        root = np.sqrt(w)
        target = root * (eta + (y - mu) / w)
        found = np.linalg.lstsq(x * root[:, None], target, rcond=None)
        after = found[0].astype(np.float64)
        now, half = inf, 0
        while half < 30:
            eta = x @ after
            mu = mean_of(family, eta)
            with np.errstate(divide="ignore", invalid="ignore"):
                now = deviance_of(family, y, mu)
            if np.isfinite(now) and (step == 1 or now <= before * (1 + 1e-10) + 1e-10):
                break
            after, half = (after + coef) / 2, half + 1
        moved = float(np.abs(x @ (after - coef)).max())
        coef = after
        # The deviance settles long before the coefficients of separated data do.
        if moved < 1e-9 and abs(before - now) <= 1e-9 * (abs(now) + 0.1):
            return coef, True, step
        before = now
    return coef, False, MOST_STEPS


def fit_glm(
    x: ArrayLike,
    y: ArrayLike,
    family: Family,
    se: SE = "HC3",
    cluster: NDArray[np.generic] | None = None,
) -> Model:
    """Fit a logistic (logit link) or Poisson (log link) regression.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of full column rank, with its intercept.
    y : array_like, shape (n,)
        0/1 for logistic, counts (or 0/1) for Poisson.
    family : {"logistic", "poisson"}
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
        HC kinds use the normal distribution, CR2 its Satterthwaite df.
    cluster : ndarray, shape (n,), optional
        The person of each row; needed for CR2.

    Returns
    -------
    Model
        Coefficients are log odds or log ratios. ``extra["separated"]`` says that the maximum
        likelihood estimate does not exist; ``converged`` is then False.

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
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n, p = x.shape
    coef, converged, _steps = _iterate(x, y, family)
    eta = x @ coef
    mu = mean_of(family, eta)
    w = np.maximum(mu * (1 - mu) if family == "logistic" else mu, 1e-300)
    tiny = float(w.min()) < 1e-6
    separated = (not converged or tiny) and is_separated(x, y, family)
    warnings: list[str] = []
    if separated:
        converged = False
        warnings.append("the covariates separate the outcome: no finite estimate")
    elif not converged:
        warnings.append("the iterations did not converge")
    scale = np.sqrt((x**2 * w[:, None]).sum(0))
    inner = np.linalg.pinv(((x / scale) * w[:, None]).T @ (x / scale), hermitian=True)
    bread = inner / np.outer(scale, scale)
    leverage = leverages(x, w, bread)
    residual = y - mu
    df_of = constant_df(inf)
    if se == "classical":
        cov = bread
    elif se == "CR2":
        if cluster is None:
            raise ValueError("CR2 needs the clusters")
        if separated:
            cov = np.full((p, p), np.nan)
        else:
            cov, df_of = cr2_covariance(x, residual, w, cluster, bread)
    else:
        cov = hc_covariance(x, residual, leverage, bread, se)
    if (own := int((leverage > OWN_FIT).sum())) and se in ("HC2", "HC3"):
        warnings.append(f"{own} rows determine their own fit (leverage 1)")
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = deviance_of(family, y, mu)
    pearson = float((residual**2 / w).sum())
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
        extra=extra,
    )
