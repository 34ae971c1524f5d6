"""Logistic regression with a random intercept, by adaptive Gauss-Hermite quadrature.

Coefficients compare occasions of one person; those of estimating equations (``gee``) compare
people.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.glm import check_outcome, fit_glm
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_column, as_design, as_groups
from gluteal.estimators.random_intercept import (
    Clusters,
    Curves,
    Look,
    RowModel,
    evaluate,
    maximise,
)


def _row_model(x: Floats, y: Floats, trials: Floats, clusters: Clusters) -> RowModel:
    from scipy import special

    most = clusters.totals(trials)

    def look(line: Floats, _base: tuple[Floats, ...], some: slice) -> Look:
        small = np.exp(-np.abs(line))
        like = y[some] * line - trials[some] * (np.maximum(line, 0) + np.log1p(small))
        gap = y[some] - trials[some] * (np.where(line >= 0, 1.0, small) / (1 + small))
        return like, (gap,)

    def curves(line: Floats, _base: tuple[Floats, ...]) -> Curves:
        mean = special.expit(line)
        spread = trials * mean * (1 - mean)
        return (y - trials * mean,), (-spread,), (-spread * (1 - 2 * mean),)

    return RowModel((x,), look, curves, lambda sd: abs(sd) * most + 1e-6)


def fit_logit_mixed(
    x: ArrayLike,
    y: ArrayLike,
    cluster: ArrayLike,
    *,
    points: int = 25,
    trials: ArrayLike | None = None,
) -> Model:
    """Fit logit P(y = 1) = Xb + u, u normal, one value of u a cluster, by maximum likelihood.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept.
    y : array_like, shape (n,)
        0/1, or successes out of ``trials``.
    cluster : array_like, shape (n,)
        The person of each row.
    points : int
        Quadrature points a cluster; 1 is Laplace's method, which is too rough for few rows a
        cluster.
    trials : array_like, shape (n,), optional

    Returns
    -------
    Model
        Coefficients are log odds ratios given the person. The covariance is the inverse observed
        information of coefficients and standard deviation together; ``fitted`` holds each row's
        probability at its cluster's mode. ``extra`` has ``sd`` of the intercepts, ``sd_se``,
        ``modes`` (one a cluster, in the order of sorted names), ``icc`` on the latent scale and
        ``boundary``: the best standard deviation is 0, and the model that of ``fit_glm``.

    Raises
    ------
    UserError
        For arrays that cannot be fitted, or a cluster each row.

    References
    ----------
    Pinheiro and Bates 1995, doi:10.1080/10618600.1995.10474663; Pinheiro and Chao 2006,
    doi:10.1198/106186006X96962. Equal to ``lme4::glmer``.

    Examples
    --------
    >>> herd = np.repeat(np.arange(4), 2); x = np.column_stack([np.ones(8), np.arange(8) % 2])
    >>> fit = fit_logit_mixed(x, [2, 1, 8, 5, 1, 0, 4, 3], herd, trials=np.full(8, 10))
    >>> fit.coef.round(3), round(fit.extra["sd"], 3)
    (array([-0.676, -0.93 ]), 1.232)
    """
    from scipy import special

    x, y = as_design(x, y)
    n, p = x.shape
    m = np.ones(n) if trials is None else as_column(trials, n, "number of trials")
    if (bad := np.flatnonzero((m <= 0) | (m != np.round(m)))).size:
        raise UserError(f"row {int(bad[0])} has {m[bad[0]]:g} trials")
    check_outcome(y / m, "logistic")
    codes, count = as_groups(cluster, n, "cluster")
    if count < 2 or count == n == int(m.sum()):
        raise UserError(f"{count} clusters of {n} rows tell no variation between clusters")
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.intp)
    plain = fit_glm(x, y / m, "logistic", "classical", weights=m)
    ways = special.gammaln(m + 1) - special.gammaln(y + 1) - special.gammaln(m - y + 1)
    binomial = float(ways.sum())
    if not plain.converged:
        return _without(plain, np.full((p, p), np.nan), False, plain.warnings, float("nan"), count)
    clusters = Clusters(starts, sizes.astype(np.intp), points)
    rows = _row_model(x[order], y[order], m[order], clusters)
    peak = maximise(plain.coef, plain.cov, rows, clusters)
    flat = evaluate(np.r_[plain.coef, 0.0], rows, clusters, np.zeros(count)).log_likelihood
    like = peak.value.log_likelihood
    if peak.boundary or (peak.settled and like < flat):
        said = ("the clusters do not differ: standard deviation 0, on its boundary",)
        return _without(plain, plain.cov, True, said, flat + binomial, count)
    sd = abs(float(peak.place[-1]))
    modes = peak.value.modes * float(peak.place[-1])
    return Model(
        peak.place[:-1],
        peak.cov[:p, :p],
        constant_df(inf),
        "observed information",
        special.expit(x @ peak.place[:-1] + modes[codes]),
        np.empty(0),
        peak.cov[:p, :p],
        converged=peak.settled,
        warnings=() if peak.settled else ("the iterations did not converge",),
        log_likelihood=like + binomial,
        extra={
            "sd": sd,
            "sd_se": float(np.sqrt(peak.cov[p, p])),
            "modes": modes,
            "icc": sd**2 / (sd**2 + np.pi**2 / 3),
            "boundary": False,
            "points": points,
        },
    )


def _without(
    plain: Model, cov: Floats, good: bool, said: tuple[str, ...], like: float, count: int
) -> Model:
    """Answer with the model that has no random intercept."""
    extra = {
        "sd": 0.0 if good else float("nan"),
        "sd_se": float("nan"),
        "modes": np.zeros(count),
        "icc": 0.0 if good else float("nan"),
        "boundary": good,
    }
    return Model(
        plain.coef,
        cov,
        constant_df(inf),
        "observed information",
        plain.fitted,
        np.empty(0),
        cov,
        converged=good,
        warnings=said,
        log_likelihood=like,
        extra=extra,
    )
